"""Nouns that are counted: one, several."""

NOUNS = {
    "compared trial": ("ensayo comparado", "ensayos comparados"),
    "difference": ("diferencia", "diferencias"),
    "evaluation": ("evaluación", "evaluaciones"),
    "finished comparison trial": ("ensayo de comparación terminado", "ensayos de comparación terminados"),
    "fold": ("partición", "particiones"),
    "more candidate": ("candidato más", "candidatos más"),
    "more trial": ("ensayo más", "ensayos más"),
    "point": ("punto", "puntos"),
    "record": ("registro", "registros"),
    "seed": ("semilla", "semillas"),
    "setting": ("configuración", "configuraciones"),
    "text": ("texto", "textos"),
    "trial": ("ensayo", "ensayos"),
}
