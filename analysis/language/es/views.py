"""Words in figures."""

SENTENCES = {
    "predicted class": "clase predicha",
    "true class": "clase verdadera",
    "best": "mejor",
    "recipe": "receta",
    "{name}, also best": "{name} (la mejor)",
    "{split} split, mean counts over {seeds} seeds": "{split}, recuentos medios de {seeds} semillas",
    "{split} split, counts of one seed": "{split}, recuentos de una semilla",
    "{folds} folds' {split} splits, mean counts over {seeds} seeds": (
        "{split} de {folds} particiones, media de {seeds} semillas"
    ),
    "{folds} folds' {split} splits": "{split} de {folds} particiones",
}
