"""Spanish, one module per room that speaks: English template -> Spanish template."""

from analysis.language.es import markdown
from analysis.language.es.nouns import NOUNS

SENTENCES: dict[str, str] = {**markdown.SENTENCES}

__all__ = ["NOUNS", "SENTENCES"]
