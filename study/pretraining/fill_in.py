"""Fill-ins: what a language model puts into the blank of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from study.errors import InputError
from study.models.objectives import word_mark
from study.pretraining.predicting import log_probabilities
from study.pretraining.words import continuing

BLANK = "___"
_LONGEST, _MOST = 400, 100
_BUNDLED = Path(__file__).with_name("sentences.txt")

FillIn = list[tuple[str, float]]


def fill_ins(
    network: Any, tokenizer: Any, objective: str, sentences: Sequence[str], device: str, count: int = 5
) -> list[FillIn]:
    """For each sentence the most probable tokens for its ``___`` with their probabilities, the first the best.

    ``masked`` and ``whole_word`` put the mask token there; ``permutation`` asks XLNet's query stream for that place,
    which nothing sees; both read the sentence on either side. ``causal`` gives what follows the words before the
    blank, and reads none after it: where the blank comes first, what follows the token that begins a text, and nothing
    at all where the vocabulary has none. Probabilities are shares of the whole vocabulary, so they add up to less than
    1; special tokens and those that print nothing are passed over. One token is shown as it is read: without the marks
    of its vocabulary, and with "…" before it where it continues a word instead of beginning one.

    ValueError for a sentence in which the tokenizer finds not one mask token. The network is on ``device``; it is left
    there, in evaluation mode.
    """
    import torch

    network.eval()
    shown = _shown(tokenizer)
    found: list[FillIn] = []
    with torch.inference_mode():
        for sentence in sentences:
            ids, place = _asked(tokenizer, objective, sentence)
            if place is None:
                found.append([])
                continue
            batch = {"input_ids": torch.tensor([ids], device=device)}
            batch["attention_mask"] = torch.ones_like(batch["input_ids"])
            hidden = torch.zeros_like(batch["input_ids"], dtype=torch.bool)
            hidden[0, place] = True
            said = log_probabilities(network, batch, hidden, objective, tokenizer.mask_token_id)[0].exp()
            found.append(_best(said.cpu().numpy(), shown, _begins(sentence), count))
    return found


def read_sentences(path: str | Path) -> tuple[str, ...]:
    """The sentences of a text file, one per line, each with exactly one ``___``; empty lines are passed over.

    InputError, with every line that is wrong, for a file that cannot be read, holds none or more than 100, or a
    sentence of more than 400 characters.
    """
    try:
        lines = Path(path).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"--fill-in {path}: cannot be read ({error}). Give a text file in UTF-8 with one sentence per line, and "
            f"{BLANK} where the word is missing."
        ) from None
    found = {number: line.strip() for number, line in enumerate(lines, 1) if line.strip()}
    problems = [f"--fill-in {path}, line {n}: {said}" for n, line in found.items() if (said := _problem(line))]
    if not found:
        problems.append(f"--fill-in {path}: holds no sentence. Write one per line, with {BLANK} for the missing word.")
    if len(found) > _MOST:
        problems.append(f"--fill-in {path}: {len(found)} sentences; at most {_MOST} are filled in. Leave some out.")
    if problems:
        raise InputError(problems)
    return tuple(found.values())


def unreadable(sentences: Sequence[str], tokenizer: Any, objectives: Sequence[str], positions: int | None) -> list[str]:
    """A sentence of our own for each of these that a model cannot fill in: its tokenizer finds another mask token than
    the blank's, or more tokens than the longest input has."""
    found = []
    for sentence in sentences:
        for objective in objectives:
            try:
                ids, _ = _asked(tokenizer, objective, sentence)
            except ValueError as error:
                found.append(f"{error}. Leave other mask tokens out.")
                break
            if positions and len(ids) > positions:
                shown = f"{sentence[:40]}…" if len(sentence) > 40 else sentence
                found.append(f"{shown!r}: {len(ids)} tokens, and the model reads {positions}. Shorten it.")
                break
    return found


def bundled_sentences() -> tuple[str, ...]:
    """The sentences for whoever gives none: on films, on books, and on neither."""
    return read_sentences(_BUNDLED)


def _problem(line: str) -> str | None:
    blanks = re.findall("_{2,}", line)
    if blanks != [BLANK]:
        given = f"{len(blanks)} blanks" if len(blanks) != 1 else f"a blank of {len(blanks[0])} underscores"
        return f"{given}. Write exactly one {BLANK} (three underscores) where the word is missing."
    if len(line) > _LONGEST:
        return f"{len(line)} characters; at most {_LONGEST} are read. Shorten it."
    return None


def _asked(tokenizer: Any, objective: str, sentence: str) -> tuple[list[int], int | None]:
    """The sentence's tokens and the place of its blank; None where there is nothing to predict it from."""
    special = set(tokenizer.all_special_ids)
    if objective == "causal":
        ids = list(tokenizer(sentence.split(BLANK)[0].rstrip())["input_ids"])
        while ids and ids[-1] in special:  # what ends a text
            ids.pop()
        if not ids:
            first = next((n for n in (tokenizer.bos_token_id, tokenizer.eos_token_id) if n is not None), None)
            if first is None:
                return [], None
            ids = [first]
        return [*ids, ids[-1]], len(ids)  # the last stands where the blank is and is not read
    ids = list(tokenizer(sentence.replace(BLANK, tokenizer.mask_token))["input_ids"])
    places = [place for place, number in enumerate(ids) if number == tokenizer.mask_token_id]
    if len(places) != 1:
        raise ValueError(f"{sentence!r}: {len(places)} mask tokens, but one blank")
    return ids, places[0]


def _begins(sentence: str) -> bool:
    """Whether a word begins at the blank because something other than a space is before it, or nothing."""
    before = sentence.split(BLANK)[0]
    return not before or not before[-1].isspace()


def _shown(tokenizer: Any) -> tuple[list[str], np.ndarray, bool]:
    """Each token as it is read, "" for those passed over; which continue a word; whether marks are on these ("##")."""
    mark = word_mark(tokenizer)
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    special = set(tokenizer.all_special_ids)
    goes_on = np.zeros(len(tokens), bool) if mark is None else continuing(tokenizer)[0]
    texts = [
        "" if number in special else tokenizer.convert_tokens_to_string([token]).strip()
        for number, token in enumerate(tokens)
    ]
    return [text.removeprefix("##") if mark == "##" else text for text in texts], goes_on, mark == "##"


def _best(probabilities: np.ndarray, shown: tuple[list[str], np.ndarray, bool], begins: bool, count: int) -> FillIn:
    texts, goes_on, marked = shown
    best: FillIn = []
    for number in np.argsort(-probabilities, kind="stable"):
        if number < len(texts) and texts[number]:
            dots = "…" if goes_on[number] and (marked or not begins) else ""
            best.append((dots + texts[number], float(probabilities[number])))
        if len(best) == count:
            break
    return best
