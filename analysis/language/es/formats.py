"""Sentences of ``analysis.report.formats``."""

SENTENCES = {
    "en": "es",
    "Contents": "Contenido",
    "Explore the trials": "Explorar los ensayos",
    "These drawings need JavaScript; nothing else here does.": (
        "Estos dibujos necesitan JavaScript; nada más aquí lo necesita."
    ),
    "{shown} are drawn, chosen evenly of {trials} by their keys.": (
        "Se dibujan {shown}, elegidos a intervalos regulares entre {trials} según sus claves."
    ),
    "validation {metric}": "{metric} de validación",
    "test {metric}": "{metric} de prueba",
    "seed": "semilla",
    "fold": "partición",
    "phase": "fase",
    "status": "estado",
    "trainable parameters": "parámetros entrenables",
    "training (s)": "entrenamiento (s)",
    "peak memory (MiB)": "pico de memoria (MiB)",
    "saved (MiB)": "guardado (MiB)",
    "latency, batch 1 (ms/text)": "latencia, lote de 1 (ms/texto)",
    "latency, batch 32 (ms/text)": "latencia, lote de 32 (ms/texto)",
    "Parallel coordinates: each line is a trial": "Coordenadas paralelas: cada línea es un ensayo",
    "Scatter: each dot is a trial": "Dispersión: cada punto es un ensayo",
    "Colour": "Color",
    "Horizontal": "Horizontal",
    "Vertical": "Vertical",
    "Clear": "Borrar los filtros",
    "missing": "falta",
    "key": "clave",
    "{shown} of {all} trials shown": "Se muestran {shown} de {all} ensayos",
    "Drag along an axis to keep the trials in that range; click it to keep all again. Point at a trial, or use"
    " the arrow keys, to see it whole.": (
        "Arrastre a lo largo de un eje para conservar los ensayos de ese rango; haga clic en él para recuperarlos"
        " todos. Señale un ensayo, o use las teclas de flecha, para verlo entero."
    ),
    "pdfLaTeX has no glyph for {signs}: each stands as its number in a box.": (
        "pdfLaTeX no tiene glifo para {signs}: en su lugar figura el número de cada carácter en un recuadro."
    ),
    "pdfLaTeX has no glyph for {signs} and {more} more: each stands as its number in a box.": (
        "pdfLaTeX no tiene glifo para {signs} y {more} más: en su lugar figura el número de cada carácter en un"
        " recuadro."
    ),
    "No font here has {signs}: each stands as its number in a box.": (
        "Ninguna fuente instalada tiene {signs}: en su lugar figura el número de cada carácter en un recuadro."
    ),
    "No font here has {signs} and {more} more: each stands as its number in a box.": (
        "Ninguna fuente instalada tiene {signs} y {more} más: en su lugar figura el número de cada carácter en un"
        " recuadro."
    ),
    "packages": "paquetes",
}
