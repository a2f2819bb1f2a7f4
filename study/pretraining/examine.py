"""Examination: a language model before and after it was trained further, by its perplexities and its fill-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from study.pretraining.fill_in import bundled_sentences, fill_ins
from study.pretraining.perplexity import Perplexity, perplexity

if TYPE_CHECKING:
    from study.data.tokens import Tokens


def examine(
    before: Any,
    after: Any,
    objective: str,
    tokenizer: Any,
    splits: Mapping[str, Tokens],
    sentences: Sequence[str],
    device: str,
) -> dict[str, Any]:
    """JSON values: "perplexity" of each split and "fill_ins" of each sentence, by both networks on the same tokens.

    ``before`` and ``after`` are language models with the objective's head and one vocabulary. A perplexity is
    ``{"before", "after", "texts", "tokens"}``, its numbers None where nothing could be measured; a fill-in is
    ``{"sentence", "before", "after"}``, each a list of up to five ``[token, probability]``. Without ``sentences`` the
    bundled ones are filled in. One network at a time is on ``device``; both end on the processor, in evaluation mode.
    """
    asked = tuple(sentences) or bundled_sentences()
    measured: list[dict[str, Perplexity]] = []
    filled: list[list[list[tuple[str, float]]]] = []
    for network in (before, after):
        network.to(device)
        measured.append(
            {name: perplexity(network, tokens, objective, tokenizer, device) for name, tokens in splits.items()}
        )
        filled.append(fill_ins(network, tokenizer, objective, asked, device))
        network.to("cpu")
    return {
        "perplexity": {name: _both(measured[0][name], measured[1][name]) for name in splits},
        "fill_ins": [
            {"sentence": sentence, "before": _listed(first), "after": _listed(second)}
            for sentence, first, second in zip(asked, *filled, strict=True)
        ],
    }


def _both(before: Perplexity, after: Perplexity) -> dict[str, float | int | None]:
    return {"before": before.value, "after": after.value, "texts": after.texts, "tokens": after.tokens}


def _listed(fill_in: list[tuple[str, float]]) -> list[list[Any]]:
    return [list(one) for one in fill_in]
