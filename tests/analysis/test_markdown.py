"""Numbers are legible and names cannot break a table."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis import markdown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b\nc", r"a\|b c"),
        ("*x* _y_ `z` [l](u) <b> & $m$", r"\*x\* \_y\_ \`z\` \[l\](u) &lt;b&gt; &amp; \$m\$"),
        ("learning_rate", "learning_rate"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_escape(text: str, expected: str) -> None:
    assert markdown.escape(text) == expected


def test_escape_cuts_before_it_escapes() -> None:
    assert markdown.escape("||||||", limit=3) == r"\|\|…"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (markdown.score(0.7774, 0.76, 0.794), "0.777 [0.760, 0.794]"),
        (markdown.score(0.7774), "0.777"),
        (markdown.score(math.nan), "–"),
        (markdown.signed(-0.0121, -0.034, 0.01), "−0.012 [−0.034, +0.010]"),
        (markdown.signed(-0.0001), "+0.000"),
        (markdown.signed(-0.01, -0.02, -0.00031), "−0.010 [−0.020, −0.0003]"),
        (markdown.signed(0.01, 0.0000998, 0.02), "+0.010 [+0.0001, +0.020]"),
        (markdown.signed(-0.01, -0.02, 0.0003), "−0.010 [−0.020, +0.000]"),
        (markdown.signed(-0.01, -0.02, 0.0), "−0.010 [−0.020, +0.000]"),
        (markdown.value(np.float64(3.0)), "3"),
        (markdown.value(3e-5), "3e-5"),
        (markdown.value(1.234e-4), "1.234e-4"),
        (markdown.value(0.1), "0.1"),
        (markdown.value(1234567), "1234567"),
        (markdown.value(True), "True"),
        (markdown.value("a|b"), r"a\|b"),
        (markdown.value(math.nan), "–"),
        (markdown.number(22_700_000.0), "22,700,000"),
        (markdown.percent(0.2345), "23%"),
        (markdown.percent(0.00123), "0.12%"),
        (markdown.percent(0.0), "0%"),
        (markdown.p_value(0.25), "0.25"),
        (markdown.p_value(1.0), "1"),
        (markdown.p_value(1e-5), "< 0.001"),
        (markdown.code("a|b"), r"a\|b"),
        (markdown.count(1, "trial"), "1 trial"),
        (markdown.fenced(["a ``` b"]), "````text\na ``` b\n````"),
    ],
)
def test_formats(found: str, expected: str) -> None:
    assert found == expected


def test_a_table_has_as_many_cells_in_every_line() -> None:
    lines = markdown.table(["a", "b"], [[markdown.escape("x|y"), "1"]]).splitlines()
    assert lines == ["| a | b |", "| :--- | ---: |", r"| x\|y | 1 |"]
