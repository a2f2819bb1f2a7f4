"""Sentences of ``analysis.markdown``."""

SENTENCES = {
    "{shown} and {more} more": "{shown} y {more} más",
}
