"""What was cut from texts that are longer than the longest input, as the trials recorded it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.folder import Arm, Study
from analysis.markdown import code, count, escape

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
            lost = f", {_percent(dropped, tokens)} of all tokens dropped" if dropped else ""
            parts.append(f"{split}: {_percent(cut, texts)} of {count(texts, 'text')}{lost}")
    what = "split into windows of" if how == "windows" else "cut at"
    kept = f" ({code('truncation')} = {escape(how)})" if how != "head" else ""
    added = f", added up over {count(len(folds), 'fold')}" if len(folds) > 1 else ""
    return f"{escape(model)}, {what} {longest} tokens{kept}{added}. " + "; ".join(parts) + "."


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0.0%"
