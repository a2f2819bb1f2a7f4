"""The reference of all settings as a Markdown page: ``python -m study.reference > docs/settings.md``."""

from __future__ import annotations

from collections.abc import Mapping

from study.knobs import Knob
from study.methods import METHODS
from study.settings import CHOICE, TRAINING

_HEADER = """# Settings

`--set name=value` fixes a setting, `--set name=a,b,c` compares values. This page is made by
`python -m study.reference > docs/settings.md`.

A method is on where one of its settings in **bold** is given another value than its default, and where `method` names
it."""


def document() -> str:
    """The whole page: a table of the training loop's settings, and one of each method's, in surgery order."""
    sections = [_HEADER, "## Training", _table(TRAINING | CHOICE, tuple(CHOICE))]
    for method in METHODS.values():
        sections += [f"## `{method.name}`", _table(method.knobs, method.switches)]
        if method.ignores:
            sections.append(f"Means nothing to it: {', '.join(f'`{name}`' for name in method.ignores)}.")
        if method.conflicts:
            sections.append(f"Not together with {', '.join(method.conflicts)}.")
    return "\n\n".join(sections) + "\n"


def _table(knobs: Mapping[str, Knob], switches: tuple[str, ...]) -> str:
    rows = ["| setting | default | allowed | what it is |", "| :--- | :--- | :--- | :--- |"]
    for name, knob in knobs.items():
        shown = f"**`{name}`**" if name in switches else f"`{name}`"
        rows.append(f"| {shown} | {_word(knob.default)} | {_allowed(knob)} | {knob.help} |")
    return "\n".join(rows)


def _allowed(knob: Knob) -> str:
    upper = {"depth": " to the model's depth", "positions": " to the model's longest input"}
    return knob.allowed() + upper.get(str(knob.high), "")


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    print(document(), end="")
