"""Sentences and words that the package wrote into a study's files in English, with what varies in them by name.

They are recognised by their shape, since what is stored is a sentence and no template.
"""

NOTES = {
    # where models and data come from
    "bundled": "incluido",
    "package {name}": "paquete {name}",
    "file {path}": "archivo {path}",
    "folder {path}": "carpeta {path}",
    "Hub {name} at revision {revision}": "Hub, {name}, revisión {revision}",
    "Hub cache, {name} at revision {revision}": "caché del Hub, {name}, revisión {revision}",
    "{place}, configuration {name}": "{place}, configuración {name}",
    # data: splits and folds
    "The validation split was cut from the training texts.": (
        "El conjunto de validación se separó de los textos de entrenamiento."
    ),
    "no {split} split: 20 % of train ({rows} rows) cut, stratified, data seed {seed}": (
        "no hay conjunto de {split}: se separó el 20 % de entrenamiento ({rows} filas), estratificado, semilla de los "
        "datos {seed}"
    ),
    "{split}: {rows} of {total} rows drawn, stratified, data seed {seed}": (
        "{split}: {rows} de {total} filas extraídas, estratificado, semilla de los datos {seed}"
    ),
    "{split} ({rows} rows) joined to train, then folded": (
        "{split} ({rows} filas) se unió a entrenamiento antes de formar las particiones"
    ),
    "fold {number} of {folds} is test ({rows} of {total} rows), 20 % of the rest validation ({others} rows), "
    "stratified, data seed {seed}": (
        "la partición {number} de {folds} es la prueba ({rows} de {total} filas); el 20 % del resto, validación "
        "({others} filas), estratificado, semilla de los datos {seed}"
    ),
    "splits left aside: {splits}": "conjuntos que se dejaron aparte: {splits}",
    "{split}: the Hub's copy holds only a part of it": "{split}: la copia del Hub solo contiene una parte",
    "configuration {name}, the default; others are {others} (--config)": (
        "configuración {name}, la predeterminada; otras son {others} (--config)"
    ),
    # data: labels, classes, columns
    "{split}: labels hidden ({held}), left aside": "{split}: etiquetas ocultas ({held}), se dejó aparte",
    "{split}: labels hidden (no column {column}), left aside": (
        "{split}: etiquetas ocultas (sin columna {column}), se dejó aparte"
    ),
    "missing": "ausentes",
    "classes without a row in train left out: {classes}": (
        "clases sin ninguna fila en entrenamiento, excluidas: {classes}"
    ),
    "each row is a pair of texts, {text} and {pair}": "cada fila es un par de textos, {text} y {pair}",
    "{place}: quotes are taken as characters of the texts, since they do not pair up as in CSV": (
        "{place}: las comillas se toman como caracteres de los textos, pues no se emparejan como en CSV"
    ),
    "{name} is the bundled data set; the file or folder of that name here is given as ./{path}": (
        "{name} es el conjunto de datos incluido; el archivo o la carpeta de ese nombre se indica como ./{path}"
    ),
    "train is imbalanced: {share} % of its rows are {largest}, {rest} % {smallest}; --set class_weights=balanced "
    "weighs them equally": (
        "entrenamiento está desequilibrado: el {share} % de sus filas son {largest} y el {rest} % {smallest}; "
        "--set class_weights=balanced las pondera por igual"
    ),
    # data: repeated texts
    "pairs": "pares",
    "1 of {total} {split} {kind} ({share} %) is also in {other}: scores on them reward memory": (
        "1 de {total} {kind} de {split} ({share} %) está también en {other}: las puntuaciones sobre él premian la "
        "memoria"
    ),
    "1 of {total} {split} {kind} ({share} %) is also in {other}, there with another class: "
    "scores on them reward memory": (
        "1 de {total} {kind} de {split} ({share} %) está también en {other}, allí con otra clase: las puntuaciones "
        "sobre él premian la memoria"
    ),
    "{count} of {total} {split} {kind} ({share} %) are also in {other}: scores on them reward memory": (
        "{count} de {total} {kind} de {split} ({share} %) están también en {other}: las puntuaciones sobre ellos "
        "premian la memoria"
    ),
    "{count} of {total} {split} {kind} ({share} %) are also in {other}, {wrong} of them with another class: "
    "scores on them reward memory": (
        "{count} de {total} {kind} de {split} ({share} %) están también en {other}, {wrong} de ellos con otra clase: "
        "las puntuaciones sobre ellos premian la memoria"
    ),
    "1 of {total} {split} {kind} ({share} %) repeats an earlier one": (
        "1 de {total} {kind} de {split} ({share} %) repite otro anterior"
    ),
    "1 of {total} {split} {kind} ({share} %) repeats an earlier one, there with another class": (
        "1 de {total} {kind} de {split} ({share} %) repite otro anterior, allí con otra clase"
    ),
    "{count} of {total} {split} {kind} ({share} %) repeat an earlier one": (
        "{count} de {total} {kind} de {split} ({share} %) repiten otro anterior"
    ),
    "{count} of {total} {split} {kind} ({share} %) repeat an earlier one, {wrong} of them with another class": (
        "{count} de {total} {kind} de {split} ({share} %) repiten otro anterior, {wrong} de ellos con otra clase"
    ),
    # trials
    "{device}, {threads} threads, {precision}": "{device}, {threads} hilos, {precision}",
    "{device}, 1 thread, {precision}": "{device}, 1 hilo, {precision}",
    "the frozen blocks were computed at every step: {why}": "los bloques congelados se calcularon en cada paso: {why}",
    "some of their weights are trained": "algunos de sus pesos se entrenan",
    "some of them are not called as modules": "algunos no se invocan como módulos",
    "their output has the shape {shape} for {texts} texts of {longest} tokens": (
        "su salida tiene la forma {shape} para {texts} textos de {longest} tokens"
    ),
    "one of them returns {kind} with more than hidden states": "uno devuelve {kind} con más que estados ocultos",
    "what is above them reads more than their output": "lo que está por encima lee más que su salida",
    "what they give for {texts} texts takes {size} GiB": "lo que dan para {texts} textos ocupa {size} GiB",
    "newly initialised, trained: {names}": "inicializados de nuevo y entrenados: {names}",
    "{names} and {more} more": "{names} y {more} más",
    "head of the checkpoint kept: its {classes} classes are named like the data's": (
        "se conserva la cabeza del punto de control: sus {classes} clases se llaman como las de los datos"
    ),
    "head of the checkpoint kept: its {classes} classes are unnamed, and as many as the data's": (
        "se conserva la cabeza del punto de control: sus {classes} clases no tienen nombre y son tantas como las de "
        "los datos"
    ),
    "head of the checkpoint replaced by a new one: {problem}": (
        "la cabeza del punto de control se sustituyó por una nueva: {problem}"
    ),
    "ALBERT's layers share their weights: layers {layers}, distinct blocks {blocks}; frozen_layers counts distinct "
    "blocks.": (
        "Las capas de ALBERT comparten sus pesos: {layers} capas, {blocks} bloques distintos; frozen_layers cuenta "
        "bloques distintos."
    ),
    "stopped by the scheduler at step {step}": "detenido por el planificador en el paso {step}",
    "out of memory with {first} texts per forward pass, and begun again once, with {used} in the end: the batch of "
    "{batch} is the same, in {parts} parts": (
        "sin memoria con {first} textos por pasada; se empezó de nuevo una vez, al final con {used}: el lote de "
        "{batch} es el mismo, en {parts} partes"
    ),
    "out of memory with {first} texts per forward pass, and begun again {times} times, with {used} in the end: the "
    "batch of {batch} is the same, in {parts} parts": (
        "sin memoria con {first} textos por pasada; se empezó de nuevo {times} veces, al final con {used}: el lote de "
        "{batch} es el mismo, en {parts} partes"
    ),
}
