"""Studies of continued pre-training that nobody trained: what their records tell of the bodies is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from study.question import Question, Setting, View
from study.store import Store
from tests.analysis.asked import study_of

POINTS: tuple[Setting, ...] = (
    {"pretraining.steps": 0},
    {"pretraining.steps": 50, "pretraining.objective": "masked", "pretraining.corpus": "task"},
    {"pretraining.steps": 200, "pretraining.objective": "masked", "pretraining.corpus": "task"},
    {"pretraining.steps": 200, "pretraining.objective": "masked", "pretraining.corpus": "domain"},
)
QUESTION = Question(
    name="continued",
    asks="What does continued pre-training change?",
    source="a test",
    factors=POINTS,
    seeds=(0, 1),
    fixed={"epochs": 2},
    baseline={"pretraining.steps": 0},
    view=View("scatter", {"x": "pretraining.steps"}),
)
SENTENCES = ("A | B was ___ *indeed*.", "Paris is ___.")
TOKENS, FLOPS, SECONDS = 24_000, 1.6e12, 20.0
"""What a fine-tuning of these studies reads, computes and takes."""


def told(setting: Mapping[str, Any], new_head: bool = True, **changes: Any) -> dict[str, Any]:
    """What a record could tell of a body pre-trained by this setting; the more steps, the more has changed."""
    steps, corpus = int(setting["pretraining.steps"]), setting["pretraining.corpus"]
    better, worse = 50 - steps / 10, 40 + steps / 20
    texts = {"task": {"before": 50.0, "after": better, "texts": 500, "tokens": 2010}}
    if corpus == "domain":
        texts["domain"] = {"before": 80.0, "after": better / 2, "texts": 300, "tokens": 900}
    texts["general"] = {"before": 40.0, "after": worse, "texts": 200, "tokens": 1500}
    words = {"before": [["good", 0.25], ["b|d", 0.125]], "after": [["great", 0.5], ["good", 0.25]]}
    head = {"new": True, "parameters": 148_000, "steps": 120, "seconds": 12.0}
    return {
        "objective": setting["pretraining.objective"],
        "corpus": corpus,
        "steps": steps,
        "learning_rate": 1e-4,
        "mask_rate": 0.15,
        "seed": setting.get("pretraining.seed", 0),
        "domain": None if corpus == "task" else {"name": "films", "fingerprint": "f" * 16},
        "head": head if new_head else {"new": False, "parameters": 0, "steps": 0, "seconds": 0.0},
        "perplexity": texts,
        "fill_ins": [{"sentence": sentence, **words} for sentence in SENTENCES],
        "costs": {
            "seconds": steps * 0.5,
            "peak_memory_bytes": 3 * 2**30,
            "tokens": steps * 2000,
            "padded_tokens": steps * 2200,
            "flops": steps * 2000 * 2e8,
            "sequences": steps * 16,
        },
        **changes,
    }


def pretrained_study(folder: Path, question: Question = QUESTION, **changes: Any) -> tuple[Path, Question]:
    """A study folder in which trials whose steps are not zero tell of their body; the question as it is stored."""
    _, asked = study_of(folder, question, lambda point: 0.75)
    store = Store(folder)
    for record in list(store.records().values()):
        costs = {**record.costs, "tokens_seen": TOKENS, "train_flops": FLOPS, "train_seconds": SECONDS}
        of_body = told(record.setting, **changes) if record.setting["pretraining.steps"] else None
        store.put(replace(record, costs=costs, pretraining=of_body))
    return folder, asked
