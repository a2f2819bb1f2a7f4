"""A small model of every architecture that has a row, with a tokenizer of its kind, built in code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.small import BAD, GOOD, PLAIN

WIDTH, LAYERS, POSITIONS = 32, 3, 64

_WORDPIECE = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
_COMMON = {
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "intermediate_size": 2 * WIDTH,
    "max_position_embeddings": POSITIONS,
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
}

KINDS: dict[str, tuple[str, list[str], dict[str, Any]]] = {
    "bert": ("wordpiece", _WORDPIECE, _COMMON),
    "roberta": ("bytes", _ROBERTA, _COMMON),
    "xlm-roberta": ("unigram", _ROBERTA, _COMMON),
    "camembert": ("unigram", _ROBERTA, _COMMON),
    "distilbert": (
        "wordpiece",
        _WORDPIECE,
        {
            **{"dim": WIDTH, "n_layers": LAYERS, "n_heads": 2, "hidden_dim": 2 * WIDTH},
            "max_position_embeddings": POSITIONS,
        },
    ),
    "electra": ("wordpiece", _WORDPIECE, {**_COMMON, "embedding_size": WIDTH // 2}),
    "albert": (
        "unigram",
        ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"],
        {**_COMMON, "embedding_size": WIDTH // 2, "num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 2},
    ),
    "deberta-v2": (
        "unigram",
        ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"],
        {
            **_COMMON,
            "relative_attention": True,
            "position_buckets": 8,
            "pos_att_type": ["p2c", "c2p"],
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "position_biased_input": False,
            "conv_kernel_size": 3,
            "conv_act": "gelu",
        },
    ),
    "mpnet": ("wordpiece", ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"], _COMMON),
    "modernbert": (
        "bytes",
        ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"],
        {
            **{k: v for k, v in _COMMON.items() if not k.endswith("_prob")},
            "embedding_dropout": 0.1,
            "attention_dropout": 0.1,
            "mlp_dropout": 0.1,
            "local_attention": 8,
        },
    ),
    "gpt2": (
        "bytes",
        ["<|endoftext|>"],
        {"n_embd": WIDTH, "n_layer": LAYERS, "n_head": 2, "n_positions": POSITIONS},
    ),
    "xlnet": (
        "unigram",
        ["<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>"],
        {"d_model": WIDTH, "n_layer": LAYERS, "n_head": 2, "d_inner": 2 * WIDTH, "dropout": 0.1},
    ),
}
"""``model_type`` -> the kind of vocabulary, its special tokens in order, and the sizes of the small configuration."""


def small_config(kind: str, **changes: Any) -> Any:
    """The small configuration of this kind, with the special tokens' numbers in it."""
    from transformers import AutoConfig

    _, special, sizes = KINDS[kind]
    numbers = {f"{role}_token_id": special.index(token) for role, token in _roles(kind).items()}
    numbers = {name: number for name, number in numbers.items() if name[:3] in ("pad", "bos", "eos", "cls", "sep")}
    if kind == "gpt2":
        numbers = {"bos_token_id": 0, "eos_token_id": 0}
    # Ten times the usual spread, so that what a text says moves its logits by more than rounding does.
    wide = {"vocab_size": 128, "initializer_range": 0.2}
    return AutoConfig.for_model(kind, **{**wide, **sizes, **numbers, **changes})


def small_architecture(kind: str, folder: Path, head: tuple[str, ...] = (), seed: int = 0, **changes: Any) -> Path:
    """The folder with a small model of this ``model_type`` and its tokenizer, as save_pretrained leaves them.

    ``head``: class names, for a checkpoint that brings a classification head. ``changes`` go into the configuration.
    """
    import torch
    from transformers import AutoModel, AutoModelForSequenceClassification

    torch.manual_seed(seed)
    if head:
        changes |= {"id2label": dict(enumerate(head)), "label2id": {name: i for i, name in enumerate(head)}}
    config = small_config(kind, **changes)
    network = (AutoModelForSequenceClassification if head else AutoModel).from_config(config)
    network.save_pretrained(folder)
    small_tokenizer(kind).save_pretrained(folder)
    return folder


def small_tokenizer(kind: str) -> Any:
    """A tokenizer of this architecture's kind, trained on the words of the small data set; 128 tokens at most."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    vocabulary, special, _ = KINDS[kind]
    roles = _roles(kind)
    sentences = [" ".join((*GOOD, *BAD, *PLAIN))] * 3
    if vocabulary == "wordpiece":
        made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
        trainer: Any = trainers.WordPieceTrainer(vocab_size=128, special_tokens=special, show_progress=False)
    elif vocabulary == "bytes":
        made = Tokenizer(models.BPE())
        made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(), decoders.ByteLevel()
        trainer = trainers.BpeTrainer(vocab_size=128, special_tokens=special, show_progress=False)
    else:
        made = Tokenizer(models.Unigram())
        made.pre_tokenizer, made.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=128, special_tokens=special, unk_token=roles["unk"], show_progress=False
        )
    made.train_from_iterator(sentences, trainer)
    if kind != "gpt2":
        begin, end = roles["cls"], roles["sep"]
        single, pair = f"{begin} $A {end}", f"{begin} $A {end} $B:1 {end}:1"
        if kind == "xlnet":
            single, pair = f"$A {end} {begin}:2", f"$A {end} $B:1 {end}:1 {begin}:2"
        numbers = [(token, special.index(token)) for token in (begin, end)]
        made.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=numbers)
    tokens = {f"{role}_token": token for role, token in roles.items()}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=POSITIONS, **tokens)


def pickled(folder: Path, legacy: bool = False) -> Path:
    """The folder with its safetensors weights turned into a pickle; ``legacy``: as torch wrote them before 1.6."""
    import torch
    from safetensors.torch import load_file

    weights = load_file(folder / "model.safetensors")
    torch.save(weights, folder / "pytorch_model.bin", _use_new_zipfile_serialization=not legacy)
    (folder / "model.safetensors").unlink()
    return folder


def _roles(kind: str) -> dict[str, str]:
    """Role -> token: pad, unk, cls, sep, mask, bos, eos, as far as the kind has them."""
    special = KINDS[kind][1]
    if kind == "gpt2":
        return {"bos": special[0], "eos": special[0], "unk": special[0]}
    plain = {token.strip("<>[]").lower(): token for token in special}
    roles = {role: plain[role] for role in ("pad", "unk", "mask")}
    roles |= {"cls": plain.get("cls", plain.get("s", "")), "sep": plain.get("sep", plain.get("/s", ""))}
    return roles | ({"bos": plain["s"], "eos": plain["/s"]} if "s" in plain else {})
