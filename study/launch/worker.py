"""What runs on a Ray worker: one trial, reported as records. Importing it imports no Ray."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from study.artefacts import artefact
from study.errors import Crowded
from study.launch.latency import measured
from study.question import better_is_lower
from study.record import Record, Ref
from study.trial import Context, Trial, run_trial


def trainable(config: dict[str, Any], contexts: Mapping[int, Context], texts: Mapping[Path, bytes]) -> None:
    """Run the trial of this configuration; report the record so far after each evaluation, and the last one whole."""
    from ray import tune

    settle()
    if "latencies" in config:
        tune.report({"latencies": {name: _latency(one, contexts, texts) for name, one in config["latencies"].items()}})
        return
    trial = Trial.from_json(config["trial"])
    context = packed(at_hand(contexts[config["arm"]], trial, texts), config.get("gpus"))

    def report(record: Record) -> None:
        tune.report({"record": record.to_json(), **_judged(record, context.judged_by)})

    try:
        record = run_trial(trial, replace(context, phase=config["phase"], report=report))
    except Crowded as error:
        if not context.packed:
            raise
        tune.report({"cramped": str(error)})
        return
    tune.report({"record": record.to_json(), "predictions": _bytes(record)})


def _latency(asked: Mapping[str, Any], contexts: Mapping[int, Context], texts: Mapping[Path, bytes]) -> dict[str, Any]:
    """The latency of a structure, measured on this worker."""
    context = at_hand(contexts[asked["arm"]], Trial.from_json(asked["trial"]), texts)
    return measured(asked, context)


def packed(context: Context, share: float | None) -> Context:
    """The context with a share of a GPU that was estimated (see ``packing``); as it is with a whole one, or none."""
    return context if share is None or share == 1 else replace(context, memory_share=share, packed=True)


@lru_cache
def settle() -> None:
    """Once per worker: import the stack, and keep the garbage collector from walking it at every trial (0.3 s)."""
    import study.assembly  # noqa: F401

    gc.collect()
    gc.freeze()


def at_hand(context: Context, trial: Trial, texts: Mapping[Path, bytes]) -> Context:
    """The context with its texts on this machine: a worker elsewhere may not see the study's folder."""
    corpus = context.corpus
    if corpus and trial.corpus:
        corpus = _here(corpus, trial.corpus, context.cache, texts)
    return replace(context, texts=_here(context.texts, trial.data, context.cache, texts), corpus=corpus)


def _here(file: Path, content: Ref, cache: Path, texts: Mapping[Path, bytes]) -> Path:
    """The file itself, or a copy of it on this machine."""
    if file.is_file():
        return file

    def write(folder: Path) -> None:
        (folder / "texts.parquet").write_bytes(texts[file])

    return artefact(cache, f"texts-{content.fingerprint}", write) / "texts.parquet"


def _judged(record: Record, metric: str | None) -> dict[str, Any]:
    """What a scheduler may judge: tuning only. A comparison is never cut short."""
    if metric is None or record.phase != "tune" or record.curve[-1].get(metric) is None:
        return {}
    return {"score": oriented(metric, record.curve[-1][metric]), "evaluations": len(record.curve)}


def oriented(metric: str, value: float) -> float:
    """The value so that more is better."""
    return -value if better_is_lower(metric) else value


def _bytes(record: Record) -> bytes | None:
    """The predictions as an Arrow stream, or None."""
    if record.predictions is None:
        return None
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, record.predictions.schema) as writer:
        writer.write_table(record.predictions)
    return sink.getvalue().to_pybytes()
