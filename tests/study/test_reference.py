"""docs/settings.md is what the command prints, and has every setting once."""

from __future__ import annotations

import re
from pathlib import Path

from study.reference import document
from study.settings import all_knobs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def test_the_page_is_what_the_command_prints():
    assert PAGE.read_text(encoding="utf-8") == document()


def test_every_setting_has_a_row_with_its_default_and_help():
    rows = dict(re.findall(r"^\| \**`([\w.]+)`\** \| (.*) \|$", document(), re.M))
    assert set(rows) == set(all_knobs())
    for name, knob in all_knobs().items():
        assert rows[name].endswith(knob.help)
