"""Sentences of ``analysis.report.left_out``."""

SENTENCES = {
    "{number} of {trials} failed.": "Fallidos: {number} de {trials}.",
    "{number} of {trials} diverged (the loss stopped being finite).": (
        "Divergentes (la pérdida dejó de ser finita): {number} de {trials}."
    ),
    "{number} of {trials} ran out of memory.": "Sin memoria suficiente: {number} de {trials}.",
    "1 of {trials} was stopped by the scheduler.": "Detenidos por el planificador: 1 de {trials}.",
    "{number} of {trials} were stopped by the scheduler.": "Detenidos por el planificador: {number} de {trials}.",
    "{number} of {points} without a finished comparison trial: {names}.": (
        "{number} de {points} sin ningún ensayo de comparación terminado: {names}."
    ),
    "The baseline ({setting}) has no finished comparison trial, so no difference from it can be given.": (
        "La referencia ({setting}) no tiene ningún ensayo de comparación terminado, de modo que no puede darse ninguna "
        "diferencia respecto a ella."
    ),
    "Without {missing}: all {settings}.": "Sin {missing}: todas ({settings}).",
    "Without {missing}: {settings}.": "Sin {missing}: {settings}.",
    "More than the first {number} seeds ran only for settings that could still be the best on validation: the means of "
    "the others rest on fewer seeds and are a little low.": (
        "Más de las {number} primeras semillas solo se ejecutaron para las configuraciones que aún podían ser las mejores "
        "en validación: las medias de las demás se basan en menos semillas y son algo bajas."
    ),
    "{seeds} in {folds}": "{seeds} en {folds}",
    "every fold": "todas las particiones",
    "fold {number}": "la partición {number}",
    "folds {numbers}": "las particiones {numbers}",
    "seed {number}": "la semilla {number}",
    "seeds {numbers}": "las semillas {numbers}",
    "{number} of {trials} without a {split} score.": "{number} de {trials} sin puntuación de {split}.",
    "{trials} of candidates that were not their fold's best on validation.": (
        "{trials} de candidatos que no fueron los mejores en la validación de su partición."
    ),
    "{settings} not paired: no scored fold in common with the baseline.": (
        "{settings} sin pareja: ninguna partición con puntuación en común con la referencia."
    ),
    "{settings} not paired: no scored seed in common with the baseline.": (
        "{settings} sin pareja: ninguna semilla con puntuación en común con la referencia."
    ),
    "{settings} paired on fewer folds than the mean beside it, for want of the baseline's.": (
        "{settings} con menos particiones en la diferencia que en la media de al lado, porque faltan las de la "
        "referencia."
    ),
    "{settings} paired on fewer seeds than the mean beside it, for want of the baseline's.": (
        "{settings} con menos semillas en la diferencia que en la media de al lado, porque faltan las de la referencia."
    ),
}
