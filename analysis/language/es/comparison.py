"""Sentences of the comparison table, its legend and the other tables of an arm."""

SENTENCES = {
    "training (s)": "entrenamiento (s)",
    "texts/s": "textos/s",
    "peak memory (MiB)": "pico de memoria (MiB)",
    "saved (MiB)": "guardado (MiB)",
    "latency, batch 1 (ms/text)": "latencia, lote de 1 (ms/texto)",
    "latency, batch 32 (ms/text)": "latencia, lote de 32 (ms/texto)",
    "latency, batch 1, not merged (ms/text)": "latencia, lote de 1, sin fusionar (ms/texto)",
    "latency, batch 32, not merged (ms/text)": "latencia, lote de 32, sin fusionar (ms/texto)",
    "{settings} in table.csv.": "{settings} en table.csv.",
    "best on validation": "la mejor en validación",
    "folds": "particiones",
    "seeds": "semillas",
    "validation {metric}": "{metric} de validación",
    "test {metric}": "{metric} de prueba",
    "difference": "diferencia",
    "trainable parameters": "parámetros entrenables",
    "share": "proporción",
    # the legend
    "They estimate what the recipe scores with other seeds, on these very texts.": (
        "Estiman lo que puntúa la receta con otras semillas, en estos mismos textos."
    ),
    "One seed has no interval.": "Una sola semilla no da intervalo.",
    "The score is {metric}.": "La puntuación es {metric}.",
    "Bold and \\*: significant, p (Holm) being at most 0.05 and zero outside the interval.": (
        "Negrita y \\*: significativa, con p (Holm) de 0.05 como máximo y el cero fuera del intervalo."
    ),
    "†: some trials predicted one class only.": "†: algunos ensayos predijeron una sola clase.",
    "‡: mixes execution profiles, whose numbers agree only within a tolerance.": (
        "‡: mezcla perfiles de ejecución, cuyos números solo coinciden dentro de una tolerancia."
    ),
    "The 95% intervals are over seeds and texts: they are for the recipe with other seeds, on other texts like "
    "these.": (
        "Los intervalos del 95 % son sobre semillas y textos: valen para la receta con otras semillas, en otros textos "
        "como estos."
    ),
    "The 95% intervals are over seeds: they are for the recipe with other seeds, on these very texts.": (
        "Los intervalos del 95 % son sobre semillas: valen para la receta con otras semillas, en estos mismos textos."
    ),
    "Means over seeds.": "Medias sobre semillas.",
    "Means over seeds with 95% t-intervals. They are for the recipe with other seeds, on these very texts; they do not "
    "cover the choice of the texts: {why}.": (
        "Medias sobre semillas con intervalos t del 95 %. Valen para la receta con otras semillas, en estos mismos "
        "textos; no cubren la elección de los textos: {why}."
    ),
    "Means over seeds with 95% intervals over seeds and texts: they are for the recipe with other seeds, on other "
    "texts "
    "like these (seeds by t, texts drawn anew from the predictions).": (
        "Medias sobre semillas con intervalos del 95 % sobre semillas y textos: valen para la receta con otras "
        "semillas, "
        "en otros textos como estos (semillas según t, textos sorteados de nuevo a partir de las predicciones)."
    ),
    "Means over seeds with 95% intervals. Those of {split} scores are over seeds and texts, for the recipe with other "
    "seeds, on other texts like these; those of {other} scores are over seeds, on these very texts; they do not cover "
    "the choice of the texts: {why}.": (
        "Medias sobre semillas con intervalos del 95 %. Los de las puntuaciones de {split} son sobre semillas y "
        "textos: "
        "valen para la receta con otras semillas, en otros textos como estos; los de las de {other} son sobre "
        "semillas, "
        "en estos mismos textos; no cubren la elección de los textos: {why}."
    ),
    "this score cannot be computed anew from predictions": (
        "esta puntuación no puede volver a calcularse a partir de las predicciones"
    ),
    "that is done for up to {most} trials": "eso se hace hasta {most} ensayos",
    "that takes predictions of the same texts from every trial": (
        "para eso hacen falta predicciones de los mismos textos de cada ensayo"
    ),
    "that takes the estimand `texts`, and predictions of the same texts from every trial": (
        "para ello hacen falta el estimando `texts` y predicciones de los mismos textos en todos los ensayos"
    ),
    "Difference: {split} score minus the baseline's at the same fold and seed, each at its own tuned settings; p: the "
    "corrected t-test, then corrected for all settings compared (Holm). The intervals of the differences are not "
    "corrected.": (
        "Diferencia: puntuación en {split} menos la de la referencia con la misma partición y la misma semilla, cada "
        "una "
        "con sus propios valores ajustados; p: prueba t corregida, y después corregida por todas las configuraciones "
        "comparadas (Holm). Los intervalos de las diferencias no están corregidos."
    ),
    "Difference: {split} score minus the baseline's at the same seed, each at its own tuned settings, with an interval "
    "of the same kind; p: exact sign-flip test over the seeds on these very texts, then corrected for all settings "
    "compared (Holm). The intervals of the differences are not corrected.": (
        "Diferencia: puntuación en {split} menos la de la referencia con la misma semilla, cada una con sus propios "
        "valores ajustados, con un intervalo de la misma clase; p: prueba exacta de cambio de signos sobre las "
        "semillas "
        "en estos mismos textos, y después corregida por todas las configuraciones comparadas (Holm). Los intervalos "
        "de "
        "las diferencias no están corregidos."
    ),
    "Cross-validation, {folds}, each fold tuned on its own validation split.": (
        "Validación cruzada, {folds}; cada partición se ajustó con su propio conjunto de validación."
    ),
    "Cross-validation, {folds}.": "Validación cruzada, {folds}.",
    "A mean is over folds, each fold the mean of its seeds; it estimates "
    "the score, on texts like these, of what the whole procedure gives when it is run on as many texts as a fold "
    "trains on, not the score of one trained model. Folds share training texts, so their scores are not "
    "independent: 95% intervals and p are those of the corrected resampled t-test (Nadeau and Bengio 2003), with "
    "the variance of a mean over J folds taken as (1/J + texts tested on / texts trained on) s² and J − 1 degrees "
    "of freedom; where all folds agree there is none. No unbiased estimator of that variance exists (Bengio and "
    "Grandvalet 2004): read them as approximate.": (
        "La media es sobre particiones, y cada partición es la media de sus semillas; estima la puntuación, en "
        "textos como "
        "estos, de lo que da el procedimiento entero cuando se entrena con tantos textos como una partición, no la "
        "de un "
        "modelo ya entrenado. Las particiones comparten textos de entrenamiento, de modo que sus puntuaciones no son "
        "independientes: los intervalos del 95 % y las p son los de la prueba t corregida para remuestreo (Nadeau y "
        "Bengio "
        "2003), que toma como varianza de una media de J particiones (1/J + textos de prueba / textos de "
        "entrenamiento) s² "
        "con J − 1 grados de libertad; donde todas las particiones coinciden no hay intervalo. No existe un estimador "
        "insesgado de esa varianza (Bengio y Grandvalet 2004): tómense como aproximados."
    ),
    "{folds} × {seeds}": "{folds} × {seeds}",
}
