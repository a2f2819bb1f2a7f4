"""The texts that most trials got wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.folder import Arm, Study


def hardest_texts(study: Study, arm: Arm, keys: Sequence[str], most: int = 5) -> pd.DataFrame:
    """Texts most often predicted wrong by these trials: row, text, label, predicted (most often), wrong, trials, split.

    On the test split where it was predicted, else on validation. Ties go to the lower mean probability of the true
    class, then to the lower row. Empty where predictions or texts were not kept, or nothing was wrong.
    """
    kept = [(key, found) for key in keys if (found := study.predictions(key)) is not None]
    texts = study.texts(arm.data["fingerprint"])
    if not kept or texts is None:
        return pd.DataFrame()
    every = pd.concat([found.assign(key=key) for key, found in kept], ignore_index=True)
    split = "test" if (every["split"] == "test").any() else "validation"
    every = every[every["split"] == split]
    every = every.assign(
        wrong=every["label"] != every["predicted"],
        true_probability=_true_probability(every, arm.labels),
    )
    rows = every.groupby("row").agg(
        trials=("key", "nunique"), wrong=("wrong", "sum"), sure=("true_probability", "mean"), label=("label", "first")
    )
    rows["share"] = rows["wrong"] / rows["trials"]
    rows = rows[rows["wrong"] > 0].reset_index().sort_values(["share", "sure", "row"], ascending=[False, True, True])
    rows = rows.head(most).merge(texts.loc[texts["split"] == split, ["row", "text"]], on="row")
    mistaken = every[every["wrong"]].groupby("row")["predicted"].agg(lambda p: p.mode().iloc[0])
    rows["predicted"] = [_name(mistaken[row], arm.labels) for row in rows["row"]]
    rows["label"] = [_name(label, arm.labels) for label in rows["label"]]
    return rows.assign(split=split)[["row", "text", "label", "predicted", "wrong", "trials", "split"]]


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
