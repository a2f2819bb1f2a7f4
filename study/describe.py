"""Questions, plans and studies in words, for ``list``, ``plan`` and ``status``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from study.data import TextData, read_texts
from study.estimate import estimate
from study.folder import Arm, Folder
from study.launch.options import Launch
from study.plan import Plan, plan
from study.question import Question
from study.record import SCORED


def space_lines(question: Question) -> list[str]:
    """The question's space, a line per setting."""
    lines = [f"compares {name}: {text}" for name, text in _factors(question).items()]
    lines += [f"tunes {name}: {domain}" for name, domain in question.tuned.items()]
    lines += [f"fixes {name}: {value}" for name, value in question.fixed.items()]
    lines.append(f"against {', '.join(f'{k}={v}' for k, v in question.baseline.items())}, decided by {question.metric}")
    return lines


def described(question: Question) -> dict[str, Any]:
    """The question as JSON values, with ranges that depend on the model in words."""
    return {
        "name": question.name,
        "asks": question.asks,
        "source": question.source,
        "task": question.task,
        "factors": _factors(question),
        "tuned": {name: str(domain) for name, domain in question.tuned.items()},
        "fixed": dict(question.fixed),
        "baseline": dict(question.baseline),
        "metric": question.metric,
        "seeds": len(question.seeds),
        "trials": question.trials,
    }


def _factors(question: Question) -> dict[str, str]:
    from collections.abc import Mapping

    if not isinstance(question.factors, Mapping):
        return {"points": "; ".join(str(point) for point in question.factors)}
    return {
        name: (values.__doc__ or "depends on the model").splitlines()[0].rstrip(".")
        if callable(values)
        else ", ".join(map(str, values))
        for name, values in question.factors.items()
    }


def plan_text(folder: Folder, arms: Sequence[Arm], options: Launch, data: TextData) -> str:
    """What would run, what is done, and what it would cost."""
    records = folder.store.records()
    result = plan(arms, records)
    lines = [line for arm in arms for line in _arm_lines(arm)]
    lines.append(_counts(result))
    for phase in ("tune", "compare"):
        count = sum(planned.phase == phase for planned in (*result.done, *result.ready))
        lines.append(
            f"  {phase}: {count} trials known"
            + (f", {result.undecided} follow from results" if phase == "compare" and result.undecided else "")
        )
    needed = estimate(arms, result, records, options, [_characters(folder, arm, data) for arm in arms])
    lines.append(f"about {needed.minutes:.0f} minutes and {needed.bytes / 1e6:.1f} MB ({needed.basis})")
    return "\n".join(lines)


def status_text(folder: Folder) -> str:
    """Where a study stands: arms, counts by status, what failed, damaged files."""
    arms, records = folder.arms(), folder.store.records()
    result = plan(arms, records)
    lines = [f"{arms[0].question.name}: {arms[0].question.asks}"]
    lines += [line for arm in arms for line in _arm_lines(arm)]
    lines.append(_counts(result))
    statuses = Counter(record.status for record in records.values())
    lines.append("records: " + (", ".join(f"{n} {status}" for status, n in sorted(statuses.items())) or "none"))
    for record in records.values():
        if record.status not in SCORED:
            lines.append(f"  {record.status} {record.key}: {(record.error or {}).get('message', '')[:200]}")
    lines += [f"  no comparison: {why}" for why in result.dead]
    lines += [f"  damaged, will run again: {path}" for path in folder.store.damaged()]
    if result.ready or result.undecided:
        lines.append(f"go on with: run_study.py resume {folder.root}")
    return "\n".join(lines)


def _arm_lines(arm: Arm) -> list[str]:
    sizes = "/".join(f"{arm.sizes[split]:,}" for split in ("train", "validation", "test"))
    lines = [
        f"{arm.model.name} ({arm.model_source}) on {arm.data.name} ({arm.data_source}; {sizes} train/validation/test)"
    ]
    return lines + [f"  {note}" for note in arm.notes]


def _counts(result: Plan) -> str:
    return f"{result.total} trials planned, {len(result.done)} done, {result.total - len(result.done)} to run"


def _characters(folder: Folder, arm: Arm, data: TextData) -> float:
    """Characters per training text, on the first thousand."""
    if arm.data.fingerprint != data.fingerprint:
        data = read_texts(folder.texts(arm.data.fingerprint))
    return fmean(map(len, data.splits["train"]["text"].slice(0, 1000).to_pylist()))
