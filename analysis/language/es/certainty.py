"""Sentences of ``analysis.report.certainty``."""

SENTENCES = {
    "How sure": "Con qué seguridad",
    "interquartile mean": "media intercuartílica",
    "P(better), same seed": "P(mejor), misma semilla",
    "P(better), any seeds": "P(mejor), semillas cualesquiera",
    "p (Wilcoxon)": "p (Wilcoxon)",
    "violation ratio (ε)": "razón de violación (ε)",
    "seeds needed": "semillas necesarias",
    "Of the {split} {metric} of single trials, for other seeds on these very texts. Median: with the exact 95% interval between two of the scores, which takes six. Interquartile mean: without the lowest and highest quarter (Agarwal et al. 2021), with a 95% t-interval whose standard error is a bootstrap's. Single bad runs move neither.": (
        "De {metric} en {split} de los ensayos uno a uno, para otras semillas sobre estos mismos textos. Mediana: con el intervalo exacto del 95 % entre dos de las puntuaciones, que necesita seis. Media intercuartílica: sin el cuarto más bajo ni el más alto (Agarwal et al. 2021), con un intervalo t del 95 % cuyo error típico es el del bootstrap. Un mal ensayo suelto no mueve ninguna de las dos."
    ),
    "P(better): the probability that a trial scores better than the baseline's of the same seed (Wilson's interval), or than any trial of the baseline (Newcombe's); 50% is no difference. Wilcoxon: the exact signed-rank test over pairs, not corrected.": (
        "P(mejor): la probabilidad de que un ensayo puntúe mejor que el de la referencia con la misma semilla (intervalo de Wilson), o que un ensayo cualquiera de la referencia (el de Newcombe); 50 % es ninguna diferencia. Wilcoxon: la prueba exacta de los rangos con signo sobre los pares, sin corregir."
    ),
    "Violation ratio: how far the setting is from better at every quantile, 0 being better throughout; ε: its upper bound (almost stochastic order, Dror et al. 2019), corrected for all comparisons. With fewer than ten seeds it is too low by chance too often for a verdict.": (
        "Razón de violación: cuánto le falta a la configuración para ser mejor en todos los cuantiles; 0 es mejor en todos. ε: su cota superior (orden casi estocástico, Dror et al. 2019), corregida por todas las comparaciones. Con menos de diez semillas sale demasiado baja por azar demasiadas veces para dar un veredicto."
    ),
    "Seeds needed: with so many the difference seen, if it is the true one, would be shown with a power of {power} at 0.05 after correction. It is as uncertain as the difference.": (
        "Semillas necesarias: con tantas, la diferencia vista, si es la verdadera, se mostraría con una potencia del {power} al nivel 0.05 tras la corrección. Es un número tan incierto como la diferencia."
    ),
    "Of more than {most} trials none are drawn anew.": "De más de {most} ensayos no se remuestrea ninguno.",
    "The noise floor of {texts} of the {split} split: the accuracy {accuracy} of the best on validation has a standard error of {error} from the choice of the texts alone, with whatever number of seeds.": (
        "El suelo de ruido de {texts} del conjunto de {split}: la exactitud ({accuracy}) de la mejor en validación tiene un error típico de {error} solo por la elección de los textos, con cualquier número de semillas."
    ),
    "On {share} of them just one of baseline and rival is right (mean over seeds): so few tell no two trained models apart by McNemar's exact test.": (
        "En el {share} de ellos acierta solo una de las dos, la referencia o su rival (media sobre semillas): tan pocos no permiten distinguir dos modelos entrenados con la prueba exacta de McNemar."
    ),
    "On {share} of them just one of baseline and rival is right (mean over seeds), so that two trained models have to differ by {least} in accuracy for McNemar's exact test to tell them apart.": (
        "En el {share} de ellos acierta solo una de las dos, la referencia o su rival (media sobre semillas), de modo que dos modelos entrenados tienen que diferir en {least} de exactitud para que la prueba exacta de McNemar los distinga."
    ),
    "To show the difference seen with a power of {power}, {setting} would need about {seeds} in all: a number as uncertain as the difference.": (
        "Para mostrar la diferencia vista con una potencia del {power}, {setting} necesitaría unas {seeds} en total: un número tan incierto como la diferencia."
    ),
    "No number of seeds that can be run would show so small a difference.": (
        "Ningún número de semillas que se pueda ejecutar mostraría una diferencia tan pequeña."
    ),
}
