"""Sentences of the ablation, its table and its figure."""

SENTENCES = {
    "added to {baseline}": "añadida a: {baseline}",
    "removed from the recipe": "quitada de la receta",
    "{part} by {difference} ({direction})": "{part}, {difference} ({direction})",
    "Having a part changes the score significantly, after Holm's correction for {differences}: {parts}.": (
        "Tener una parte cambia la puntuación de forma significativa, tras la corrección de Holm para {differences}: "
        "{parts}."
    ),
    "Of the recipe's parts none changes the score significantly, after Holm's correction for {differences}.": (
        "Ninguna de las partes de la receta cambia la puntuación de forma significativa, tras la corrección de Holm "
        "para "
        "{differences}."
    ),
    "Of the recipe's parts none changes the score significantly, after Holm's correction for {differences} (so few "
    "pairs could not show it).": (
        "Ninguna de las partes de la receta cambia la puntuación de forma significativa, tras la corrección de Holm "
        "para "
        "{differences} (con tan pocos pares no podría verse)."
    ),
}
