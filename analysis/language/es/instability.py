"""Sentences of instability."""

SENTENCES = {
    "lowest {split} {metric}": "{metric} de {split} mínima",
    "highest": "máxima",
    "range": "rango",
    "interquartile range": "rango intercuartílico",
    "{broken} of {trials}: {share}": "{broken} de {trials}: {share}",
    "Over the comparison trials of each setting. The standard deviation has its 95% interval by chi-square: few seeds "
    "hardly tell how much a setting scatters.": (
        "Sobre los ensayos de comparación de cada configuración. La desviación estándar lleva su intervalo ji-cuadrado "
        "del 95 %: pocas semillas apenas dicen cuánto varía una configuración."
    ),
    "Over the comparison trials of each setting; in folds over folds and seeds together.": (
        "Sobre los ensayos de comparación de cada configuración; con particiones, sobre particiones y semillas juntas."
    ),
    "Degenerate: one class predicted for every text, or a loss that stopped being finite (which has no score); with "
    "the share and its 95% Wilson interval.": (
        "Degenerados: una sola clase predicha para todos los textos, o una pérdida que dejó de ser finita (sin "
        "puntuación); con la proporción y su intervalo de Wilson del 95 %."
    ),
    "Among seeds of one setting, validation and test scores have the rank correlation {correlation} ({trials} of "
    "{settings}, each less the mean of its setting). The seed best on validation differs on test from the mean of its "
    "setting by {gain} on average.": (
        "Entre semillas de una misma configuración, las puntuaciones de validación y de prueba tienen la correlación "
        "de rangos {correlation} ({trials} de {settings}, cada uno menos la media de su configuración). La mejor "
        "semilla en validación difiere en prueba de la media de su configuración en {gain} por término medio."
    ),
    "So choosing a seed by its validation score is not shown to choose a better model.": (
        "Así pues, no se muestra que elegir la semilla por su puntuación de validación elija un modelo mejor."
    ),
}
