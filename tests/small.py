"""A small model and a small data set, built in code: seconds per study, the same code paths as a large one."""

from __future__ import annotations

import csv
import random
from pathlib import Path

GOOD = ("lovely", "warm", "funny", "bright", "tender", "great")
BAD = ("dull", "cold", "tired", "grim", "messy", "awful")
PLAIN = ("the", "film", "was", "a", "story", "about", "an", "old", "house", "and", "its", "people", "who", "stay")


def small_model(folder: Path, layers: int = 3, width: int = 32, seed: int = 0) -> Path:
    """A BERT of random weights with a WordPiece vocabulary of the words above, saved as save_pretrained does."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *GOOD, *BAD, *PLAIN]
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=64,
    ).save_pretrained(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * width,
        max_position_embeddings=64,
        pad_token_id=0,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def rows(count: int, seed: int) -> list[tuple[str, str]]:
    """Balanced (text, label) pairs, all positives first; the words tell the class, save for some noise."""
    rng = random.Random(seed)
    found = []
    for i in range(count):
        positive = i < count // 2
        mood = rng.choices(GOOD if positive else BAD, k=2) + rng.choices(BAD if positive else GOOD, k=rng.randrange(2))
        words = mood + rng.choices(PLAIN, k=rng.randrange(3, 20))
        rng.shuffle(words)
        found.append((" ".join(words), "positive" if positive else "negative"))
    return found


def small_data(folder: Path, train: int = 64, evaluation: int = 32) -> Path:
    """A folder with train, validation and test as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (split, count) in enumerate({"train": train, "validation": evaluation, "test": evaluation}.items()):
        with open(folder / f"{split}.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "label"), *rows(count, number)])
    return folder
