"""Questions, plans and studies in words, for ``list``, ``plan`` and ``status``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from study.artefacts import size_of
from study.data import TextData
from study.estimate import characters, estimate
from study.folder import Arm, Folder
from study.launch.options import Launch
from study.launch.sharing import remembered
from study.plan import Plan, plan
from study.question import Question
from study.record import SCORED
from study.words import counted

_LISTED = 6
"""The most classes that are named."""


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
    if not isinstance(question.factors, Mapping):
        return {"points": "; ".join(str(point) for point in question.factors)}
    return {
        name: (values.__doc__ or "depends on the model").splitlines()[0].rstrip(".")
        if callable(values)
        else ", ".join(map(str, values))
        for name, values in question.factors.items()
    }


def plan_text(folder: Folder, arms: Sequence[Arm], options: Launch, data: Sequence[TextData]) -> str:
    """What would run, what is done, and what it would cost; ``data`` are the texts that the folder may not have yet."""
    records = dict(folder.store.records())
    result = plan(arms, records)
    lines = [*arm_lines(arms), _counts(result)]
    for phase in ("screen", "tune", "compare"):
        count = sum(planned.phase == phase for planned in (*result.done, *result.ready))
        if phase == "screen" and not count:
            continue  # only a search that halves has such trials
        lines.append(
            f"  {phase}: {counted(count, 'trial')} known"
            + (f", {result.undecided} follow from results" if phase == "compare" and result.undecided else "")
        )
    new = {one.fingerprint: one for one in data}
    options = remembered(folder, options)
    needed = estimate(arms, result, records, options, [characters(folder, arm, new) for arm in arms])
    lines.append(f"about {counted(round(needed.minutes), 'minute')} and {needed.bytes / 1e6:.1f} MB ({needed.basis})")
    return "\n".join(lines)


def status_text(folder: Folder) -> str:
    """Where a study stands: arms, counts by status, what failed, damaged files."""
    arms, found = folder.arms(), folder.store.records()
    records = dict(found)
    result = plan(arms, records)
    lines = [f"{arms[0].question.name}: {arms[0].question.asks}"]
    lines += [*arm_lines(arms), _counts(result)]
    statuses = Counter(record.status for record in records.values())
    lines.append("records: " + (", ".join(f"{n} {status}" for status, n in sorted(statuses.items())) or "none"))
    for record in records.values():
        if record.status not in SCORED:
            lines.append(f"  {record.status} {record.key}: {(record.error or {}).get('message', '')[:200]}")
    lines += [f"  no comparison: {why}" for why in result.dead]
    lines += [f"  damaged, will run again: {folder.store.path('records', f'{key}.json')}" for key in found.damaged]
    if folder.logs.is_dir():
        kept = ", ".join(sorted(path.name for path in folder.logs.iterdir()))
        lines.append(f"logs: {size_of(folder.logs) / 1e6:.1f} MB in {folder.logs} ({kept}); remove it if not needed")
    if result.ready or result.undecided:
        lines.append(f"go on with: run_study.py resume {folder.root}")
    return "\n".join(lines)


def arm_lines(arms: Sequence[Arm]) -> list[str]:
    """Which models and data sets a study is about and where each was found: a line each, with its notes below."""
    lines: list[str] = []
    for alike in _grouped(arms, lambda arm: arm.model.fingerprint):
        model = alike[0]
        lines.append(f"model {model.model.name}: {model.model_source}")
        notes = (note for arm in alike for note in arm.notes if _own(arm, note) != note)
        lines += dict.fromkeys(f"  {_own(model, note)}" for note in notes)
    for alike in _grouped(arms, lambda arm: arm.fold.whole if arm.fold else arm.data.fingerprint):
        lines += _data_lines(alike)
    lacking = [arm.question.baseline for arm in arms if not arm.question.compares_baseline(arm.geometry)]
    for baseline in list({str(one): one for one in lacking}.values()):
        told = ", ".join(f"{name}={value}" for name, value in baseline.items())
        lines.append(f"no differences will be shown: the baseline {told} is not among the values compared; add it")
    return lines


def _grouped(arms: Sequence[Arm], by: Callable[[Arm], str]) -> list[list[Arm]]:
    groups: dict[str, list[Arm]] = {}
    for arm in arms:
        groups.setdefault(by(arm), []).append(arm)
    return list(groups.values())


def _own(arm: Arm, note: str) -> str:
    """A note on the arm's model without the model's name before it; a note on the data as it is."""
    return note.removeprefix(f"{arm.model.name}: ")


def _data_lines(alike: Sequence[Arm]) -> list[str]:
    """A data set's line, or that of the first of its folds, and the notes; those of other folds are in the report."""
    arm = alike[0]
    sizes = "/".join(f"{arm.sizes[split]:,}" for split in ("train", "validation", "test"))
    lines = [f"data {arm.data.name}: {arm.data_source}; {sizes} train/validation/test; {_classes(arm)}"]
    lines += [f"  {note}" for note in arm.notes if _own(arm, note) == note]
    folds = sorted({other.fold.number for other in alike if other.fold})
    plural = "s" if len(folds) > 2 else ""
    others = [f"  and fold{plural} {', '.join(map(str, folds[1:]))} of {arm.fold.of}, alike"] if arm.fold else []
    return [*lines, *others]


def _classes(arm: Arm) -> str:
    """How many classes there are, and from which columns they and the texts come where the study says."""
    told = f"{len(arm.labels)} classes" + (f" ({', '.join(arm.labels)})" if len(arm.labels) <= _LISTED else "")
    columns = arm.checks.get("columns")
    return f"{told} in {columns['label']}, texts in {' and '.join(columns['text'])}" if columns else told


def _counts(result: Plan) -> str:
    return (
        f"{counted(result.total, 'trial')} planned, {len(result.done)} done, {result.total - len(result.done)} to run"
    )
