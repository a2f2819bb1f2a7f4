"""Sentences on the data: classes, repeated texts, truncation."""

SENTENCES = {
    "Texts: column {text}; classes: column {label}.": "Textos: columna {text}; clases: columna {label}.",
    "Texts: column {text} and column {pair}; classes: column {label}.": (
        "Textos: columna {text} y columna {pair}; clases: columna {label}."
    ),
    "{split}, fold {fold}": "{split}, partición {fold}",
    "test, all folds": "prueba, todas las particiones",
    "all": "total",
    "class": "clase",
    "{more} more classes are in study.json.": "Hay {more} clases más en study.json.",
    "One more class is in study.json.": "Hay una clase más en study.json.",
    "The classes are imbalanced: {largest} has {times} times the training texts of {smallest}. Always predicting "
    "{largest} would be right for {share} of texts like those of train, which is what an accuracy has to be "
    "compared with.": (
        "Las clases están desequilibradas: {largest} tiene {times} veces los textos de entrenamiento de {smallest}. "
        "Predecir siempre {largest} acertaría en el {share} de textos como los de entrenamiento, y con eso hay que "
        "comparar una exactitud."
    ),
    "No text occurs twice, within a split or across splits.": (
        "Ningún texto aparece dos veces, ni dentro de un conjunto ni entre conjuntos."
    ),
    "itself": "sí mismo",
    "Texts that occur more than once, ignoring case, Unicode form and white space; within one split the first of "
    "each is not counted. Scores on texts that are also in train reward memory.": (
        "Textos que aparecen más de una vez, sin distinguir mayúsculas, forma Unicode ni espacios en blanco; dentro de "
        "un mismo conjunto no se cuenta el primero de cada uno. Las puntuaciones sobre textos que también están en "
        "entrenamiento premian la memoria."
    ),
    "Counts are added up over the folds.": "Los recuentos suman todas las particiones.",
    "split": "conjunto",
    "also in": "también en",
    "texts": "textos",
    "with another class": "con otra clase",
    "row": "fila",
    "again at": "repetida en",
    "text": "texto",
    "class there": "clase allí",
    "{model}, split into windows of {tokens} tokens{kept}. {parts}.": (
        "{model}, con textos divididos en ventanas de {tokens} tokens{kept}. Afectados: {parts}."
    ),
    "{model}, cut at {tokens} tokens{kept}. {parts}.": (
        "{model}, con textos cortados a {tokens} tokens{kept}. Afectados: {parts}."
    ),
    "{model}, split into windows of {tokens} tokens{kept}, added up over {folds}. {parts}.": (
        "{model}, con textos divididos en ventanas de {tokens} tokens{kept}, sumando {folds}. Afectados: {parts}."
    ),
    "{model}, cut at {tokens} tokens{kept}, added up over {folds}. {parts}.": (
        "{model}, con textos cortados a {tokens} tokens{kept}, sumando {folds}. Afectados: {parts}."
    ),
    "{split}: {share} of {texts}": "{split}, {share} de {texts}",
    "{split}: {share} of {texts}, {dropped} of all tokens dropped": (
        "{split}, {share} de {texts} (descartado el {dropped} de todos los tokens)"
    ),
}
