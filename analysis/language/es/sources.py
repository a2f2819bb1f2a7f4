"""Sentences on how tables of trials that others made were read."""

SENTENCES = {
    "Which setting has the best score?": "¿Qué configuración obtiene la mejor puntuación?",
    "table": "tabla",
    "Ray Tune experiment": "experimento de Ray Tune",
    "Optuna storage": "almacén de Optuna",
    "CSV of the runs page of W&B": "CSV de la página de ejecuciones de W&B",
    "runs of W&B with their configurations": "ejecuciones de W&B con sus configuraciones",
    "{name} is read as: {source}, {rows}.": "{name} se lee como: {source}, {rows}.",
    "Column {column} is taken for the seed.": "La columna {column} se toma como semilla.",
    "Column {column} is taken for how each trial ended.": (
        "La columna {column} se toma como la forma en que terminó cada ensayo."
    ),
    "No column says how trials ended: all count as finished.": (
        "Ninguna columna dice cómo terminaron los ensayos: todos cuentan como terminados."
    ),
    "No column of seeds: every trial counts as its own replicate, so that no two settings are paired.": (
        "No hay columna de semillas: cada ensayo cuenta como una réplica propia, de modo que no se emparejan "
        "configuraciones."
    ),
    "Taken for settings, because they are configured and vary: {names}.": (
        "Se toman como valores configurados, porque figuran en la configuración y varían: {names}."
    ),
    "Columns left out, because nothing was said of them: {names}.": (
        "Columnas que no se usan, porque no se declaró nada sobre ellas: {names}."
    ),
    "Larger values of {column} are taken to be better.": "Se supone que los valores mayores de {column} son mejores.",
    "By its name, smaller values of {column} are taken to be better.": (
        "Por su nombre, se supone que los valores menores de {column} son mejores."
    ),
    "Compared, because none of them has more than {few} values or another in every trial: {names}.": (
        "Se comparan, porque ninguna tiene más de {few} valores ni uno distinto en cada ensayo: {names}."
    ),
    "Taken for a search over {names}, because one of them has more than {few} values or another in every trial: each "
    "combination is a candidate.": (
        "Se toma como una búsqueda sobre {names}, porque alguna tiene más de {few} valores o uno distinto en cada "
        "ensayo: cada combinación es un candidato."
    ),
    "Settings that vary and are not compared are taken as tuned at each point: {names}.": (
        "Lo que varía y no se compara se considera ajustado en cada punto: {names}."
    ),
    "No baseline was declared, so no differences from one are given.": (
        "No se declaró ninguna referencia, por lo que no se dan diferencias respecto a ella."
    ),
    "The validation score is column {column}, the test score column {tested}.": (
        "La puntuación de validación es la columna {column}; la de prueba, la columna {tested}."
    ),
    "The validation score is column {column}. There is no test score, so that settings are compared on the score that "
    "they may have been selected on.": (
        "La puntuación de validación es la columna {column}. No hay puntuación de prueba, de modo que las "
        "configuraciones se comparan en la puntuación con la que tal vez se seleccionaron."
    ),
    "No setting ran more than once: there is no interval, and the best score is the best of {trials}, so that it is "
    "optimistic.": (
        "Ninguna configuración se ejecutó más de una vez: no hay intervalo, y la mejor puntuación es la mejor de "
        "{trials}, por lo que es optimista."
    ),
    "The scores of a trial are those that it reported last.": (
        "Las puntuaciones de un ensayo son las últimas que comunicó."
    ),
    "Reported fewer times than the others, which did {most} times: {some}. A scheduler may have stopped them; they "
    "count as Ray's state says.": (
        "Con menos resultados comunicados que los demás, que comunicaron {most} veces: {some}. Es posible que un "
        "planificador los detuviera; cuentan como dice el estado de Ray."
    ),
    "Left out: {rows} of trials that have not ended.": "No se incluyen: {rows} de ensayos que no han terminado.",
    "Left out: {rows} without a seed.": "No se incluyen: {rows} sin semilla.",
}
