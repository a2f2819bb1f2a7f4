"""Words of the scatter, the strip and the ablation's figure."""

SENTENCES = {
    "{data}: comparison": "{data}: comparación",
    "{data}: search": "{data}: búsqueda",
    "{split} {metric}": "{metric} de {split}",
    "{split} {metric}, {texts}": "{metric} de {split}, {texts}",
    "{split} {metric} ({shown} of {settings})": "{metric} de {split} ({shown} de {settings})",
    "trial": "ensayo",
    "predicts one class": "predice una sola clase",
    "baseline": "referencia",
    "{fewest}–{most} folds": "{fewest}–{most} particiones",
    "{fewest}–{most} seeds": "{fewest}–{most} semillas",
    "mean of {over}": "media de {over}",
    "mean of {over}, 95% CI": "media de {over}, IC del 95 %",
    "mean of {over}, 95% CI (seeds, texts)": "media de {over}, IC del 95 % (semillas, textos)",
    "otherwise": "en otro caso",
    "change of {split} {metric} by having it": "cambio de {metric} de {split} al tenerla",
    "95% CI over seeds and texts": "IC del 95 % sobre semillas y textos",
    "95% CI over folds": "IC del 95 % sobre particiones",
    "95% CI over seeds": "IC del 95 % sobre semillas",
    "p, Holm (n)": "p, Holm (n)",
}
