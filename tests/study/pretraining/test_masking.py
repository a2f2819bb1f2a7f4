"""What is hidden of a text: how much, how, never special tokens, and whole words whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from study.models.objectives import objectives_of, word_mark
from study.models.padding import Padding
from study.pretraining.masking import IGNORED, masking
from study.pretraining.words import continuing, word_numbers
from tests.architectures import KINDS, small_tokenizer
from tests.small import BAD, GOOD, PLAIN

WORDS = [*GOOD, *BAD, *PLAIN, "houses", "unlovely", "storyteller"]


def batch(tokenizer, texts: int = 400, seed: int = 0, padding: Padding | None = None) -> dict[str, torch.Tensor]:
    """Texts of three to thirty words, padded."""
    rng = np.random.default_rng(seed)
    rows = [tokenizer(" ".join(rng.choice(WORDS, rng.integers(3, 30))))["input_ids"] for _ in range(texts)]
    longest, padding = max(map(len, rows)), padding or Padding(tokenizer.pad_token_id)
    ids = torch.full((texts, longest), padding.id)
    mask = torch.zeros(texts, longest, dtype=torch.long)
    for line, row in enumerate(rows):
        where = slice(longest - len(row), None) if padding.side == "left" else slice(0, len(row))
        ids[line, where], mask[line, where] = torch.tensor(row), 1
    return {"input_ids": ids, "attention_mask": mask}


def within(successes: int, trials: int, share: float) -> bool:
    """Whether a count is within four standard errors of its expectation."""
    return abs(successes - trials * share) < 4 * (trials * share * (1 - share)) ** 0.5


def content(tokenizer, ids: torch.Tensor) -> torch.Tensor:
    return ~torch.isin(ids, torch.tensor(tokenizer.all_special_ids))


@pytest.mark.parametrize("rate", [0.15, 0.4])
@pytest.mark.parametrize(("kind", "objective"), [("bert", "masked"), ("bert", "whole_word"), ("roberta", "whole_word")])
def test_so_many_tokens_are_predicted_and_80_10_10_become_mask_another_or_stay(kind, objective, rate):
    tokenizer = small_tokenizer(kind)
    given = batch(tokenizer)
    torch.manual_seed(0)
    found = masking(objective, tokenizer, rate, Padding(tokenizer.pad_token_id))(given)
    may = content(tokenizer, given["input_ids"])
    chosen = found["labels"] != IGNORED
    assert not (chosen & ~may).any(), "a special token is to be predicted"
    count, trials = int(chosen.sum()), int(may.sum())
    if objective == "masked":
        assert within(count, trials, rate)
    else:
        assert abs(count / trials - rate) < 0.03  # words are drawn, of several tokens each
    masked = found["input_ids"][chosen] == tokenizer.mask_token_id
    assert within(int(masked.sum()), count, 0.8)
    other = (found["input_ids"][chosen] != given["input_ids"][chosen]) & ~masked
    # one of the even draws from the vocabulary gives the token itself, and one the mask token
    assert within(int(other.sum()), count, 0.1 * (1 - 2 / len(tokenizer)))
    assert torch.equal(found["labels"][chosen], given["input_ids"][chosen])
    assert torch.equal(found["input_ids"][~chosen], given["input_ids"][~chosen])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("gpt2", "xlnet")])
def test_whole_words_are_whole(kind):
    tokenizer = small_tokenizer(kind)
    text = " ".join(WORDS * 3)
    encoded = tokenizer(text)
    given = {
        "input_ids": torch.tensor([encoded["input_ids"]]),
        "attention_mask": torch.ones(1, len(encoded[0].ids)).long(),
    }
    whole, cut = set(), False
    for seed in range(30):
        torch.manual_seed(seed)
        found = masking("whole_word", tokenizer, 0.3, Padding(tokenizer.pad_token_id))(given)
        chosen = (found["labels"][0] != IGNORED).tolist()
        # the library's own account of which characters a token covers, which the masking does not have
        for start, stop in spans(text):
            parts = {chosen[i] for i, (a, b) in enumerate(encoded[0].offsets) if a < stop and b > start and a < b}
            assert len(parts) == 1, text[start:stop]
            whole |= parts
            cut |= sum(a < stop and b > start for a, b in encoded[0].offsets) > 1
    assert whole == {True, False}
    assert cut, "no word of several tokens"


def spans(text: str) -> list[tuple[int, int]]:
    """Where the words are; without the space before, which some tokenizers count to the token."""
    ends = np.cumsum([len(word) + 1 for word in text.split(" ")]) - 1
    return [(int(end) - len(word), int(end)) for end, word in zip(ends, text.split(" "), strict=True)]


def test_punctuation_is_a_word_of_its_own_in_a_byte_level_vocabulary():
    class Vocabulary:
        tokens = ("<s>", "Ġfilm", "s", ",", "Ġ(", "good", "Ã", "©")

        def __len__(self):
            return len(self.tokens)

        def get_vocab(self):
            return dict.fromkeys(self.tokens, 0)

        def convert_ids_to_tokens(self, numbers):
            return [self.tokens[i] for i in numbers]

    goes_on, alone = continuing(Vocabulary())
    ids = np.array([[0, 1, 2, 3, 4, 5, 6, 7, 0]])
    special = ids == 0
    assert word_numbers(ids, special, goes_on, alone).tolist() == [[-1, 0, 0, 1, 2, 3, 3, 3, -1]]


def test_a_few_words_with_the_mark_of_another_vocabulary_do_not_decide():
    class Bytes:
        def get_vocab(self):
            return {"##": 0, "####": 1, "Ġa": 2, "Ġb": 3, "Ġc": 4}

    assert word_mark(Bytes()) == "Ġ"


@pytest.mark.parametrize("objective", ["masked", "whole_word", "permutation"])
def test_the_draws_are_those_of_the_global_generator(objective):
    tokenizer = small_tokenizer("xlnet" if objective == "permutation" else "bert")
    given = batch(tokenizer, texts=8)
    hide = masking(objective, tokenizer, 0.15, Padding(tokenizer.pad_token_id))

    def drawn(seed: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(seed)
        return hide(given)

    first, again, other = drawn(1), drawn(1), drawn(2)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["labels"], other["labels"])


def test_causal_predicts_every_token_that_is_not_padding():
    tokenizer = small_tokenizer("gpt2")
    given = batch(tokenizer, texts=5, padding=Padding(tokenizer.eos_token_id))
    # the end of the text is also what fills the batch: a real one counts, the filling does not
    given["input_ids"][:, 1] = tokenizer.eos_token_id
    found = masking("causal", tokenizer, 0.15, Padding(tokenizer.eos_token_id))(given)
    assert torch.equal(found["labels"] != IGNORED, given["attention_mask"] == 1)
    assert torch.equal(found["input_ids"], given["input_ids"])


def test_permutation_predicts_spans_hides_them_and_comes_at_an_even_length():
    tokenizer = small_tokenizer("xlnet")
    padding = Padding(tokenizer.pad_token_id, "left", 3)
    total = chosen_in_all = 0
    for seed in range(4):
        given = batch(tokenizer, texts=60, seed=seed, padding=padding)
        torch.manual_seed(seed)
        found = masking("permutation", tokenizer, 1 / 6, padding)(given)
        length = given["input_ids"].shape[1]
        added = found["input_ids"].shape[1] - length
        assert added == length % 2
        assert (found["attention_mask"][:, :added] == 0).all()
        chosen = found["labels"] != IGNORED
        original = torch.nn.functional.pad(given["input_ids"], (added, 0), value=padding.id)
        assert not (chosen & ~content(tokenizer, original)).any()
        assert (found["input_ids"][chosen] == tokenizer.mask_token_id).all()
        assert torch.equal(found["labels"][chosen], original[chosen])
        # no predicted token sees itself, and nobody sees those that come later
        for line in range(len(chosen)):
            places = chosen[line].nonzero()[:, 0]
            assert (found["perm_mask"][line][places, places] == 1).all()
            assert (found["perm_mask"][line][:, ~chosen[line]] == 0).all()
        total += int(content(tokenizer, original).sum())
        chosen_in_all += int(chosen.sum())
    assert 0.1 < chosen_in_all / total < 0.23


@pytest.mark.parametrize("kind", KINDS)
def test_each_architecture_has_its_objectives(kind):
    found = objectives_of(kind, small_tokenizer(kind))
    assert found == {"gpt2": ("causal",), "xlnet": ("permutation",)}.get(kind, ("masked", "whole_word"))


def test_without_a_mask_token_or_a_known_network_there_is_none():
    tokenizer = small_tokenizer("bert")
    tokenizer.mask_token = None
    assert objectives_of("bert", tokenizer) == ()
    assert objectives_of("unheard", small_tokenizer("bert")) == ()
