"""Texts with classes, from the bundled reviews, a file, a folder or the Hub: ``load_data(DataOptions(...))``."""

from study.data.load import load_data
from study.data.storage import read_labels, read_texts, write_texts
from study.data.texts import DataOptions, TextData

__all__ = ["DataOptions", "TextData", "load_data", "read_labels", "read_texts", "write_texts"]
