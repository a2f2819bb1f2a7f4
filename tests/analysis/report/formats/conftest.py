"""A report with one of everything, and names and texts that try to break out of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from analysis.markdown import code, escape, fenced, score, table

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\\input{/etc/passwd}",
    "\\end{document}",
    '#read("/etc/passwd")',
    "$x^2$ & 50% #1 _a_ {b} ~c",
    "![x](javascript:alert(1)) [y](data:text/html,z)",
    "-- ''quoted'' ``so`` ,,low",
    "[0.5] *star* | pipe",
    "你好 😀 مرحبا ελλάδα Việt −≥←",
    "\"quotes\" 'and' &amp; &lt;b&gt;",
    "&#x27; onload=alert(1) x='",
)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A figure as PNG and SVG, drawn once."""
    path = tmp_path_factory.mktemp("drawn")
    figure = Figure(figsize=(3.5, 2.5))
    figure.add_subplot().plot([0, 1], [1, 0])
    figure.savefig(path / "scatter.png", dpi=200)
    figure.savefig(path / "scatter.svg", metadata={"Date": None})
    return path


@pytest.fixture
def folder(tmp_path: Path, drawn: Path) -> Path:
    """A report's folder with one figure."""
    shutil.copytree(drawn, tmp_path / "figures")
    return tmp_path


@pytest.fixture
def text() -> str:
    """A report in Markdown: a figure, tables narrow and wide, a list, a link, commands, and hostile text everywhere."""
    names = [f"{name} {number}" for number, name in enumerate(HOSTILE)]
    return (
        "\n\n".join(
            [
                f"# How many layers, {escape(HOSTILE[0])}?",
                "## Comparison",
                "![Scores by layers](figures/scatter.png)",
                table(
                    ["layers", "seeds", "test F1", "p"],
                    [
                        ["10", "1,066", score(0.787, 0.765, 0.808), "0.25"],
                        ["9", "3", "−0.003 [−0.018, +0.012]", "< 0.001"],
                        ["2", "21", "–", "0.031"],
                    ],
                    text_columns=0,
                ),
                "All columns are in [table.csv](table.csv); see [the paper](https://example.org/a_b?x=1&y=2%20#z).",
                "## Texts",
                table(["text", code("a|b"), "wrong in"], [[escape(name), code(name), "3 of 3"] for name in names], 2),
                "\n".join(f"- {escape(name)}" for name in names),
                "## Comparison",
                table([code(f"setting.number_{i}") for i in range(14)], [["0.123 [0.100, 0.146]"] * 14], 0),
                table(["n", "text"], [[str(i), f"row {i}"] for i in range(80)]),
                "### Commands",
                fenced([f"run --out '{name}'" for name in HOSTILE]),
            ]
        )
        + "\n"
    )
