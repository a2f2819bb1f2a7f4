"""Sentences of ``analysis.report.by_value`` and names of settings' values."""

SENTENCES = {
    "Value by value": "Valor por valor",
    "Every difference is from {baseline} at the same {name}. Best on validation at each: {best}.": (
        "Toda diferencia es respecto de {baseline} con el mismo {name}. Mejor en validación en cada uno: {best}."
    ),
    "Columns: {name}. Difference: from {baseline} in the same column, paired, with its 95% interval; p is in the "
    "comparison. ←: best of its column on validation.": (
        "Columnas: {name}. Diferencia: respecto de {baseline} en la misma columna, pareada, con su intervalo del 95 %; "
        "p está en la comparación. ←: la mejor de su columna en validación."
    ),
    "A seed draws the examples too, the same ones for all that are compared, so that intervals over seeds are for "
    "other examples as well.": (
        "La semilla sortea también los ejemplos, los mismos para todo lo que se compara, de modo que los intervalos "
        "sobre semillas valen también para otros ejemplos."
    ),
    "Below, the best of each column against the others there: intervals of single differences, not corrected for the "
    "{number} there are.": (
        "Debajo, la mejor de cada columna frente a las demás de ella: intervalos de diferencias sueltas, sin corregir "
        "por las {number} que hay."
    ),
    "It was selected on the very score that is compared, so that its lead is optimistic.": (
        "Se eligió con la misma puntuación que se compara, de modo que su ventaja es optimista."
    ),
    "{name} = {value}: best on validation is {best}, with {split} {metric} {score}.": (
        "{name} = {value}: la mejor en validación es {best}, con {metric} de {split} {score}."
    ),
    "Its {split} score minus that of: {others}.": "Su puntuación en {split} menos la de: {others}.",
    "One seed gives no interval.": "Una sola semilla no da intervalo.",
    "Its interval is on the better side against every other.": (
        "Frente a cada una de las demás, su intervalo está en el lado mejor."
    ),
    "It cannot be told from {others}.": "No se distingue de {others}.",
    "It is behind {others}: what validation selected did not hold.": (
        "Queda por detrás de {others}: lo que eligió la validación no se confirmó."
    ),
    # values and names of settings
    "linear probe": "sonda lineal",
    "pre-training": "preentrenamiento",
    "no further pre-training": "sin más preentrenamiento",
    "model's objective": "objetivo del modelo",
    "masked words": "palabras enmascaradas",
    "masked whole words": "palabras enteras enmascaradas",
    "next word": "palabra siguiente",
    "permuted words": "palabras permutadas",
    "task's texts": "textos de la tarea",
    "domain corpus": "corpus del dominio",
    "domain corpus, then task's texts": "corpus del dominio y luego textos de la tarea",
    "examples per class": "ejemplos por clase",
    "steps of further pre-training": "pasos de preentrenamiento adicional",
}
