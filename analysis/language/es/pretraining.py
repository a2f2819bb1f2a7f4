"""Sentences on pre-training: perplexities, words filled in, costs."""

SENTENCES = {
    "Perplexity before and after": "Perplejidad antes y después",
    "Fill-ins before and after": "Palabras completadas antes y después",
    "Why pre-training costs more": "Por qué cuesta más el preentrenamiento",
    "Perplexity before and after further pre-training": "Perplejidad antes y después de más preentrenamiento",
    "{steps} steps": "{steps} pasos",
    # perplexity
    "task": "tarea",
    "domain": "dominio",
    "general": "general",
    "domain's texts": "textos del dominio",
    "general text": "textos generales",
    "text": "texto",
    "predicted tokens": "tokens predichos",
    "before": "antes",
    "after": "después",
    "after / before": "después / antes",
    "perplexity (lower is better)": "perplejidad (menos es mejor)",
    "The checkpoint has no language-modelling head.": "El modelo no trae cabeza de modelado del lenguaje.",
    "Of {bodies} the checkpoint has no language-modelling head.": (
        "El modelo de {bodies} no trae cabeza de modelado del lenguaje."
    ),
    "A new one, tied to the body's embeddings ({parameters} parameters of its own), was trained first, for {steps} on "
    "the frozen body:": (
        "Primero se entrenó una nueva, atada a los embeddings del cuerpo ({parameters} parámetros propios), durante "
        "{steps} con el cuerpo congelado:"
    ),
    "A new one, tied to the body's embeddings, was trained first on the frozen body:": (
        "Primero se entrenó una nueva, atada a los embeddings del cuerpo, con el cuerpo congelado:"
    ),
    'that is "before". For "after" such a head was trained by the same steps on the pre-trained body, so that the '
    "difference is the body's, not the head's.": (
        "eso es «antes». Para «después» se entrenó una cabeza igual con los mismos pasos sobre el cuerpo preentrenado, "
        "de modo que la diferencia es del cuerpo y no de la cabeza."
    ),
    "Each way of pre-training was run once, and all seeds of fine-tuning start from that one body: no interval here "
    "covers what another run of pre-training would give.": (
        "Cada preentrenamiento se hizo una sola vez, y todas las semillas del ajuste fino parten de ese mismo cuerpo: "
        "ningún intervalo abarca lo que daría repetir el preentrenamiento."
    ),
    "Perplexity: exp of the mean cross-entropy of the tokens to be predicted, in texts that pre-training did not read; "
    "lower is better. Before: the checkpoint; after: the pre-trained body, on the same tokens.": (
        "Perplejidad: exponencial de la entropía cruzada media de los tokens por predecir, en textos que el "
        "preentrenamiento no leyó; menos es mejor. Antes: el modelo de partida; después: el cuerpo preentrenado, con "
        "los mismos tokens."
    ),
    "Perplexities of different objectives or vocabularies cannot be compared.": (
        "Las perplejidades de objetivos o vocabularios distintos no se pueden comparar."
    ),
    "Not listed: {rows}.": "Sin listar: {rows}.",
    "On general text no perplexity rose by more than {share}: no forgetting is seen.": (
        "En textos generales ninguna perplejidad subió más de un {share}: no se ve olvido."
    ),
    "On general text the perplexity rose from {before} to {after}: some of what the body knew is forgotten.": (
        "En textos generales la perplejidad subió de {before} a {after}: se ha olvidado parte de lo que el cuerpo sabía."
    ),
    "On general text the perplexity rose for {lost} of {bodies}, most for {body}, from {before} to {after}: some of "
    "what the body knew is forgotten.": (
        "En textos generales la perplejidad subió en {lost} de {bodies}, sobre todo en {body}, de {before} a {after}: "
        "se ha olvidado parte de lo que el cuerpo sabía."
    ),
    # words filled in
    "sentence": "frase",
    "The likeliest words at the gap with their probabilities, before and after pre-training.": (
        "Las palabras más probables en el hueco, con su probabilidad, antes y después del preentrenamiento."
    ),
    "Not shown: {sentences}.": "Sin mostrar: {sentences}.",
    "Not shown: {bodies}.": "Sin mostrar: {bodies}.",
    "The body of the best setting is first; not shown: {bodies}.": (
        "Primero, el cuerpo de la mejor configuración; sin mostrar: {bodies}."
    ),
    # costs
    "body": "cuerpo",
    "fine-tuning": "ajuste fino",
    "ratio": "razón",
    "seconds": "segundos",
    "tokens read": "tokens leídos",
    "operations (TFLOP)": "operaciones (TFLOP)",
    "operations per token (MFLOP)": "operaciones por token (MFLOP)",
    "{fewest}–{most} trials": "{fewest}–{most} ensayos",
    "Pre-training: once for each body. Fine-tuning: the mean of one trial, over the finished comparison trials that "
    "start from the body ({trials}). Tokens: real ones, repeats counted. Operations: an estimate.": (
        "Preentrenamiento: una vez por cuerpo. Ajuste fino: media de un ensayo, sobre los ensayos de comparación "
        "terminados que parten del cuerpo ({trials}). Tokens: los reales, contando repeticiones. Operaciones: "
        "estimación."
    ),
    "Not in it: the training of a new language-modelling head, {seconds} s a body on average.": (
        "No incluye el entrenamiento de una cabeza nueva de modelado del lenguaje, {seconds} s por cuerpo de media."
    ),
    "{body}: {flops} times the operations of one fine-tuning, which are {tokens} times the tokens by {each} times the "
    "operations for each.": (
        "{body}: {flops} veces las operaciones de un ajuste fino, es decir, {tokens} veces los tokens por {each} veces "
        "las operaciones de cada uno."
    ),
    "It took {seconds} times the seconds.": "Tardó {seconds} veces los segundos.",
    "{trials} share the body, so that it adds {seconds} s to each.": (
        "{trials} comparten el cuerpo, de modo que añade {seconds} s a cada uno."
    ),
    "Why: operations are tokens by operations per token. Pre-training goes on for as many tokens as it is given, not "
    "for as many as the labelled examples have.": (
        "Por qué: las operaciones son tokens por operaciones por token. El preentrenamiento sigue durante tantos "
        "tokens como se le den, no los que tienen los ejemplos etiquetados."
    ),
    "A token costs more because the output layer has a column for every entry of the vocabulary, where a classifier's "
    "head has one for every class and is applied once a text, and because the whole body is trained, whatever "
    "fine-tuning leaves frozen.": (
        "Un token cuesta más porque la capa de salida tiene una columna por cada entrada del vocabulario, mientras que "
        "la cabeza de un clasificador tiene una por clase y se aplica una vez por texto, y porque se entrena el cuerpo "
        "entero, deje lo que deje congelado el ajuste fino."
    ),
    "The scores of the whole vocabulary, and their gradients, are held in memory for a batch's tokens.": (
        "Las puntuaciones de todo el vocabulario, y sus gradientes, se guardan en memoria para los tokens de un lote."
    ),
}
