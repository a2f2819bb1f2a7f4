"""What the questions of this package ask, where they come from, and the headings of reports and figures."""

SENTENCES = {
    # what is asked
    "How wide must the bottleneck of an adapter be to match full fine-tuning?": (
        "¿Qué anchura debe tener el cuello de botella de un adaptador para igualar el ajuste fino completo?"
    ),
    "Which size of adversarial weight perturbation helps, and must every step be attacked?": (
        "¿Qué magnitud de perturbación adversaria de los pesos ayuda, y hay que atacar en todos los pasos?"
    ),
    "Does a recipe of LoRA, an adapter, AWP and mixout beat full fine-tuning, and what does each part earn?": (
        "¿Supera al ajuste fino completo una receta de LoRA, un adaptador, AWP y mixout, y qué aporta cada parte?"
    ),
    "How many layers can be frozen before the score suffers?": (
        "¿Cuántas capas se pueden congelar antes de que la puntuación se resienta?"
    ),
    "Which learning rate, batch size, epochs, weight decay and warm-up work best, and by how much?": (
        "¿Qué tasa de aprendizaje, tamaño de lote, número de épocas, decaimiento de pesos y calentamiento funcionan "
        "mejor, y por cuánto?"
    ),
    "How large must the rank of LoRA be to match full fine-tuning, and does it matter how alpha follows it?": (
        "¿Qué rango necesita LoRA para igualar el ajuste fino completo, e importa cómo depende alfa de él?"
    ),
    "With as many trained parameters, which does better: LoRA or an adapter?": (
        "Con el mismo número de parámetros entrenados, ¿qué funciona mejor: LoRA o un adaptador?"
    ),
    "Does accumulating a batch from parts, or recomputing activations, give the same F1 for less memory, "
    "and what does it cost in time?": (
        "¿Dan el mismo F1 con menos memoria la acumulación de un lote por partes o el recálculo de las activaciones, "
        "y cuánto tiempo cuestan?"
    ),
    "Does mixing pre-trained weights back in help when training texts are few, and in which layers?": (
        "¿Ayuda volver a mezclar los pesos preentrenados cuando hay pocos textos de entrenamiento, y en qué capas?"
    ),
    "How often does fine-tuning on few texts fail, and which change to the recipe prevents it?": (
        "¿Con qué frecuencia fracasa el ajuste fino con pocos textos, y qué cambio en la receta lo evita?"
    ),
    "How many examples per class does each method need: SetFit, a linear probe, LoRA, full fine-tuning?": (
        "¿Cuántos ejemplos por clase necesita cada método: SetFit, una sonda lineal, LoRA, el ajuste fino completo?"
    ),
    "Which learning rates, iterations, epochs and sampling strategy suit SetFit, and by how much?": (
        "¿Qué tasas de aprendizaje, iteraciones, épocas y estrategia de muestreo convienen a SetFit, y por cuánto?"
    ),
    "What does continued pre-training change in F1, and what does it cost beside fine-tuning?": (
        "¿Qué cambia en F1 el preentrenamiento continuado, y cuánto cuesta al lado del ajuste fino?"
    ),
    # where it comes from
    "Workshop on Rotten Tomatoes, part 2: few examples per class": (
        "Taller sobre Rotten Tomatoes, parte 2: pocos ejemplos por clase"
    ),
    "Workshop on few-shot learning: SetFit and its hyperparameters": (
        "Taller sobre aprendizaje con pocos ejemplos: SetFit y sus hiperparámetros"
    ),
    "Workshop on Rotten Tomatoes, part 3; Gururangan et al. (2020), arXiv 2004.10964": (
        "Taller sobre Rotten Tomatoes, parte 3; Gururangan et al. (2020), arXiv 2004.10964"
    ),
    "Slides on adapters; Houlsby et al. (2019), arXiv 1902.00751, who find sizes 8 to 256 alike; "
    "Pfeiffer et al. (2021), arXiv 2005.00247": (
        "Diapositivas sobre adaptadores; Houlsby et al. (2019), arXiv 1902.00751, que encuentran equivalentes los "
        "tamaños de 8 a 256; Pfeiffer et al. (2021), arXiv 2005.00247"
    ),
    "Exam on adversarial training; Wu, Xia and Wang (2020), arXiv 2004.05884, who use 0.005 to 0.01": (
        "Examen sobre entrenamiento adversario; Wu, Xia y Wang (2020), arXiv 2004.05884, que usan de 0.005 a 0.01"
    ),
    "Exam on fine-tuning for sentiment: LoRA, adapters, AWP and mixout on a GPU of 4 GB": (
        "Examen sobre ajuste fino para análisis de sentimiento: LoRA, adaptadores, AWP y mixout en una GPU de 4 GB"
    ),
    "Workshop on Rotten Tomatoes, part 1: freezing; after Lee, Tang and Lin (2019), arXiv 1911.03090": (
        "Taller sobre Rotten Tomatoes, parte 1: congelación de capas; según Lee, Tang y Lin (2019), arXiv 1911.03090"
    ),
    "Slides on Trainer; sentiment-analysis project: hyperparameter search": (
        "Diapositivas sobre Trainer; proyecto de análisis de sentimiento: búsqueda de hiperparámetros"
    ),
    "Slides on LoRA; Hu et al. (2021), arXiv 2106.09685, which finds small ranks enough": (
        "Diapositivas sobre LoRA; Hu et al. (2021), arXiv 2106.09685, que encuentran suficientes los rangos pequeños"
    ),
    "Slides on parameter-efficient fine-tuning; Hu et al. (2021), arXiv 2106.09685, table 2; "
    "Pfeiffer et al. (2021), arXiv 2005.00247": (
        "Diapositivas sobre ajuste fino eficiente en parámetros; Hu et al. (2021), arXiv 2106.09685, tabla 2; "
        "Pfeiffer et al. (2021), arXiv 2005.00247"
    ),
    "Exam on gradient accumulation; Chen et al. (2016), arXiv 1604.06174, on recomputing activations": (
        "Examen sobre acumulación de gradientes; Chen et al. (2016), arXiv 1604.06174, sobre el recálculo de las "
        "activaciones"
    ),
    "Exam on mixout; Lee, Cho and Kang (2020), arXiv 1909.11299; small data: run it with --train-size 300": (
        "Examen sobre mixout; Lee, Cho y Kang (2020), arXiv 1909.11299; con pocos datos: se ejecuta con "
        "--train-size 300"
    ),
    "Dodge et al. (2020), arXiv 2002.06305; Zhang et al. (2021), arXiv 2006.05987; "
    "Mosbach, Andriushchenko and Klakow (2021), arXiv 2006.04884": (
        "Dodge et al. (2020), arXiv 2002.06305; Zhang et al. (2021), arXiv 2006.05987; "
        "Mosbach, Andriushchenko y Klakow (2021), arXiv 2006.04884"
    ),
    # headings that questions ask for
    "1. The recipe, and which parameters are trained": "1. La receta y los parámetros que se entrenan",
    "2. Early stopping and gradient accumulation": "2. Parada temprana y acumulación de gradientes",
    "3. Precision, recall, F1 and the confusion matrix": "3. Precisión, exhaustividad, F1 y matriz de confusión",
    "4. Classification report on the test split": "4. Informe de clasificación en el conjunto de prueba",
    "5. Trainable parameters against full fine-tuning": ("5. Parámetros entrenables frente al ajuste fino completo"),
    "6. Latency and memory": "6. Latencia y memoria",
    "7. What each component earns": "7. Lo que aporta cada componente",
    "How often fine-tuning failed, and how far it scatters": (
        "Con qué frecuencia fracasó el ajuste fino y cuánto se dispersa"
    ),
    # the usual headings
    "The recipe": "La receta",
    "Comparison": "Comparación",
    "Studies together": "Los estudios en conjunto",
    "Ablation": "Ablación",
    "Main effects and interactions": "Efectos principales e interacciones",
    "Scores against costs": "Puntuación frente a coste",
    "Data": "Datos",
    "How the tables were read": "Cómo se leyeron las tablas",
    "What was tuned": "Lo que se ajustó",
    "Expected performance": "Rendimiento esperado",
    "Importance of settings": "Importancia de los hiperparámetros",
    "From the default to the best": "De los valores por defecto a la mejor configuración",
    "Training": "Entrenamiento",
    "Learning curves": "Curvas de aprendizaje",
    "Confusion": "Confusión",
    "Classes": "Clases",
    "Trainable parameters": "Parámetros entrenables",
    "Costs": "Costes",
    "Stability": "Estabilidad",
    "Errors": "Errores",
    # figures
    "Confusion matrices": "Matrices de confusión",
    "What each part of the recipe changes": "Lo que cambia cada parte de la receta",
    "How the factors act together": "Cómo actúan juntos los factores",
    "The score against what it costs": "La puntuación frente a lo que cuesta",
    "The best score to expect of so many trials": "La mejor puntuación que cabe esperar de tantos ensayos",
    "Which settings the score depends on": "De qué hiperparámetros depende la puntuación",
    "From the default to the best setting, one change at a time": (
        "De los valores por defecto a la mejor configuración, un cambio cada vez"
    ),
    "Accuracy by length and by class": "Exactitud por longitud y por clase",
}
