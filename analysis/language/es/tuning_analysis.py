"""Sentences of expected performance, optimism, importance, effects and the ablation path."""

SENTENCES = {
    "†: predicted one class, or was stopped before its end; it comes behind all others in the choice, whatever its "
    "score.": (
        "†: predijo una sola clase o se detuvo antes de su fin; en la elección va detrás de todas las demás, sea cual "
        "sea su puntuación."
    ),
    "Candidates were first tried on a part of the training texts, and the best third of them each time on three times "
    "as many: only those that came to all texts are listed.": (
        "Los candidatos se probaron primero con una parte de los textos de entrenamiento, y el mejor tercio de ellos cada "
        "vez con el triple: solo figuran los que llegaron a todos los textos."
    ),
    # expected performance
    "expected best validation {metric}": "{metric} de validación esperada de la mejor",
    "draws n (shaded: 95% interval)": "extracciones n (sombreado: intervalo del 95 %)",
    "draws n": "extracciones n",
    "tuned for": "búsqueda para",
    "draws": "extracciones",
    "best of {n}": "mejor de {n}",
    "The expected validation {metric} of the best of n settings drawn independently from what is tuned "
    "over (unbiased estimator, Tang et al. 2020), with 95% bootstrap intervals over draws. What it says "
    "is how much tuning buys, not how good the chosen setting is on new texts. No draw is better than "
    "the best one seen, so that the intervals are too narrow towards the last n.": (
        "Valor esperado de {metric} en validación de la mejor de n configuraciones extraídas de forma "
        "independiente del espacio de búsqueda (estimador insesgado, Tang et al. 2020), con intervalos "
        "bootstrap del 95 % sobre las extracciones. Indica cuánto aporta buscar más, no lo buena que es la "
        "configuración elegida con textos nuevos. Ninguna extracción supera a la mejor observada, de modo "
        "que los intervalos son demasiado estrechos hacia el último n."
    ),
    "A draw trained for {seconds} s on average.": "Una extracción se entrenó {seconds} s en promedio.",
    "Left out for want of a score: {draws}.": "Excluidas por no tener puntuación: {draws}.",
    "Which is best depends on the budget, by these means: {changes}.": (
        "Cuál es la mejor depende del presupuesto, según estas medias: {changes}."
    ),
    "from {n} on {now} is ahead of {before}": "a partir de {n}, {now} supera a {before}",
    "What more tuning would have bought (the expected best of n draws) is not shown: the search proposed "
    "settings by the scores it had seen, so that they are no independent draws.": (
        "No se muestra lo que habría aportado buscar más (la mejor esperada de n extracciones): la búsqueda "
        "propuso configuraciones según las puntuaciones ya vistas, por lo que no son extracciones "
        "independientes."
    ),
    "What more tuning would have bought (the expected best of n draws) is not shown: a scheduler stopped "
    "weak trials early, so that their scores are not those of full training.": (
        "No se muestra lo que habría aportado buscar más (la mejor esperada de n extracciones): un "
        "planificador detuvo antes de tiempo los ensayos flojos, por lo que sus puntuaciones no son las de "
        "un entrenamiento completo."
    ),
    "What more tuning would have bought (the expected best of n draws) is not shown: every combination "
    "of the values was tried, so that nothing was drawn and nothing is left to draw.": (
        "No se muestra lo que habría aportado buscar más (la mejor esperada de n extracciones): se probaron "
        "todas las combinaciones de los valores, de modo que no hubo sorteo ni queda nada por sortear."
    ),
    "What more tuning would have bought (the expected best of n draws) is not shown: it takes at least "
    "{fewest} independent draws with a score.": (
        "No se muestra lo que habría aportado buscar más (la mejor esperada de n extracciones): hacen falta "
        "al menos {fewest} extracciones independientes con puntuación."
    ),
    # optimism
    "Optimism: the setting best on validation ({setting}) was chosen with {metric} {selected}; with the "
    "seeds of the comparison it has {validation} on validation and {test} on test, over {units}. "
    "Validation flatters by {gap} (negative: test does).": (
        "Optimismo: la mejor configuración en validación ({setting}) se eligió con {metric} {selected}; con "
        "las semillas de la comparación obtiene {validation} en validación y {test} en prueba, sobre "
        "{units}. La validación favorece en {gap} (negativo: favorece la prueba)."
    ),
    "Optimism: the setting best on validation ({setting}) has {metric} {validation} there and {test} on "
    "test, over {units}: validation flatters by {gap} (negative: test does).": (
        "Optimismo: la mejor configuración en validación ({setting}) obtiene allí {metric} {validation} y "
        "{test} en prueba, sobre {units}: la validación favorece en {gap} (negativo: favorece la prueba)."
    ),
    "Over all {settings} chosen it is {gap} on average (from {least} to {most}): what they share is due "
    "to the splits, one of which is the easier.": (
        "Sobre el total de elegidas ({settings}) es de {gap} en promedio (de {least} a {most}): lo que "
        "tienen en común se debe a los conjuntos, uno de los cuales es más fácil."
    ),
    "The scores that they were chosen by flatter more than those of the comparison's seeds, on the same "
    "texts, by {luck} on average.": (
        "Las puntuaciones con las que se eligieron favorecen más que las de las semillas de la comparación, "
        "con los mismos textos, en {luck} en promedio."
    ),
    "Validation and test order the {settings} compared with a rank correlation (Spearman) of {rho}.": (
        "La correlación de rangos (Spearman) entre validación y prueba sobre el total de lo comparado "
        "({settings}) es {rho}."
    ),
    # importance
    "share of the variance of validation {metric}": "parte de la varianza de {metric} de validación",
    "alone": "por sí solo",
    "least and most of {forests} forests": "mínimo y máximo de {forests} bosques",
    "only together": "solo en conjunto",
    "hyperparameter": "hiperparámetro",
    "share of the variance": "parte de la varianza",
    "least and most": "mínimo y máximo",
    "The share of the variance of validation {metric} that a hyperparameter makes by itself, when all "
    "are drawn independently and evenly over their values: the first-order part of functional ANOVA "
    "(Hutter et al. 2014) of a random forest fitted to the mean scores of {settings} ({trials}). Least "
    "and most of {refits} forests: how far it depends on the forest, not how far it would on other "
    "trials. Nothing here is a test.": (
        "Parte de la varianza de {metric} en validación que un hiperparámetro explica por sí solo cuando "
        "todos se sortean de forma independiente y uniforme sobre sus valores: la parte de primer orden del "
        "ANOVA funcional (Hutter et al. 2014) de un bosque aleatorio ajustado a las puntuaciones medias de "
        "{settings} ({trials}). Mínimo y máximo de {refits} bosques: cuánto depende del bosque, no cuánto "
        "dependería de otros ensayos. Nada de esto es un contraste."
    ),
    "Out of bag the forest explains {share} of the variance.": (
        "Fuera de bolsa (out-of-bag) el bosque explica el {share} de la varianza."
    ),
    "That is little: take the order with caution.": "Es poco: el orden debe tomarse con cautela.",
    "Hyperparameters left out because some trials lack them: {names}.": (
        "Hiperparámetros excluidos porque faltan en algunos ensayos: {names}."
    ),
    "Hyperparameters left out because they follow from another: {names}.": (
        "Hiperparámetros excluidos porque se derivan de otro: {names}."
    ),
    "Trials left out because they did not finish: {trials}.": "Excluidos por no haber terminado: {trials}.",
    "Settings left out because not all folds tried them: {n}.": (
        "Excluidas porque no todas las particiones las probaron: {n}."
    ),
    "Which hyperparameters matter is not estimated: it takes at least {fewest} settings tried to their "
    "end, and there are {settings}.": (
        "No se estima qué hiperparámetros importan: hacen falta al menos {fewest} configuraciones probadas "
        "hasta el final y hay {settings}."
    ),
    "Which hyperparameters matter is not estimated: all settings tried have the same score.": (
        "No se estima qué hiperparámetros importan: todas las configuraciones probadas tienen la misma puntuación."
    ),
    "Which hyperparameters matter is not estimated: a forest fitted to the {settings} tried predicts "
    "others no better than their mean does (out-of-bag R² {r2}).": (
        "No se estima qué hiperparámetros importan: un bosque ajustado a lo probado ({settings}) no predice "
        "otras configuraciones mejor que su media (R² fuera de bolsa {r2})."
    ),
    # effects
    "mean {split} {metric}, 95% CI": "{metric} media de {split}, IC del 95 %",
    "effect": "efecto",
    "Changes of {split} {metric}. One change: its mean over all combinations of the other factors. Two "
    "(×): how much more the first changes the score where the second is made as well (a difference of "
    "differences; zero where the two add up).": (
        "Cambios de {metric} en {split}. Un cambio: su media sobre todas las combinaciones de los demás "
        "factores. Dos (×): cuánto más cambia la puntuación el primero cuando también se hace el segundo "
        "(diferencia de diferencias; cero donde los dos se suman)."
    ),
    "Paired by seed; 95% intervals over seeds and texts (for texts like these); p: exact sign flips over seeds.": (
        "Por pares de semilla; intervalos del 95 % sobre semillas y textos (para textos como estos); p: "
        "prueba exacta de cambio de signos sobre las semillas."
    ),
    "Paired by fold and seed; 95% intervals and p over folds (corrected resampled t-test).": (
        "Por pares de partición y semilla; intervalos del 95 % y p sobre las particiones (prueba t de "
        "remuestreo corregida)."
    ),
    "Paired by seed; 95% intervals over seeds, on these very texts; p: exact sign flips over seeds.": (
        "Por pares de semilla; intervalos del 95 % sobre semillas, con estos mismos textos; p: prueba "
        "exacta de cambio de signos sobre las semillas."
    ),
    "p is corrected for all {effects} (Holm); bold and \\*: at most {level}, and the interval excludes zero.": (
        "p está corregido para el total de {effects} (Holm); negrita y \\*: como máximo {level}, y el "
        "intervalo excluye el cero."
    ),
    "In the figure, means over the other factors with 95% intervals over seeds or folds: of single "
    "means, which may overlap where a paired difference is clear.": (
        "En la figura, medias sobre los demás factores con intervalos del 95 % sobre semillas o particiones: "
        "son de medias sueltas, que pueden solaparse aunque una diferencia pareada sea clara."
    ),
    "With so few seeds for so many effects none can be significant.": "Con tan pocas semillas para tantos efectos ninguno puede ser significativo.",
    "Of {possible} combinations {missing} have no finished trial: an effect is over those that have both sides.": (
        "De {possible} combinaciones, {missing} sin ensayo terminado: un efecto se calcula sobre las que "
        "tienen ambos lados."
    ),
    "Without a pair of trials: {effects}.": "Sin ningún par de ensayos: {effects}.",
    "Not listed: {effects}, the smallest interactions.": "Sin mostrar: {effects}, las interacciones más pequeñas.",
    "source of variance": "fuente de variación",
    "by chance": "por azar",
    "degrees of freedom": "grados de libertad",
    "rest": "resto",
    "Shares of the sum of squares of {trials} in {cells}; by chance: what noise alone would give that "
    "many degrees of freedom on average. The rest is noise and what three or more factors do together.": (
        "Partes de la suma de cuadrados de {trials} en {cells}; por azar: lo que el ruido solo daría en "
        "promedio a tantos grados de libertad. El resto es ruido y lo que tres o más factores hacen en "
        "conjunto."
    ),
    "Not every combination has every seed: each share is what its source explains beyond the others "
    "(type II), and they need not add up to {whole}.": (
        "No todas las combinaciones tienen todas las semillas: cada parte es lo que su fuente explica además "
        "de las otras (tipo II), y no tienen por qué sumar {whole}."
    ),
    # ablation path
    "gain": "ganancia",
    "default": "por defecto",
    "change": "cambio",
    "predicted by a forest": "predicho por un bosque",
    "run (mean over trials)": "ejecutado (media de ensayos)",
    "predicted {metric}": "{metric} (predicción)",
    "validation, run": "validación, ejecutada",
    "test, run": "prueba, ejecutada",
    "From the default to the setting best on validation, one change at a time: of the changes left, the "
    "one with the best score is made first (Fawcett and Hoos 2016). A change gains what it does after "
    "those above it; in another order it would gain something else. The best was selected on these "
    "scores, so the whole gain is optimistic, and no step is tested for significance.": (
        "De la configuración por defecto a la mejor en validación, un cambio cada vez: de los cambios que "
        "quedan se hace primero el de mejor puntuación (Fawcett y Hoos 2016). Un cambio gana lo que gana "
        "después de los anteriores; en otro orden ganaría otra cosa. La mejor se eligió con estas "
        "puntuaciones, de modo que la ganancia total es optimista, y no se contrasta la significación de "
        "ningún paso."
    ),
    "Every score is the mean over the trials that were run at that setting.": (
        "Cada puntuación es la media de los ensayos ejecutados con esa configuración."
    ),
    "Settings between the two were not all run: the scores of the path are predictions of a random "
    "forest fitted to {settings} (Biedenkapp et al. 2017), which explains {share} of their variance out "
    "of bag.": (
        "No se ejecutaron todas las configuraciones intermedias: las puntuaciones del camino son "
        "predicciones de un bosque aleatorio ajustado a {settings} (Biedenkapp et al. 2017), que explica el "
        "{share} de su varianza fuera de bolsa (out-of-bag)."
    ),
    "Not considered, since their setting was never run: {changes}.": (
        "Sin considerar, porque su configuración nunca se ejecutó: {changes}."
    ),
    "No path of changes leads from the default to a better setting: the default is the best on validation.": (
        "Ningún camino de cambios lleva de la configuración por defecto a una mejor: la configuración por "
        "defecto es la mejor en validación."
    ),
    "No path of changes from the default to the best is shown: each fold chose a setting of its own, so "
    "there is no single best one.": (
        "No se muestra un camino de cambios de la configuración por defecto a la mejor: cada partición "
        "eligió la suya, de modo que no hay una única mejor."
    ),
    "No path of changes from the default to the best is shown: the settings between them were not run, "
    "and a forest that would predict them takes at least {fewest} settings tried ({settings} were).": (
        "No se muestra un camino de cambios de la configuración por defecto a la mejor: las intermedias no "
        "se ejecutaron, y un bosque que las predijera necesita al menos {fewest} configuraciones probadas "
        "(hay {settings})."
    ),
    "What more tuning would have bought (the expected best of n draws) is not shown: the table does not say how its settings were proposed. If each was drawn without regard to the scores of others, as in a random search, declare it with `--independent-draws` (`independent_draws=True`).": (
        "No se muestra lo que habría aportado ajustar más (el mejor esperado de n extracciones): la tabla no dice cómo se propusieron sus configuraciones. Si cada una se extrajo sin atender a las puntuaciones de las demás, como en una búsqueda aleatoria, declárelo con `--independent-draws` (`independent_draws=True`)."
    ),
    "Of the {settings}, each with a validation and a test score, the best on validation is flattered by {difference}, all of them by {shift} on average: {excess} is left for having been chosen as the best of so many.": (
        "De las {settings}, cada una con una puntuación de validación y otra de prueba, a la mejor en validación esta la favorece en {difference}, y a todas en {shift} de media: {excess} queda por haber sido elegida como la mejor de tantas."
    ),
}
