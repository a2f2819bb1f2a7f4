"""Sentences of ``analysis.report.conclusion`` and ``analysis.report.verdicts``."""

SENTENCES = {
    "the only setting": "la única configuración",
    "No finished comparison trial has a validation score yet, so there is nothing to compare.": (
        "Ningún ensayo de comparación terminado tiene todavía una puntuación de validación, así que no hay nada que "
        "comparar."
    ),
    "Best on validation: {setting}, mean validation {metric} {score} over {over}. There is no test score yet.": (
        "La mejor en validación: {setting}, con media de {metric} en validación {score}, sobre {over}. Todavía no hay "
        "puntuación de prueba."
    ),
    "Best on validation: {setting}, mean validation {metric} {score} over {over}; on test {test}.": (
        "La mejor en validación: {setting}, con media de {metric} en validación {score}, sobre {over}; en prueba, "
        "{test}."
    ),
    "One fold gives no interval.": "Una sola partición no da intervalo.",
    "One seed gives no interval.": "Una sola semilla no da intervalo.",
    "Not every fold has been compared: some settings rest on {some} of {folds} folds so far.": (
        "No se han comparado todas las particiones: algunas configuraciones se apoyan por ahora en {some} de {folds}."
    ),
    "This is the baseline itself: no other setting was better on validation.": (
        "Es la propia referencia: ninguna otra configuración fue mejor en validación."
    ),
    "Against the baseline ({setting}; {split} {score}) its paired {split} difference is {difference} over {pairs}.": (
        "Frente a la referencia ({setting}; {split} {score}), su diferencia pareada en {split} es {difference}, sobre "
        "{pairs}."
    ),
    "Against the baseline ({setting}; {split} {score}) its paired {split} difference is {difference} over {pairs}, "
    "{p}.": (
        "Frente a la referencia ({setting}; {split} {score}), su diferencia pareada en {split} es {difference}, sobre "
        "{pairs}, {p}."
    ),
    "The whole recipe: {split} {score}, which against the baseline is {difference} over {pairs}, {p}.": (
        "La receta entera: {split} {score}, lo que frente a la referencia es {difference}, sobre {pairs}, {p}."
    ),
    "It trains {share} of the baseline's parameters.": "Entrena el {share} de los parámetros de la referencia.",
    "It cannot be compared with the baseline ({setting}): that is not among the values compared; add it to them.": (
        "No puede compararse con la referencia ({setting}): no está entre los valores comparados; añádala a ellos."
    ),
    "It cannot be compared with the baseline ({setting}): they share no scored fold.": (
        "No puede compararse con la referencia ({setting}): no comparten ninguna partición con puntuación."
    ),
    "It cannot be compared with the baseline ({setting}): they share no scored seed.": (
        "No puede compararse con la referencia ({setting}): no comparten ninguna semilla con puntuación."
    ),
    "One pair says nothing about other folds.": "Un solo par no dice nada de otras particiones.",
    "One pair says nothing about other seeds.": "Un solo par no dice nada de otras semillas.",
    "It is the same in every fold, so that there is no interval.": (
        "Es la misma en todas las particiones, de modo que no hay intervalo."
    ),
    "The whole interval is on the better side.": "Todo el intervalo está en el lado mejor.",
    "The whole interval is on the worse side.": "Todo el intervalo está en el lado peor.",
    "The whole interval is on the worse side: what validation selected did not hold on test.": (
        "Todo el intervalo está en el lado peor: lo que eligió la validación no se mantuvo en prueba."
    ),
    "The interval includes zero: no difference is found. One beyond about ±{visible} would have been visible.": (
        "El intervalo incluye el cero: no se encuentra ninguna diferencia. Se habría visto una mayor que ±{visible}, "
        "aproximadamente."
    ),
    "{number} of {trials} predicted one class only; the means include them.": (
        "{number} de {trials} predijeron una sola clase; las medias los incluyen."
    ),
    "Some means or differences mix execution profiles, which agree only within a tolerance.": (
        "Algunas medias o diferencias mezclan perfiles de ejecución, que solo coinciden dentro de una tolerancia."
    ),
    "The interval of the difference excludes zero, on the worse side, for {settings}.": (
        "El intervalo de la diferencia excluye el cero, en el lado peor, para {settings}."
    ),
    "The interval of the difference excludes zero, on the better side, for {settings}.": (
        "El intervalo de la diferencia excluye el cero, en el lado mejor, para {settings}."
    ),
    "No setting's interval of the difference excludes zero; differences beyond about ±{visible} would have been "
    "visible.": (
        "Ninguna configuración tiene un intervalo de la diferencia que excluya el cero; se habrían visto diferencias "
        "mayores que ±{visible}, aproximadamente."
    ),
    "On these very texts other seeds would tell it from the baseline, but other texts could turn it: {settings}.": (
        "En estos mismos textos las semillas distinguen de la referencia, pero otros textos podrían cambiarlo: "
        "{settings}."
    ),
    "Significantly worse than the baseline at 0.05, after Holm's correction: {settings}.": (
        "Significativamente peor que la referencia al nivel 0.05, tras la corrección de Holm: {settings}."
    ),
    "Significantly better than the baseline at 0.05, after Holm's correction: {settings}.": (
        "Significativamente mejor que la referencia al nivel 0.05, tras la corrección de Holm: {settings}."
    ),
    "No difference is significant at 0.05 after Holm's correction.": (
        "Ninguna diferencia es significativa al nivel 0.05 tras la corrección de Holm."
    ),
    "Every other value of {name} loses against the baseline by its interval.": (
        "Según su intervalo, cualquier otro valor de {name} pierde frente a la referencia."
    ),
    "The largest {name} whose interval still includes no loss is {value} ({effect}).": (
        "El mayor {name} cuyo intervalo todavía incluye que no se pierda nada es {value} ({effect})."
    ),
    "The smallest {name} whose interval still includes no loss is {value} ({effect}).": (
        "El menor {name} cuyo intervalo todavía incluye que no se pierda nada es {value} ({effect})."
    ),
    "Smaller values already exclude it: {values}.": "Ya lo excluyen valores menores: {values}.",
    "Larger values already exclude it: {values}.": "Ya lo excluyen valores mayores: {values}.",
    "A loss of {loss} is inside it too, so this does not prove that nothing is lost.": (
        "También está dentro una pérdida de {loss}, así que esto no prueba que no se pierda nada."
    ),
    "Not considered, for want of pairs: {values}.": "Sin considerar, por falta de pares: {values}.",
    "With {seeds} the smallest p that a sign-flip test can reach is {p}, so nothing here is called significant; {one} "
    "seeds are needed for one comparison.": (
        "Con {seeds}, la menor p que puede alcanzar una prueba de cambio de signos es {p}, de modo que aquí nada se "
        "llama "
        "significativo; para una comparación hacen falta {one} semillas."
    ),
    "With {seeds} the smallest p that a sign-flip test can reach is {p}, so nothing here is called significant; {one} "
    "seeds are needed for one comparison, {all} for the {comparisons} made here.": (
        "Con {seeds}, la menor p que puede alcanzar una prueba de cambio de signos es {p}, de modo que aquí nada se "
        "llama "
        "significativo; hacen falta {one} semillas para una comparación y {all} para las {comparisons} de aquí."
    ),
    "{difference} on {pairs} only": "{difference}, con solo {pairs}",
}
