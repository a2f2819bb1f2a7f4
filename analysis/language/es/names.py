"""Names of metrics, splits, recipes and settings."""

SENTENCES = {
    "accuracy": "exactitud",
    "precision": "precisión",
    "recall": "exhaustividad",
    "F1": "F1",
    "MCC": "MCC",
    "cross-entropy (nats)": "entropía cruzada (nats)",
    "{metric} of class {label}": "{metric} de la clase {label}",
    "macro {metric}": "{metric} macro",
    "train": "entrenamiento",
    "validation": "validación",
    "test": "prueba",
    "full fine-tuning": "ajuste fino completo",
    "baseline": "referencia",
    "no {part}": "sin {part}",
    "whole recipe": "receta completa",
    "without {part}": "sin {part}",
    "{part} alone": "solo {part}",
    "adapter": "adaptador",
    "{model} on {data}": "{model} en {data}",
}
