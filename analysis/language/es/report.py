"""Sentences of the report on the recipe, training, parameters, stability, failures and provenance."""

SENTENCES = {
    # heads of tables, shared by several sections
    "setting": "configuración",
    "share": "proporción",
    "{part} of {whole}": "{part} de {whole}",
    # the recipe
    "best on validation": "la mejor en validación",
    "LoRA's low-rank matrices": "las matrices de rango bajo de LoRA",
    "the adapters": "los adaptadores",
    "the biases": "los sesgos",
    "The recipe trains {amount} parameters ({share} of all): {added} and the classification head. "
    "The pre-trained weights of the body are frozen.": (
        "La receta entrena {amount} parámetros ({share} del total): {added} y la cabeza de clasificación. Los pesos "
        "preentrenados del cuerpo están congelados."
    ),
    "The recipe trains {amount} parameters ({share} of all).": (
        "La receta entrena {amount} parámetros ({share} del total)."
    ),
    "The best on validation trains {amount} parameters ({share} of all): {added} and the classification head. "
    "The pre-trained weights of the body are frozen.": (
        "La mejor configuración en validación entrena {amount} parámetros ({share} del total): {added} y la cabeza de "
        "clasificación. Los pesos preentrenados del cuerpo están congelados."
    ),
    "The best on validation trains {amount} parameters ({share} of all).": (
        "La mejor configuración en validación entrena {amount} parámetros ({share} del total)."
    ),
    # training
    "epochs run": "épocas realizadas",
    "weights kept of epoch": "pesos conservados de la época",
    "stopped early": "parada temprana",
    "texts per part": "textos por parte",
    "retries for memory": "reintentos por memoria",
    "attacked steps": "pasos atacados",
    "skipped attacks": "ataques omitidos",
    "Means over the comparison trials, with the least and the most.": (
        "Medias de los ensayos de comparación, con el mínimo y el máximo."
    ),
    "Batches of {size} texts, the gradient of each accumulated from parts of at most {part}: "
    "the weights change once per batch, by the gradient of the whole.": (
        "Lotes de {size} textos; el gradiente de cada uno se acumula a partir de partes de {part} como máximo: los "
        "pesos cambian una vez por lote, según el gradiente del lote entero."
    ),
    "{evaluations} per epoch": "{evaluations} por época",
    "Training ends after {evaluations} in a row without a better validation {metric}{each}; "
    "the weights of the best evaluation are kept.": (
        "El entrenamiento termina tras {evaluations} sin que mejore {metric} en validación{each}; se conservan los "
        "pesos de la mejor evaluación."
    ),
    "Training of at most {epochs} epochs ends after {evaluations} in a row without a better validation {metric}{each}; "
    "the weights of the best evaluation are kept.": (
        "El entrenamiento, de {epochs} épocas como máximo, termina tras {evaluations} sin que mejore {metric} en "
        "validación{each}; se conservan los pesos de la mejor evaluación."
    ),
    # parameters
    "trainable parameters": "parámetros entrenables",
    "of all": "del total",
    "of full fine-tuning's": "del ajuste fino completo",
    "of the baseline's": "de la referencia",
    "saved (MiB)": "guardado (MiB)",
    "Of all: of the model with what methods add to it. Saved: the size of a file with the trained weights alone.": (
        "Del total: del modelo con lo que le añaden los métodos. Guardado: el tamaño de un archivo que contiene solo "
        "los pesos entrenados."
    ),
    # stability
    "degenerate": "degenerados",
    "mean {split}": "media de {split}",
    "standard deviation": "desviación estándar",
    "median": "mediana",
    "worst": "peor",
    "Degenerate: one class predicted for every text, or a loss that stopped being finite (which has no score). "
    "Shares with 95% Wilson intervals.": (
        "Degenerado: se predijo una sola clase para todos los textos, o la pérdida dejó de ser finita (y entonces no "
        "hay puntuación). Proporciones con intervalos de Wilson del 95 %."
    ),
    # failures
    "Not finished": "Sin terminar",
    "key": "clave",
    "trial": "ensayo",
    "phase": "fase",
    "ended": "final",
    "error": "error",
    "screen": "criba",
    "tune": "ajuste",
    "compare": "comparación",
    "finished": "terminado",
    "stopped": "detenido",
    "failed": "fallido",
    "diverged": "divergente",
    "out of memory": "sin memoria",
    "seed {seed}": "semilla {seed}",
    "Tracebacks are in records/KEY.json. To try one again: `run_study.py rerun FOLDER KEY`, FOLDER being the "
    "folder of this report.": (
        "Las trazas de error están en records/KEY.json, donde KEY es la clave. Para repetir un ensayo: "
        "`run_study.py rerun FOLDER KEY`, donde FOLDER es la carpeta de este informe."
    ),
    "{trials} in trials.csv.": "{trials} en trials.csv.",
    "{records} cannot be read and will run again with the study's command: {names}.": (
        "No se ha podido leer {records}; al volver a lanzar el estudio se repetirá lo que falte: {names}."
    ),
    "{trials} of other points or settings than the arms in study.json ask for: in trials.csv, in no table above.": (
        "{trials} de otros puntos o configuraciones que los que piden los brazos de study.json: figuran en trials.csv, "
        "pero en ninguna de las tablas anteriores."
    ),
    # figures
    "{signs} and others": "{signs} y otros",
    "No installed font has {signs}: the figure shows boxes there. Install one that has, then report again.": (
        "Ninguna fuente instalada tiene {signs}: la figura muestra recuadros en su lugar. Instale una que los tenga y "
        "genere de nuevo el informe."
    ),
    # provenance
    "Commands:": "Comandos:",
    "model": "modelo",
    "data": "datos",
    "name": "nombre",
    "fingerprint": "huella",
    "source": "origen",
    "size": "tamaño",
    "depth": "profundidad",
    "width": "anchura",
    "heads": "cabezas",
    "{data}, fold {number} of {folds}": "{data}, partición {number} de {folds}",
    "{texts}; classes: {classes}": "{texts}; clases: {classes}",
    "{arm}, fixed: {setting}": "{arm}, valores fijos: {setting}",
    "not recorded": "sin registrar",
    "versions": "versiones",
    "commit": "commit",
    "hardware": "hardware",
    "execution profile": "perfil de ejecución",
    "seeds, tuning": "semillas, ajuste",
    "seeds, comparison": "semillas, comparación",
    "trials": "ensayos",
    "first start, last end": "primer inicio, último final",
    "{amount}, which took {minutes} minutes in all": "{amount}, que duraron {minutes} minutos en total",
    "{commit} with uncommitted changes": "{commit}, con cambios sin confirmar",
}
