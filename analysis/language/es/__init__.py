"""Spanish, one module per room that speaks: English template -> Spanish template."""

from analysis.language.es import (
    ablation,
    comparison,
    compose,
    conclusion,
    curves,
    data,
    errors,
    figures,
    formats,
    instability,
    left_out,
    markdown,
    names,
    pareto,
    questions,
    report,
    sections,
    sources,
    together,
    tuning_analysis,
    views,
)
from analysis.language.es.nouns import NOUNS

SENTENCES: dict[str, str] = {
    **ablation.SENTENCES,
    **comparison.SENTENCES,
    **compose.SENTENCES,
    **conclusion.SENTENCES,
    **curves.SENTENCES,
    **data.SENTENCES,
    **errors.SENTENCES,
    **figures.SENTENCES,
    **formats.SENTENCES,
    **instability.SENTENCES,
    **left_out.SENTENCES,
    **markdown.SENTENCES,
    **names.SENTENCES,
    **pareto.SENTENCES,
    **questions.SENTENCES,
    **report.SENTENCES,
    **sections.SENTENCES,
    **sources.SENTENCES,
    **together.SENTENCES,
    **tuning_analysis.SENTENCES,
    **views.SENTENCES,
}

__all__ = ["NOUNS", "SENTENCES"]
