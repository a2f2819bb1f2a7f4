"""What a worker does without Ray around it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from study.data import read_texts
from study.launch.handover import stopped
from study.launch.options import Launch
from study.launch.schedulers import replay, scheduler_of
from study.launch.worker import _judged, at_hand, oriented
from study.record import Record, Ref


def record(phase="tune", curve=({"step": 4, "f1": 0.5, "loss": 0.7}, {"step": 8, "f1": 0.6, "loss": 0.6})):
    return Record("k", "q", phase, "running", "classification", Ref("m", "1"), Ref("d", "2"), {}, 0, curve=curve)


def test_texts_come_along_where_the_studys_folder_is_out_of_sight(make_trial, tmp_path):
    trial, context = make_trial()
    content = {context.texts: context.texts.read_bytes()}
    assert at_hand(context, trial, content) == context
    elsewhere = replace(context, texts=tmp_path / "not here.parquet", cache=tmp_path / "cache")
    found = at_hand(elsewhere, trial, {elsewhere.texts: content[context.texts]})
    assert read_texts(found.texts) == read_texts(context.texts)
    assert at_hand(elsewhere, trial, {elsewhere.texts: b"never written"}).texts == found.texts


def test_so_does_the_corpus(make_trial, tmp_path):
    trial, context = make_trial()
    trial = replace(trial, corpus=Ref("texts", "c0"))
    elsewhere = replace(context, corpus=tmp_path / "not here.parquet", cache=tmp_path / "cache")
    found = at_hand(elsewhere, trial, {elsewhere.corpus: b"a corpus"})
    assert found.texts == context.texts
    assert found.corpus.read_bytes() == b"a corpus"


def test_a_scheduler_judges_tuning_only_and_higher_is_better():
    assert _judged(record(), "f1") == {"score": 0.6, "evaluations": 2}
    assert _judged(record(), "loss") == {"score": -0.6, "evaluations": 2}
    assert _judged(record(), None) == {}
    assert _judged(record(phase="compare"), "f1") == {}
    assert oriented("mcc", -0.2) == -0.2


def test_a_stopped_trial_keeps_the_scores_of_its_last_evaluation():
    ended = stopped(replace(record(), metrics={"validation": {"f1": 0.6}}))
    assert ended.status == "stopped"
    assert ended.metrics["validation"]["f1"] == 0.6
    assert "at step 8" in ended.notes[0]


def test_asha_judges_a_resumed_search_by_what_it_knew():
    """The published trace of the stopping rule, its first half told from the ledger's curves."""
    from types import SimpleNamespace

    from ray.tune.schedulers import AsyncHyperBandScheduler

    def scheduler():
        return AsyncHyperBandScheduler(
            time_attr="evaluations", metric="score", mode="max", max_t=100, grace_period=1, reduction_factor=4
        )

    values = [0.5, 0.6, 0.7, 0.8, 0.4, 0.9, 0.75, 0.85]

    def decide(made, value, key):
        trial = SimpleNamespace(trial_id=key, status="RUNNING")
        made.on_trial_add(None, trial)
        return made.on_trial_result(None, trial, {"evaluations": 1, "score": value})[0]

    whole = scheduler()
    trace = [decide(whole, value, str(i)) for i, value in enumerate(values)]
    assert trace == list("CCCCSCSC")
    resumed = scheduler()
    for i, value in enumerate(values[:4]):
        replay(resumed, replace(record(curve=({"f1": value},)), key=str(i)), "f1")
    assert [decide(resumed, value, f"new {value}") for value in values[4:]] == list("SCSC")


def test_the_median_rule_stops_what_is_below_the_middle_of_the_others_and_knows_the_ledger():
    from types import SimpleNamespace

    curves = [(0.5, 0.6), (0.6, 0.7), (0.7, 0.8)]
    known = [replace(record(curve=tuple({"f1": f1} for f1 in c)), key=str(i)) for i, c in enumerate(curves)]
    asked = SimpleNamespace(scheduler="median", metric="f1", tuned=("learning_rate",))

    def decide(values, known):
        made = scheduler_of([asked], known)
        return replay(made, replace(record(curve=tuple({"f1": f1} for f1 in values)), key="new"), "f1")

    assert decide((0.59, 0.66), known) == ["STOP", "CONTINUE"]  # running means .5 .6 .7, then .55 .65 .75
    assert decide((0.6, 0.64), known) == ["CONTINUE", "STOP"]
    assert decide((0.1, 0.1), known[:2]) == ["CONTINUE", "CONTINUE"]  # two say too little
    assert scheduler_of([SimpleNamespace(scheduler="none")], known) is None


@pytest.mark.parametrize("name", ["asha", "median"])
def test_candidates_are_judged_against_those_of_their_own_point(name):
    from types import SimpleNamespace

    asked = SimpleNamespace(scheduler=name, metric="f1", tuned=("learning_rate",))

    def at(depth, rate, f1):
        setting = {"frozen_layers": depth, "learning_rate": rate}
        return replace(record(curve=({"f1": f1}, {"f1": f1})), key=f"{depth} {rate}", setting=setting)

    good = [at(0, rate, 0.8) for rate in (1, 2, 3, 4)]
    bad = [at(6, rate, 0.5) for rate in (1, 2, 3, 4)]
    assert replay(scheduler_of([asked], good), at(6, 5, 0.55), "f1") == ["CONTINUE", "CONTINUE"]
    assert replay(scheduler_of([asked], [*good, *bad]), at(6, 5, 0.55), "f1") == ["CONTINUE", "CONTINUE"]
    assert "STOP" in replay(scheduler_of([asked], good), at(0, 5, 0.55), "f1")
    elsewhere = replace(at(0, 5, 0.55), data=Ref("other", "3"))
    assert replay(scheduler_of([asked], good), elsewhere, "f1") == ["CONTINUE", "CONTINUE"]


def test_wrong_options_are_told_together():
    from study.errors import InputError

    with pytest.raises(InputError) as caught:
        Launch(cpus_per_trial=0, max_concurrent=0, minutes=0, gpus_per_trial=0.25, in_process=True).check({"asha"})
    assert len(caught.value.problems) == 5


def test_threads_follow_the_cpus_given(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    assert Launch(cpus_per_trial=3).threads == 3
    assert Launch().threads == 4
    assert Launch(in_process=True).threads == 16
    assert Launch(device="cuda", gpus_per_trial=0.25).gpus == 0.25
    assert Launch(device="cpu").gpus == 0
