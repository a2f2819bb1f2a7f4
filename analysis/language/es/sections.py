"""Sentences of ``analysis.report.sections`` and ``analysis.report.tuning``."""

SENTENCES = {
    "Means over the finished comparison trials.": "Medias de los ensayos de comparación terminados.",
    "Latency: the median, and the 5th to 95th percentile over passes, while no trial of the study ran.": (
        "Latencia: la mediana y los percentiles 5 a 95 de las pasadas, mientras no corría ningún ensayo del estudio."
    ),
    "Not merged: the model as it was trained, before the low-rank updates were added into its weights.": (
        "Sin fusionar: el modelo tal como se entrenó, antes de sumar a sus pesos las actualizaciones de rango bajo."
    ),
    "Every setting trains {amount} parameters.": "Todas las configuraciones entrenan {amount} parámetros.",
    "Every setting trains {amount} parameters ({share} of all).": (
        "Todas las configuraciones entrenan {amount} parámetros ({share} del total)."
    ),
    "setting": "configuración",
    "On the {split} split, means over folds with 95% intervals.": (
        "En el conjunto de {split}, medias sobre particiones con intervalos del 95 %."
    ),
    "On the {split} split, means with 95% t-intervals over seeds, on these very texts.": (
        "En el conjunto de {split}, medias con intervalos t del 95 % sobre semillas, en estos mismos textos."
    ),
    "part": "parte",
    "Difference: what having the part changes in {split} {metric}, paired over folds, with its 95% interval.": (
        "Diferencia: lo que cambia {metric} en {split} al tener la parte, pareada por particiones, con su intervalo "
        "del "
        "95 %."
    ),
    "Difference: what having the part changes in {split} {metric}, paired over seeds, with its 95% interval.": (
        "Diferencia: lo que cambia {metric} en {split} al tener la parte, pareada por semillas, con su intervalo del "
        "95 %."
    ),
    "Added: the baseline with the part minus the baseline. Removed: the whole recipe minus the recipe without the "
    "part. p "
    "is corrected for all {number} differences (Holm). A part that adds alone and is not missed from the whole is "
    "done by "
    "the other parts as well.": (
        "Añadida: la referencia con la parte menos la referencia. Quitada: la receta completa menos la receta sin la "
        "parte. p está corregido por las {number} diferencias (Holm). Si una parte aporta sola y no se echa en falta "
        "en "
        "la receta completa, lo que aporta ya lo hacen las demás."
    ),
    "{differences} not there yet: no pair of finished trials.": (
        "{differences} por ver: no hay ningún par de ensayos terminados."
    ),
    "{name} ({setting}), {split}, counts added up over {trials}:": (
        "{name} ({setting}), {split}, recuentos sumados de {trials}:"
    ),
    "{name} ({setting}), {split}, mean of {trials}:": "{name} ({setting}), {split}, media de {trials}:",
    "class": "clase",
    "texts": "textos",
    # what was tuned
    "{name} from {domain}": "{name} de {domain}",
    "Validation {metric} on selection seed {seed}, which no comparison uses; ←: compared. Scores that were selected on "
    "are optimistic.": (
        "{metric} en validación con la semilla de selección {seed}, que no usa ninguna comparación; ←: comparada. Las "
        "puntuaciones con las que se ha elegido son optimistas."
    ),
    "Validation {metric} on selection seeds {seeds}, which no comparison uses; ←: compared. Scores that were "
    "selected on "
    "are optimistic.": (
        "{metric} en validación con las semillas de selección {seeds}, que no usa ninguna comparación; ←: comparada. "
        "Las "
        "puntuaciones con las que se ha elegido son optimistas."
    ),
    "At the edge of the values tried, so that a better one may lie beyond: {settings}.": (
        "En el borde de los valores probados, de modo que más allá podría haber uno mejor: {settings}."
    ),
    "Each fold tuned on its own: the scores are means over folds, and ← was compared in one or more.": (
        "Cada partición se ajustó por su cuenta: las puntuaciones son medias sobre particiones, y ← se comparó en "
        "una o "
        "más."
    ),
    "{setting} ({times} of {chosen} chosen)": "{setting} ({times} de {chosen} elegidas)",
    "{others} in trials.csv.": "{others} en trials.csv.",
    "trials": "ensayos",
}
