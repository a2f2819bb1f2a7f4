"""Sentences of ``analysis.report``'s ``compose`` and ``chapters``."""

SENTENCES = {
    "All columns are in [table.csv](table.csv), all trials in [trials.csv](trials.csv).": (
        "Todas las columnas están en [table.csv](table.csv) y todos los ensayos en [trials.csv](trials.csv)."
    ),
    "Conclusion": "Conclusión",
    "From: {source}": "Origen: {source}",
    "Left out:": "No incluido:",
    "No trial has ended yet, so there is nothing to conclude. The commands are under Provenance.": (
        "Ningún ensayo ha terminado todavía, así que no hay nada que concluir. Las órdenes están en «Procedencia»."
    ),
    "No trial has left anything to show here.": "Ningún ensayo ha dejado nada que mostrar aquí.",
    "nothing fixed": "nada fijado",
    "Of {trials} so far none finished; what went wrong is under Not finished.": (
        "De {trials} hasta ahora, ninguno terminó; lo que falló está en «Sin terminar»."
    ),
    "Provenance": "Procedencia",
    "The study has no arms: nothing was asked of any model yet.": (
        "El estudio no tiene brazos: todavía no se ha preguntado nada a ningún modelo."
    ),
    "The study is still tuning: {trials} finished, none of the comparison.": (
        "El estudio todavía está ajustando: {trials} terminados, ninguno de la comparación."
    ),
}
