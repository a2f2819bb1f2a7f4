"""The language of a report and its figures: English as the code has it, or a translation of its sentences."""

from analysis.language.speech import LANGUAGES, grouped, known, plural, say, speaking

__all__ = ["LANGUAGES", "grouped", "known", "plural", "say", "speaking"]
