"""A long text is cut as asked, whichever tokenizer it goes through; short ones are left as they are."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from study.data.tokens import Tokens, token_key, tokens
from study.data.truncation import ends, pieces
from study.errors import InputError
from study.settings import TRAINING

TRUNCATIONS = TRAINING["truncation"].choices
WORDS = [f"w{i}" for i in range(200)]
LENGTHS = (1, 5, 9, 10, 11, 12, 13, 40, 97)
TEXTS = [" ".join(WORDS[:length]) for length in LENGTHS]
KINDS = {"bert": ("[CLS] $A [SEP]", 1, 1), "xlnet": ("$A [SEP] [CLS]:2", 0, 2), "gpt2": ("$A", 0, 0)}
"""How tokenizers put special tokens around a text, and how many of them before and after."""


def tokenizer_of(kind: str):
    """A tokenizer of one token per word, with special tokens in the places of this kind."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS]
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if kind != "gpt2":
        pair = "[CLS] $A [SEP] $B:1 [SEP]:1" if kind == "bert" else "$A [SEP] $B:1 [SEP]:1 [CLS]:2"
        made.post_processor = processors.TemplateProcessing(
            single=KINDS[kind][0], pair=pair, special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def made(cache: Path, kind: str, truncation: str, longest: int, texts=TEXTS, pairs=None) -> Tokens:
    columns = {"text": texts, "label": pa.array(range(len(texts)), pa.int32()), "row": range(10, 10 + len(texts))}
    table = pa.table({"text": texts, "pair": pairs, **columns} if pairs else columns)
    key = token_key(f"{kind}{'-pairs' if pairs else ''}", "t", longest, truncation)
    found = tokens(
        lambda: {"train": table.to_batches(max_chunksize=4)},
        key,
        cache,
        lambda: tokenizer_of(kind),
        longest,
        truncation,
    )
    return found["train"]


def ids(found: Tokens) -> list[list[int]]:
    return [found[i]["input_ids"].tolist() for i in range(len(found))]


@pytest.mark.parametrize(("kind", "longest"), itertools.product(KINDS, (4, 12, 13, 64)))
def test_head_is_what_the_tokenizers_own_truncation_keeps(tmp_path, kind, longest):
    own = tokenizer_of(kind)(TEXTS, truncation=True, max_length=longest)
    found = made(tmp_path, kind, "head", longest)
    assert ids(found) == own["input_ids"]
    if found.types is not None:
        assert [found[i]["token_type_ids"].tolist() for i in range(len(found))] == own["token_type_ids"]


@pytest.mark.parametrize("kind", KINDS)
def test_tail_is_what_the_tokenizers_truncation_on_the_left_keeps(tmp_path, kind):
    own = tokenizer_of(kind)
    own.truncation_side = "left"
    assert ids(made(tmp_path, kind, "tail", 12)) == own(TEXTS, truncation=True, max_length=12)["input_ids"]


@pytest.mark.parametrize(("kind", "longest"), itertools.product(KINDS, (4, 12, 13, 30)))
def test_windows_are_those_of_the_tokenizers_own_overflow(tmp_path, kind, longest):
    _, before, after = KINDS[kind]
    own = tokenizer_of(kind)(
        TEXTS,
        truncation=True,
        max_length=longest,
        stride=(longest - before - after) // 4,
        return_overflowing_tokens=True,
    )
    found = made(tmp_path, kind, "windows", longest)
    assert ids(found) == own["input_ids"]
    assert found.owner.tolist() == own["overflow_to_sample_mapping"]


@pytest.mark.parametrize("kind", KINDS)
def test_head_and_tail_is_a_quarter_from_the_start_and_the_rest_from_the_end(tmp_path, kind):
    _, before, after = KINDS[kind]
    found = made(tmp_path, kind, "head_tail", 12 + before + after)
    plain = tokenizer_of("gpt2")
    for i, text in enumerate(TEXTS):
        words = text.split()
        kept = words if len(words) <= 12 else words[:3] + words[-9:]
        expected = plain(" ".join(kept))["input_ids"]
        assert ids(found)[i][before : len(ids(found)[i]) - after] == expected


def test_head_and_tail_of_bert_are_those_of_the_paper():
    (kept,) = pieces(2000, 1, 1, 512, "head_tail")
    content = kept[1:-1]
    assert content.tolist() == [*range(1, 129), *range(1999 - 382, 1999)]
    assert (kept[0], kept[-1]) == (0, 1999)


@pytest.mark.parametrize("kind", KINDS)
def test_short_texts_are_the_same_under_all_four(tmp_path, kind):
    longest = 13
    found = {truncation: made(tmp_path, kind, truncation, longest) for truncation in TRUNCATIONS}
    _, before, after = KINDS[kind]
    short = [i for i, length in enumerate(LENGTHS) if length + before + after <= longest]
    assert len(short) > 3
    for one in found.values():
        for text in short:
            (example,) = one.examples_of(text)
            assert one[example]["input_ids"].tolist() == tokenizer_of(kind)(TEXTS[text])["input_ids"]
    long = found["head"].texts - 1
    assert len({str([one[i]["input_ids"].tolist() for i in one.examples_of(long)]) for one in found.values()}) == 4


@pytest.mark.parametrize("longest", [4, 5, 6, 9, 16, 31])
def test_windows_lose_no_token_and_share_no_more_than_a_quarter(longest):
    for length, (before, after) in itertools.product(range(longest + 1, 90), [(1, 1), (0, 2), (0, 0)]):
        windows = pieces(length, before, after, longest, "windows")
        room = longest - before - after
        content = [window[before : len(window) - after] for window in windows]
        assert all(len(window) <= longest for window in windows)
        assert sorted(set(np.concatenate(content).tolist())) == list(range(before, length - after))
        for one, following in itertools.pairwise(content):
            assert len(one) == room
            assert len(set(one.tolist()) & set(following.tolist())) == room // 4
            assert following[-1] > one[-1], "no window lies within the one before it"
        for window in windows:
            assert window[:before].tolist() == list(range(before))
            assert window[len(window) - after :].tolist() == list(range(length - after, length))


@pytest.mark.parametrize("kind", KINDS)
def test_labels_rows_and_windows_stay_with_their_texts(tmp_path, kind):
    found = made(tmp_path, kind, "windows", 12)
    assert found.texts == len(TEXTS) < len(found)
    assert found.labels.tolist() == list(range(len(TEXTS)))
    assert found.rows.tolist() == list(range(10, 10 + len(TEXTS)))
    assert [found[i]["labels"] for i in range(len(found))] == found.classes.tolist() == found.owner.tolist()
    assert [i for text in range(found.texts) for i in found.examples_of(text)] == list(range(len(found)))


def test_a_texts_value_is_the_mean_over_its_windows_and_its_own_where_it_has_one(tmp_path):
    found = made(tmp_path, "bert", "windows", 12)
    values = np.random.default_rng(0).normal(size=(len(found), 3)).astype(np.float32)
    means = found.per_text(values)
    assert means.dtype == np.float32
    for text in range(found.texts):
        own = values[[i for i, owner in enumerate(found.owner) if owner == text]]
        assert means[text] == pytest.approx(own.mean(0), rel=1e-6)
        assert len(own) > 1 or np.array_equal(means[text], own[0])
    plain = made(tmp_path, "bert", "head", 12)
    assert plain.per_text(values[: len(TEXTS)]) is not None
    assert np.array_equal(plain.per_text(values[: len(TEXTS)]), values[: len(TEXTS)])


@pytest.mark.parametrize(("kind", "truncation"), itertools.product(KINDS, TRUNCATIONS))
def test_what_truncation_did_is_counted(tmp_path, kind, truncation):
    room = 12 - sum(KINDS[kind][1:])
    long = [length for length in LENGTHS if length > room]
    dropped = 0 if truncation == "windows" else sum(length - room for length in long)
    expected = {"texts": len(LENGTHS), "cut": len(long), "tokens": sum(LENGTHS), "dropped": dropped}
    assert made(tmp_path, kind, truncation, 12).counts == expected


def test_a_special_token_written_in_a_text_is_content(tmp_path):
    texts = ["[SEP] " * 30 + "[CLS]", "[SEP]", "[SEP] [SEP] w1"]
    own = tokenizer_of("bert")(texts, truncation=True, max_length=12)["input_ids"]
    found = made(tmp_path, "bert", "head", 12, texts)
    assert ids(found) == own
    assert found.counts["tokens"] == 31 + 1 + 3


def test_the_ends_of_a_text_without_content_are_all_it_has():
    assert ends([1, 1]) == (2, 0)
    assert ends([1, 0, 0, 1]) == (1, 1)
    assert ends([0, 1, 1]) == (0, 2)
    assert ends([0, 1, 0]) == (0, 0)


@pytest.mark.parametrize("longest", [6, 12, 15, 64])
@pytest.mark.parametrize("kind", ["bert", "xlnet"])
def test_pairs_are_encoded_and_cut_as_pairs(tmp_path, kind, longest):
    others = list(reversed(TEXTS))
    own = tokenizer_of(kind)(TEXTS, others, truncation=True, max_length=longest)
    whole = tokenizer_of(kind)(TEXTS, others)["input_ids"]
    found = made(tmp_path, kind, "head", longest, pairs=others)
    assert ids(found) == own["input_ids"]
    assert [found[i]["token_type_ids"].tolist() for i in range(len(found))] == own["token_type_ids"]
    assert found.types.dtype == np.uint8
    assert found.segments == (2 if kind == "bert" else 3)
    assert found.counts == {
        "texts": len(TEXTS),
        "cut": sum(len(one) > longest for one in whole),
        "tokens": sum(map(len, whole)) - 3 * len(TEXTS),
        "dropped": sum(max(0, len(one) - longest) for one in whole),
    }


def test_segments_are_kept_only_where_there_are_any(tmp_path):
    assert made(tmp_path, "bert", "head", 12).types is None
    assert "token_type_ids" not in made(tmp_path, "bert", "head", 12)[0]
    last = made(tmp_path, "xlnet", "windows", 12)
    assert all(last[i]["token_type_ids"].tolist()[-2:] == [0, 2] for i in range(len(last)))
    assert last.segments == 3


@pytest.mark.parametrize("truncation", [name for name in TRUNCATIONS if name != "head"])
def test_pairs_are_only_cut_at_their_end(tmp_path, truncation):
    with pytest.raises(InputError, match=f"truncation={truncation}: these texts come in pairs"):
        made(tmp_path, "bert", truncation, 12, pairs=TEXTS)


def test_a_length_without_room_for_the_text_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"max_length=2: .* adds 2 tokens .* Set max_length to 3 or more"):
        made(tmp_path, "bert", "head", 2)
    with pytest.raises(InputError, match=r"max_length=4: .* adds 3 tokens .* Set max_length to 5 or more"):
        made(tmp_path, "bert", "head", 4, pairs=TEXTS)
