"""Sentences of learning curves."""

SENTENCES = {
    "training loss": "pérdida de entrenamiento",
    "epochs": "épocas",
    "evaluations": "evaluaciones",
    "Every line is one trial.": "Cada línea es un ensayo.",
    "baseline, best": "referencia, mejor",
    "{name} ({role})": "{name} ({role})",
    "another setting": "otra configuración",
    "{amount} other settings": "otras {amount} configuraciones",
    "one trial": "un ensayo",
    "95% CI of the mean": "IC del 95 % de la media",
    "Thick lines are means over seeds with 95% t-intervals, thin lines single trials.": (
        "Las líneas gruesas son medias sobre las semillas con intervalos t del 95 %; las finas, ensayos individuales."
    ),
    "Thick lines are means over folds with 95% intervals, thin lines single trials.": (
        "Las líneas gruesas son medias sobre las particiones con intervalos del 95 %; las finas, ensayos individuales."
    ),
    "Training loss is the mean since the evaluation before, of what was minimised, with dropout: it lags behind.": (
        "La pérdida de entrenamiento es la media desde la evaluación anterior de lo que se minimizó, con dropout: va "
        "con retraso."
    ),
    "Trials of one setting differ in length in {settings}: its mean ends with the shortest of them, as those that go "
    "on are not a fair sample.": (
        "En {settings} los ensayos tienen duraciones distintas: la media termina con el más corto, pues los que "
        "continúan no son una muestra imparcial."
    ),
    "epoch of the best validation {metric}": "época de la mejor {metric} de validación",
    "training loss, end": "pérdida de entrenamiento, final",
    "validation loss, end": "pérdida de validación, final",
    "validation loss, lowest": "pérdida de validación, mínima",
    "gap": "brecha",
    "Means over the comparison trials.": "Medias sobre los ensayos de comparación.",
    "Gap: validation loss minus training loss at the last evaluation.": (
        "Brecha: pérdida de validación menos pérdida de entrenamiento en la última evaluación."
    ),
    "A validation loss that ends above its lowest has begun to overfit, whatever the score does.": (
        "Una pérdida de validación que termina por encima de su mínimo ha empezado a sobreajustar, haga lo que haga la "
        "puntuación."
    ),
    "{settings} not shown.": "No se muestran {settings}.",
}
