"""Why pre-training costs more: what it took against a fine-tuning, in tokens and in operations for each."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.language import say
from analysis.markdown import count, escape, number, table
from analysis.pretraining import PretrainedBody, pretraining_costs

BODIES = 8
"""The most bodies whose costs are shown."""

_TOLD = 3
"""The most bodies whose ratios are told in sentences: those that cost most."""

_UNITS = {"seconds": 1.0, "peak_memory_bytes": 2.0**-20, "tokens": 1.0, "flops": 1e-12, "flops_per_token": 1e-6}


def section(bodies: Sequence[PretrainedBody], rows: pd.DataFrame) -> list[str]:
    """The table of costs with ratios, and the sentences that say why; nothing where no cost was measured."""
    found = pretraining_costs(bodies, rows)
    found = found[found["pretraining"].notna()]
    if found.empty:
        return []
    shown = list(dict.fromkeys(found["body"]))
    flops = found[found["quantity"] == "flops"].sort_values("pretraining", ascending=False, kind="stable")
    lines = [line for name in flops["body"][:_TOLD] if (line := _why(name, found[found["body"] == name]))]
    said = [_legend(found, bodies), *([_in_general(found)] if lines else [])]
    more = len(shown) - BODIES
    if more > 0:
        said.append(say("Not shown: {bodies}.", bodies=count(more, "more body")))
    return [_table(found, shown[:BODIES]), " ".join(said), "\n".join(f"- {line}" for line in lines)]


def _table(found: pd.DataFrame, shown: Sequence[str]) -> str:
    words = {
        "seconds": say("seconds"),
        "peak_memory_bytes": say("peak memory (MiB)"),
        "tokens": say("tokens read"),
        "flops": say("operations (TFLOP)"),
        "flops_per_token": say("operations per token (MFLOP)"),
    }
    rows = []
    for name in shown:
        mine = found[found["body"] == name]
        for place, (_, row) in enumerate(mine.iterrows()):
            unit = _UNITS[row["quantity"]]
            sides = [amount(row[side] * unit) for side in ("pretraining", "finetuning")]
            rows.append([escape(name) if place == 0 else "", words[row["quantity"]], *sides, amount(row["ratio"])])
    headers = [say("body"), "", say("pre-training"), say("fine-tuning"), say("ratio")]
    return table(headers, rows, text_columns=2)


def amount(quantity: float) -> str:
    """A quantity with three digits or all before the point."""
    if pd.isna(quantity):
        return "–"
    return number(quantity, 0 if abs(quantity) >= 100 else 1 if abs(quantity) >= 10 else 2)


def _legend(found: pd.DataFrame, bodies: Sequence[PretrainedBody]) -> str:
    trials = sorted(set(found["trials"].astype(int)))
    said = [
        say(
            "Pre-training: once for each body. Fine-tuning: the mean of one trial, over the finished comparison trials "
            "that start from the body ({trials}). Tokens: real ones, repeats counted. Operations: an estimate.",
            trials=count(trials[0], "trial")
            if len(trials) == 1
            else say("{fewest}–{most} trials", fewest=trials[0], most=trials[-1]),
        )
    ]
    heads = [body.told.get("head") or {} for body in bodies]
    seconds = [head["seconds"] for head in heads if head.get("new") and head.get("seconds")]
    if seconds:
        said.append(
            say(
                "Not in it: the training of a new language-modelling head, {seconds} s a body on average.",
                seconds=amount(sum(seconds) / len(seconds)),
            )
        )
    return " ".join(said)


def _why(name: str, mine: pd.DataFrame) -> str:
    """What the ratio of operations is made of, and what that makes of the seconds."""
    ratios = dict(zip(mine["quantity"], mine["ratio"], strict=True))
    told = {quantity: ratios.get(quantity, float("nan")) for quantity in _UNITS}
    if pd.isna(told["flops"]) or pd.isna(told["tokens"]):
        return ""
    values = {
        "body": escape(name),
        "flops": amount(told["flops"]),
        "tokens": amount(told["tokens"]),
        "each": amount(told["flops_per_token"]),
    }
    said = [
        say(
            "{body}: {flops} times the operations of one fine-tuning, which are {tokens} times the tokens by {each} "
            "times the operations for each.",
            **values,
        )
    ]
    if pd.notna(told["seconds"]):
        said.append(say("It took {seconds} times the seconds.", seconds=amount(told["seconds"])))
    row = mine[mine["quantity"] == "seconds"]
    trials = int(row["trials"].iloc[0]) if len(row) else 0
    if trials > 1:
        share = float(row["pretraining"].iloc[0]) / trials
        said.append(
            say(
                "{trials} share the body, so that it adds {seconds} s to each.",
                trials=count(trials, "comparison trial"),
                seconds=amount(share),
            )
        )
    return " ".join(said)


def _in_general(found: pd.DataFrame) -> str:
    ratios = found.pivot_table(index="body", columns="quantity", values="ratio")
    said = [
        say(
            "Why: operations are tokens by operations per token. Pre-training goes on for as many tokens as it is "
            "given, not for as many as the labelled examples have."
        )
    ]
    if "flops_per_token" in ratios and ratios["flops_per_token"].max() > 1.05:
        said.append(
            say(
                "A token costs more because the output layer has a column for every entry of the vocabulary, where a "
                "classifier's head has one for every class and is applied once a text, and because the whole body is "
                "trained, whatever fine-tuning leaves frozen."
            )
        )
    if "peak_memory_bytes" in ratios and ratios["peak_memory_bytes"].max() > 1.05:
        said.append(
            say("The scores of the whole vocabulary, and their gradients, are held in memory for a batch's tokens.")
        )
    return " ".join(said)
