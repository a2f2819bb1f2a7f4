"""The texts that most trials got wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.folder import Arm, Study
from analysis.texts import read_rows


def hardest_texts(study: Study, arm: Arm, keys: Sequence[str], most: int = 5) -> pd.DataFrame:
    """Texts most often predicted wrong by these trials: row, text, label, predicted (most often), wrong, trials, split.

    On the test split where it was predicted, else on validation. Ties go to the lower mean probability of the true
    class, then to the lower row. Empty where predictions or texts were not kept, or nothing was wrong. Each fold's
    texts are its own: a text is tested in one of them.
    """
    found = [(study.records[key].data.fingerprint, key, study.predictions(key)) for key in keys]
    kept = [some.assign(key=key, data=data) for data, key, some in found if some is not None and study.texts(data)]
    if not kept:
        return pd.DataFrame()
    every = pd.concat(kept, ignore_index=True)
    split = "test" if (every["split"] == "test").any() else "validation"
    every = every[every["split"] == split]
    every = every.assign(
        wrong=every["label"] != every["predicted"],
        true_probability=_true_probability(every, arm.labels),
    )
    place = ["data", "row"]
    rows = every.groupby(place).agg(
        trials=("key", "nunique"), wrong=("wrong", "sum"), sure=("true_probability", "mean"), label=("label", "first")
    )
    rows["share"] = rows["wrong"] / rows["trials"]
    order = ["share", "sure", "row", "data"]
    rows = rows[rows["wrong"] > 0].reset_index().sort_values(order, ascending=[False, True, True, True]).head(most)
    if rows.empty:
        return pd.DataFrame()
    rows = rows.merge(_texts(study, rows, split), on=place)
    mistaken = every[every["wrong"]].groupby(place)["predicted"].agg(lambda p: p.mode().iloc[0])
    rows["predicted"] = [
        _name(mistaken[data, row], arm.labels) for data, row in zip(rows["data"], rows["row"], strict=True)
    ]
    rows["label"] = [_name(label, arm.labels) for label in rows["label"]]
    return rows.assign(split=split)[["row", "text", "label", "predicted", "wrong", "trials", "split"]]


def _texts(study: Study, rows: pd.DataFrame, split: str) -> pd.DataFrame:
    """The texts of these rows: data, row, text."""
    found = []
    for data, some in rows.groupby("data"):
        path = study.texts(str(data))
        assert path is not None
        found.append(read_rows(path, split, list(some["row"])).assign(data=data))
    return pd.concat(found, ignore_index=True)[["data", "row", "text"]]


def _true_probability(predictions: pd.DataFrame, labels: Sequence[str]) -> pd.Series:
    """The probability that each prediction gave the true class; NaN where probabilities were not kept."""
    names = predictions["label"].map(lambda label: f"p_{_name(label, labels)}")
    found = pd.Series(float("nan"), index=predictions.index)
    for name in names.unique():
        if name in predictions:
            found[names == name] = predictions.loc[names == name, name].astype("float64")
    return found


def _name(label: object, labels: Sequence[str]) -> str:
    """A class by name, whether it was stored by name or by number."""
    if isinstance(label, str):
        return label
    number = int(label)  # type: ignore[call-overload]
    return labels[number] if number < len(labels) else str(number)
