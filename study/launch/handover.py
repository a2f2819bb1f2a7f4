"""Handover: what Ray Tune asks for and tells, as trials of the supply and records for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from study.launch.latency import keep_latencies, to_measure
from study.launch.supply import Supply
from study.plan import Planned
from study.record import TERMINAL, Record

LATENCY = "latency"
"""The key of the last thing a worker is handed, which is no trial: to measure how fast each structure serves."""


def searcher(supply: Supply) -> Any:
    """Hands Tune the supply's trials, and at the end, when a worker is idle and warm, the latency pass."""
    from ray.tune.search import Searcher

    class FromSupply(Searcher):
        """Results reach the supply through the ledger callback."""

        def suggest(self, trial_id: str) -> Any:
            if planned := supply.next():
                return _config(planned, supply)
            if not supply.exhausted:
                return None
            if not supply.measured and (todo := to_measure(supply)):
                supply.measuring = supply.measured = True
                return {"key": LATENCY, "latencies": todo}
            return Searcher.FINISHED

        def on_trial_complete(self, trial_id, result=None, error=False):
            pass

        def save(self, checkpoint_path):
            pass

        def restore(self, checkpoint_path):
            pass

    return FromSupply()


def _config(planned: Planned, supply: Supply) -> dict[str, Any]:
    config = {"key": planned.key, "phase": planned.phase, "arm": planned.arm, "trial": planned.trial.to_json()}
    return config | ({"gpus": supply.packing.share(planned.key)} if supply.packing else {})


def ledger(supply: Supply) -> Any:
    """Puts what workers report into the study."""
    from ray.tune import Callback

    class Ledger(Callback):
        """Puts every record the workers report into the ledger, those of stopped trials too."""

        def on_trial_result(self, iteration, trials, trial, result, **info):
            if "latencies" in result:
                supply.measuring = False
                keep_latencies(supply, result["latencies"])
                return
            if "cramped" in result:
                supply.cramped(trial.config["key"])
                return
            record = Record.from_json(result["record"])
            if record.status in TERMINAL:
                supply.done(replace(record, predictions=_table(result.get("predictions"))))
                trial.last_result.pop("predictions", None)
            else:
                supply.seen(record)

        def on_trial_complete(self, iteration, trials, trial, **info):
            if trial.config["key"] in supply.pending and "record" in (trial.last_result or {}):
                # A reused function trial that the scheduler stops is ended inside its report: it cannot say so itself.
                supply.done(stopped(Record.from_json(trial.last_result["record"])))

        def on_trial_error(self, iteration, trials, trial, **info):
            if trial.config["key"] == LATENCY:
                supply.measuring = False
                if supply.progress:
                    supply.progress.say("latency was not measured: its worker failed; resume tries it again")
                return
            supply.drop(trial.config["key"], "its worker died, or other processes held its memory,")

    return Ledger()


def stopped(record: Record) -> Record:
    """The record of a trial that a scheduler stopped: its scores are those of its last evaluation."""
    at = record.curve[-1]["step"] if record.curve else 0
    return replace(record, status="stopped", notes=(*record.notes, f"stopped by the scheduler at step {at}"))


def _table(content: bytes | None) -> Any:
    if content is None:
        return None
    import pyarrow as pa

    return pa.ipc.open_stream(content).read_all()
