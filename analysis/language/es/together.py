"""Sentences of the report's section on several studies, models or data sets at once."""

SENTENCES = {
    "arm": "brazo",
    "arms": "brazos",
    "study": "estudio",
    "question": "pregunta",
    "fixed": "fijado",
    "score": "puntuación",
    "folds": "particiones",
    "seeds": "semillas",
    "p (Holm)": "p (Holm)",
    "{setting} (baseline)": "{setting} (referencia)",
    "{setting} (best on validation)": "{setting} (la mejor en validación)",
    "{setting} (best on validation and the baseline)": "{setting} (la mejor en validación y la referencia)",
    "The trials are from {folders}.": "Los ensayos proceden de {folders}.",
    "Found in more than one folder, and counted once: {trials}.": (
        "Presentes en más de una carpeta y contados una sola vez: {trials}."
    ),
    "Of each arm the setting that is best on validation among those with most seeds, and its baseline. Difference: "
    "from the arm's own baseline, paired; p is corrected within the arm (Holm). Bold and \\*: p (Holm) at most "
    "{level}, and the interval excludes zero.": (
        "De cada brazo, la configuración que es la mejor en validación entre las que tienen más semillas, y su "
        "referencia. Diferencia: respecto a la referencia del propio brazo, pareada; p está corregido dentro del brazo "
        "(Holm). Negrita y \\*: p (Holm) de {level} como máximo, y el intervalo excluye el cero."
    ),
    "95% intervals are for other seeds and for other texts like these.": (
        "Los intervalos (IC del 95 %) se refieren a otras semillas y a otros textos como estos."
    ),
    "95% intervals are for other seeds on these very texts.": (
        "Los intervalos (IC del 95 %) se refieren a otras semillas en estos mismos textos."
    ),
    "95% intervals are those of the corrected resampled t-test over folds.": (
        "Los intervalos (IC del 95 %) son los de la prueba t corregida de remuestreo sobre las particiones."
    ),
    "What a 95% interval is for differs between arms (other seeds on these very texts, other texts too, or folds): "
    "the legend under each arm's own table says it.": (
        "A qué se refiere un IC del 95 % difiere entre brazos (otras semillas en estos mismos textos, también otros "
        "textos, o particiones): lo dice la leyenda bajo la tabla de cada brazo."
    ),
    "Scores on different data or by different metrics stand side by side; none is subtracted.": (
        "Las puntuaciones en datos distintos o con métricas distintas figuran unas junto a otras; ninguna se resta."
    ),
    "Arms without a scored comparison trial: {arms}.": "Brazos sin ensayo de comparación puntuado: {arms}.",
    "Not listed: {arms}.": "No figuran: {arms}.",
    "Not listed: {pairs}.": "No figuran: {pairs}.",
    "The best settings of two arms of one data set, the first minus the second, paired by what they share (seeds; "
    "folds and seeds in cross-validation); p is corrected for all pairs of a data set (Holm).": (
        "Las mejores configuraciones de dos brazos de un mismo conjunto de datos, la primera menos la segunda, "
        "pareadas por lo que comparten (semillas; particiones y semillas en la validación cruzada); p está corregido "
        "para todos los pares de un conjunto de datos (Holm)."
    ),
    "The score is {metric} on {split}.": "La puntuación es {metric} en {split}.",
    "The scores are those on {split}.": "Las puntuaciones son las de {split}.",
    "Where there is no test score, the settings were selected on the score that is compared.": (
        "Donde no hay puntuación de prueba, las configuraciones se seleccionaron con la puntuación que se compara."
    ),
    "Not paired, for want of a shared seed: {pairs}.": "Sin emparejar, por falta de una semilla común: {pairs}.",
    "With so few seeds no difference between arms can be significant.": (
        "Con tan pocas semillas ninguna diferencia entre brazos puede ser significativa."
    ),
}
