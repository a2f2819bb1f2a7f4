"""The language of a report and its figures: English as the code has it, or a translation of its sentences."""

from analysis.language.speech import LANGUAGES, grouped, known, plural, say, speaking, spoken, worded
from analysis.language.stored import retold

__all__ = ["LANGUAGES", "grouped", "known", "plural", "retold", "say", "speaking", "spoken", "worded"]
