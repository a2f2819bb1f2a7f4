"""Sentences of errors."""

SENTENCES = {
    "words of the text": "palabras del texto",
    "characters of the text": "caracteres del texto",
    "{split} accuracy": "exactitud de {split}",
    "Left out of this section: {trials} whose predictions were not kept, or are of other texts.": (
        "Fuera de esta sección: {trials} cuyas predicciones no se guardaron o son de otros textos."
    ),
    "right in every trial": "acertados en todos los ensayos",
    "right in some": "acertados en algunos",
    "wrong in every trial": "fallados en todos los ensayos",
    "outcome": "resultado",
    "share by chance": "proporción por azar",
    "Of the {texts} of the {split} split, in {trials}. By chance: if each trial, at its own rate of errors, erred on "
    "texts of its own. What all get wrong beyond that is hard for all of them, or wrongly labelled.": (
        "De los {texts} del conjunto de {split}, en {trials}. Por azar: si cada ensayo, con su propia tasa de errores, "
        "fallara en textos propios. Lo que todos fallan más allá de eso es difícil para todos o está mal etiquetado."
    ),
    "Each text is tested by the trials of its own fold.": "Cada texto lo prueban los ensayos de su propia partición.",
    "{wrong} of {trials}": "{wrong} de {trials}",
    "probability of the true class": "probabilidad de la clase verdadera",
    "The texts most often wrong; of equals those whose true class was given the lower mean probability.": (
        "Los textos fallados con más frecuencia; a igualdad, aquellos cuya clase verdadera recibió la menor "
        "probabilidad media."
    ),
    "fold {fold}, seed {seed}": "partición {fold}, semilla {seed}",
    "majority of the seeds": "mayoría de las semillas",
    "all folds": "todas las particiones",
    "both right": "aciertan ambas",
    "rescued": "rescatados",
    "broken": "estropeados",
    "both wrong": "fallan ambas",
    "p (McNemar)": "p (McNemar)",
    "Rescued: right with {best}, wrong with {baseline}; broken: the other way round. p is McNemar's exact one, of "
    "these very models on texts like these: rows share their texts, so that their p are not to be combined, and "
    "nothing is said of other seeds.": (
        "Rescatados: acertados con {best} y fallados con {baseline}; estropeados: al revés. p es la exacta de McNemar, "
        "de estos mismos modelos sobre textos como estos: las filas comparten los textos, de modo que sus p no deben "
        "combinarse, y nada se dice de otras semillas."
    ),
    "{pairs} not shown.": "No se muestran {pairs}.",
    "wrong with {name}": "fallado con {name}",
    "The texts most clearly rescued and broken, of those on which the majorities of the seeds differ.": (
        "Los textos rescatados y estropeados con más claridad, entre aquellos en que difieren las mayorías de las "
        "semillas."
    ),
    "words": "palabras",
    "characters": "caracteres",
    "Accuracy in parts of the {split} splits, with 95% intervals over folds.": (
        "Exactitud en partes de los conjuntos de {split}, con intervalos del 95 % sobre las particiones."
    ),
    "Accuracy in parts of the {split} split, with 95% intervals over seeds and texts like these.": (
        "Exactitud en partes del conjunto de {split}, con intervalos del 95 % sobre semillas y textos como estos."
    ),
    "Lengths are quarters of the texts. These intervals are not corrected for their number.": (
        "Las longitudes son cuartos de los textos. Estos intervalos no se corrigen por su número."
    ),
    "probability of the class predicted": "probabilidad de la clase predicha",
    "predicted": "predicha",
    "wrong in": "fallado en",
    "when right": "al acertar",
    "when wrong": "al fallar",
    "errors with {probability} or more": "errores con {probability} o más",
    "Means over trials, with 95% intervals: how sure the models are of what they get wrong.": (
        "Medias sobre los ensayos, con intervalos del 95 %: cuán seguros están los modelos de lo que fallan."
    ),
}
