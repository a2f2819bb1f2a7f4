"""Texts with classes, from the bundled reviews, a file, a folder or the Hub: ``load_data(DataOptions(...))``."""

from study.data.corpus import load_corpus
from study.data.load import load_data, load_folds
from study.data.storage import read_batches, read_labels, read_texts, write_texts
from study.data.texts import DataOptions, Fold, TextData

__all__ = [
    "DataOptions",
    "Fold",
    "TextData",
    "load_corpus",
    "load_data",
    "load_folds",
    "read_batches",
    "read_labels",
    "read_texts",
    "write_texts",
]
