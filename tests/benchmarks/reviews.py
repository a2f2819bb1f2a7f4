"""Looks at the bundled reviews: balance, near-duplicates, shared skeletons, and what TF-IDF reaches.

    python -m tests.benchmarks.reviews

Its output is quoted in study/data/reviews/README.md. The checks are also held by tests/study/data/test_reviews.py.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import numpy as np
import pandas as pd

from study.data import load_data
from study.data.texts import DataOptions


def load() -> pd.DataFrame:
    """All reviews: text, label (class name), split."""
    data = load_data(DataOptions("reviews"))
    parts = [table.to_pandas().assign(split=split) for split, table in data.splits.items()]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(label=[data.labels[i] for i in frame.label])


def words(text: str) -> list[str]:
    """Lower-case words, apostrophes kept."""
    return re.findall(r"[a-z0-9']+", text.lower())


def near_duplicates(texts: list[str], threshold: float = 0.5) -> list[tuple[int, int, float]]:
    """Pairs whose character 4-grams have at least this cosine (binary counts), most alike first."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.preprocessing import normalize

    grams = CountVectorizer(analyzer="char_wb", ngram_range=(4, 4), binary=True).fit_transform(texts)
    alike = (normalize(grams) @ normalize(grams).T).tocoo()
    pairs = zip(alike.row, alike.col, alike.data, strict=True)
    return sorted(((int(i), int(j), float(c)) for i, j, c in pairs if i < j and c >= threshold), key=lambda p: -p[2])


def shared_runs(texts: list[str], length: int = 5) -> dict[str, list[int]]:
    """Runs of words that more than one text contains, with the texts."""
    found = defaultdict(set)
    for number, text in enumerate(texts):
        tokens = words(text)
        for start in range(len(tokens) - length + 1):
            found[" ".join(tokens[start : start + length])].add(number)
    return {run: sorted(where) for run, where in found.items() if len(where) > 1}


def skeleton(text: str) -> list[str]:
    """The text with every content word replaced by ``_``: what a template would leave equal."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return [word if word in ENGLISH_STOP_WORDS else "_" for word in words(text)]


def shared_skeletons(texts: list[str], length: int = 9, least: int = 3) -> dict[str, list[int]]:
    """Skeleton runs (with at least half function words) that this many texts share, and whole equal skeletons."""
    runs, whole = defaultdict(set), defaultdict(set)
    for number, text in enumerate(texts):
        bones = skeleton(text)
        if len(bones) >= length:
            whole[" ".join(bones)].add(number)
        for start in range(len(bones) - length + 1):
            run = bones[start : start + length]
            if run.count("_") <= length // 2:
                runs[" ".join(run)].add(number)
    found = {run: sorted(where) for run, where in runs.items() if len(where) >= least}
    return found | {bones: sorted(where) for bones, where in whole.items() if len(where) > 1}


def openings(texts: list[str]) -> Counter[str]:
    """How often the same two words begin a review."""
    return Counter(" ".join(words(text)[:2]) for text in texts)


def tfidf_accuracy(frame: pd.DataFrame) -> tuple[np.ndarray, float]:
    """Accuracy of TF-IDF (words and pairs) with logistic regression: ten folds over all, and train -> test."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
    )
    folds = cross_val_score(model, frame.text, frame.label, cv=StratifiedKFold(10, shuffle=True, random_state=0))
    train, test = frame[frame.split == "train"], frame[frame.split == "test"]
    return folds, model.fit(train.text, train.label).score(test.text, test.label)


def main() -> None:
    frame = load()
    texts = list(frame.text)
    tokens = [words(text) for text in texts]
    lengths = np.array(list(map(len, tokens)))
    low, middle, high = np.percentile(lengths, [5, 50, 95])
    print(frame.groupby(["split", "label"]).size().unstack().to_string())
    print(
        f"words: mean {lengths.mean():.1f}, 5 % {low:.0f}, median {middle:.0f}, 95 % {high:.0f}, most {lengths.max()}"
    )
    print(f"distinct words: {len({word for some in tokens for word in some}):,}")
    print(f"near-duplicates (cosine of character 4-grams >= 0.5): {len(near_duplicates(texts))}")
    closest = near_duplicates(texts, 0.3)[:1]
    print(f"closest pair: {[(round(c, 2), texts[i], texts[j]) for i, j, c in closest]}")
    print(f"runs of 5 words in more than one review: {len(shared_runs(texts))}")
    print(f"skeletons shared (9 words by 3 reviews, or a whole review): {len(shared_skeletons(texts))}")
    print(f"commonest openings: {openings(texts).most_common(3)}")
    folds, test = tfidf_accuracy(frame)
    print(f"TF-IDF + logistic regression: accuracy {folds.mean():.3f} (10 folds, sd {folds.std(ddof=1):.3f}); ", end="")
    print(f"trained on train, on test {test:.3f}")


if __name__ == "__main__":
    main()
