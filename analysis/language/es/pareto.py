"""Sentences of scores against costs."""

SENTENCES = {
    "latency at batch 1 (ms per text)": "latencia con lote 1 (ms por texto)",
    "latency at batch 32 (ms per text)": "latencia con lote 32 (ms por texto)",
    "{split} {metric}": "{metric} de {split}",
    "on the front": "en la frontera",
    "on the front:": "en la frontera:",
    "beaten by": "superada por",
    "On the front: no other setting costs less and scores as well, or costs as much and scores better. Beaten by: by "
    "the means, cheapest first. The share says how often a setting is on the front when scores and measured costs are "
    "drawn anew from what their scatter allows; darker marks in the figure, where the front of the means is joined.": (
        "En la frontera: ninguna otra configuración cuesta menos con igual puntuación ni puntúa mejor con igual coste. "
        "Superada por: según las medias, la más barata primero. El porcentaje dice con qué frecuencia una "
        "configuración está en la frontera cuando las puntuaciones y los costes medidos se sortean de nuevo según su "
        "dispersión; en la figura, cuanto más oscura la marca, mayor; la línea une la frontera de las medias."
    ),
    "Drawn anew: folds, with the corrected variance.": "Se sortean de nuevo: particiones, con la varianza corregida.",
    "Drawn anew: seeds (by t) and texts.": "Se sortean de nuevo: semillas (según t) y textos.",
    "Drawn anew: seeds (by t), on these very texts.": (
        "Se sortean de nuevo: semillas (según t), sobre estos mismos textos."
    ),
    "In the figure marks of equal cost stand side by side, and intervals that leave the axes are cut.": (
        "En la figura, las marcas de igual coste están una al lado de otra y los intervalos que salen de los ejes están "
        "cortados."
    ),
    "Latency is measured once for each structure and is taken as it is.": (
        "La latencia se mide una vez por estructura y se toma tal cual."
    ),
}
