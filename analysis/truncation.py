"""What was cut from texts that are longer than the longest input, as the trials recorded it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.folder import Arm, Study
from analysis.language import say
from analysis.markdown import code, count, escape, percent
from analysis.metrics import split_name

SPLITS = ("train", "validation", "test")

Counts = Mapping[str, Mapping[str, int]]
"""By split: texts, those that were cut, their tokens in all and how many of them were dropped."""


def truncation(study: Study, arm: Arm) -> list[str]:
    """A list of sentences, one for every model and way of cutting on an arm's data; empty where no trial says."""
    ways: dict[tuple[str, Any, str], dict[str, Counts]] = {}
    for record in study.records.values():
        told = record.provenance.get("truncation")
        if not told or record.data.fingerprint not in arm.fingerprints:
            continue
        model = study.names[record.model.name, record.model.fingerprint]
        way = (model, record.setting.get("max_length"), str(record.setting.get("truncation") or "head"))
        # all trials of one way on one fold say the same, but tuning ones say nothing of test
        known = ways.setdefault(way, {}).get(record.data.fingerprint, {})
        ways[way][record.data.fingerprint] = {**known, **told}
    if not ways:
        return []
    lines = [_sentence(way, list(folds.values())) for way, folds in sorted(ways.items(), key=str)]
    return ["\n".join(f"- {line}" for line in lines)]


def _sentence(way: tuple[str, Any, str], folds: list[Counts]) -> str:
    model, longest, how = way
    parts = []
    for split in SPLITS:
        texts, cut, tokens, dropped = (
            sum(fold[split][name] for fold in folds if split in fold) for name in ("texts", "cut", "tokens", "dropped")
        )
        if texts:
            share, every = percent(cut / texts, 1), count(texts, "text")
            parts.append(_lost(split_name(split), share, every, dropped / tokens if dropped else 0.0))
    kept = f" ({code('truncation')} = {escape(how)})" if how != "head" else ""
    told = {"model": escape(model), "tokens": longest, "kept": kept, "parts": "; ".join(parts)}
    if len(folds) == 1:
        if how == "windows":
            return say("{model}, split into windows of {tokens} tokens{kept}. {parts}.", **told)
        return say("{model}, cut at {tokens} tokens{kept}. {parts}.", **told)
    told["folds"] = count(len(folds), "fold")
    if how == "windows":
        return say("{model}, split into windows of {tokens} tokens{kept}, added up over {folds}. {parts}.", **told)
    return say("{model}, cut at {tokens} tokens{kept}, added up over {folds}. {parts}.", **told)


def _lost(split: str, share: str, texts: str, dropped: float) -> str:
    """How many texts of a split were cut, and the share of all tokens that was dropped, where any was."""
    if not dropped:
        return say("{split}: {share} of {texts}", split=split, share=share, texts=texts)
    return say(
        "{split}: {share} of {texts}, {dropped} of all tokens dropped",
        split=split, share=share, texts=texts, dropped=percent(dropped, 1),
    )  # fmt: skip
