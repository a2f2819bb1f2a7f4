"""The report as an article for pdfLaTeX, and each of its tables as a file that another article can include."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from analysis.language import say
from analysis.report.formats.columns import LATIN_MODERN, Fit, fit
from analysis.report.formats.latex_text import tex, unseen
from analysis.report.formats.page import Node, Page, Rule, joined, level, local, plain, right, rows, unbroken, written
from analysis.report.formats.pictures import find

BABEL = {"en": "english", "es": "spanish,es-noshorthands,es-nodecimaldot"}
"""Options of the package babel by the code of the language."""

SIZES = {9.0: r"\small", 8.0: r"\footnotesize", 7.0: r"\scriptsize"}

MARK = "% report.md: "
"""How the file of a table begins, so that those of an earlier report are known."""

NO_SIGN = r"\providecommand{\nosign}[1]{\allowbreak{\fboxsep1pt\fbox{\tiny\ttfamily #1}}}"
"""A sign that has no glyph: its number in Unicode, in a box."""

LONG = 30
"""A table of more lines than this runs over pages."""

TEXT_WIDTH = 6.65
"""The width of the text in inches."""

_HEAD = r"""\documentclass[10pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{lmodern,textcomp}
\usepackage[BABEL]{babel}
\usepackage[margin=2cm]{geometry}
\usepackage{array,booktabs,longtable,graphicx,pdflscape}
\usepackage[hidelinks]{hyperref}
\setcounter{secnumdepth}{0}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\setlength{\emergencystretch}{3em}
"""


@dataclass(frozen=True)
class Table:
    """A table by the name of its file, how it fits the page, and its LaTeX."""

    name: str
    fit: Fit
    body: str


def as_latex(page: Page) -> dict[str, bytes]:
    """The page as report.tex, and its tables, which that includes, as tables/NAME.tex."""
    tables = {node: _table(node, name) for node, name in names(page.root).items()}
    rules: dict[str, Rule] = {**RULES, "table": partial(_included, tables), "image": partial(_image, page.folder)}
    unknown = unseen(page.text)
    code = say("en")
    text = (
        f"{_HEAD.replace('BABEL', BABEL[code])}{NO_SIGN}\n"
        f"\\title{{{tex(page.title)}}}\n\\author{{}}\n\\date{{}}\n"
        f"\\begin{{document}}\n\n{written(page.root, rules)}{_note(unknown)}\\end{{document}}\n"
    )
    files = {f"tables/{table.name}.tex": table.body.encode() for table in tables.values()}
    return {"report.tex": text.encode(), **files}


def names(root: Node) -> dict[Node, str]:
    """A file name for each table: that of the section it stands in, numbered from the second on."""
    section, found = "table", {}
    counted: dict[str, int] = {}
    for node in root.walk():
        if node.type == "heading" and level(node) <= 2:
            letters = unicodedata.normalize("NFKD", plain(node)).encode("ascii", "ignore").decode().lower()
            section = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40] or "table"
        if node.type == "table":
            counted[section] = counted.get(section, 0) + 1
            found[node] = section if counted[section] == 1 else f"{section}-{counted[section]}"
    return found


def _note(signs: str) -> str:
    """Which signs could not be set, as the last paragraph."""
    if not signs:
        return ""
    named = ", ".join(f"U+{ord(one):04X}" for one in signs[:8])
    more = len(signs) - 8
    said = say("pdfLaTeX has no glyph for {signs}: each stands as its number in a box.", signs=named)
    if more > 0:
        said = say(
            "pdfLaTeX has no glyph for {signs} and {more} more: each stands as its number in a box.",
            signs=named,
            more=more,
        )
    return f"{tex(said)}\n\n"


def _table(node: Node, name: str) -> Table:
    fitted = fit(node, LATIN_MODERN)
    first, *others = rows(node)
    head = [_header(*each) for each in zip(first, fitted.heads, fitted.shares, strict=True)]
    lines = [[_cell(cell) for cell in line] for line in others]
    columns = "".join(_column(cell, share) for cell, share in zip(first, fitted.shares, strict=True))
    # rows of several lines need room between them to be told apart
    between = "\\addlinespace[2pt]\n" if any(fitted.shares) else ""
    body = between.join(f"{' & '.join(line)} \\\\\n" for line in lines)
    top = f"\\toprule\n{' & '.join(head)} \\\\\n\\midrule\n" if any(head) else "\\toprule\n"
    long = fitted.lines > LONG
    kind = "longtable" if long else "tabular"
    top = f"{top}\\endhead\n\\bottomrule\n\\endlastfoot\n" if long else top
    end = "" if long else "\\bottomrule\n"
    needs = "array, booktabs, longtable" if long else "array, booktabs"
    text = f"\\begin{{{kind}}}{{@{{}}{columns}@{{}}}}\n{top}{body}{end}\\end{{{kind}}}\n"
    box = f"{NO_SIGN}\n" if r"\nosign" in text else ""
    return Table(name, fitted, f"{MARK}{say('packages')} {needs}\n{box}{text}")


def _column(cell: Node, share: float | None) -> str:
    if share is None:
        return "r" if right(cell) else "l"
    return rf">{{\ragged{'left' if right(cell) else 'right'}\arraybackslash}}p{{{share:.3f}\linewidth}}"


def _cell(cell: Node) -> str:
    text = "".join(written(child, RULES) for child in cell.children)
    # after the end of a line a star or a bracket would be read as its argument
    return f"{{}}{text}" if text.startswith(("*", "[")) else text


def _header(cell: Node, room: float | None, share: float | None) -> str:
    """A header, in as many lines as its column's cells leave it."""
    if room is None and share is None:
        return _cell(cell)
    text = _cell(cell) if share is None else _cell(cell).replace(r"\_", r"\_\allowbreak{}")
    across = r"\linewidth" if room is None else f"{room + 0.3:.1f}em"
    return rf"\parbox[b]{{{across}}}{{\ragged{'left' if right(cell) else 'right'}\strut {text}\strut}}"


def _included(tables: Mapping[Node, Table], node: Node, inside: list[str]) -> str:
    table = tables[node]
    size = SIZES.get(table.fit.size, rf"\fontsize{{{table.fit.size:.1f}}}{{{1.2 * table.fit.size:.1f}}}\selectfont")
    included = rf"\input{{tables/{table.name}.tex}}"
    if table.fit.lines <= LONG:
        included = f"\\begin{{center}}\n{included}\\end{{center}}"
    turned = ("\\begin{landscape}\n", "\\end{landscape}\n") if table.fit.turned else ("", "")
    return (
        f"{turned[0]}{{{size}\\setlength{{\\tabcolsep}}{{{table.fit.gap / 2:.1f}pt}}\n{included}\\par}}\n{turned[1]}\n"
    )


def _image(folder: Path, node: Node, inside: list[str]) -> str:
    picture = find(folder, str(node.attrs.get("src", "")), ("pdf", "png"))
    if picture is None:
        return rf"\emph{{{tex(plain(node))}}}"
    wide = picture.width is None or picture.width > TEXT_WIDTH
    across = r"\linewidth" if wide else f"{picture.width:.2f}in"
    file = picture.path.relative_to(folder.resolve()).as_posix()
    return (
        "\\begin{center}\n"
        rf"\includegraphics[width={across},height=0.85\textheight,keepaspectratio]{{{file}}}"
        "\n\\end{center}"
    )


def _heading(node: Node, inside: list[str]) -> str:
    """The first heading is the article's title."""
    if level(node) == 1:
        return "\\maketitle\n\n"
    kind = {2: "section", 3: "subsection"}.get(level(node), "subsubsection")
    return f"\\{kind}{{{''.join(inside)}}}\n\n"


def _fence(node: Node, inside: list[str]) -> str:
    lines = (tex(line).replace("  ", "~ ") for line in node.content.rstrip("\n").split("\n"))
    return "{\\small\\ttfamily\\raggedright\\parskip0pt\n" + "\\par\n".join(lines) + "\\par}\n\n"


def _link(node: Node, inside: list[str]) -> str:
    address = str(node.attrs.get("href", ""))
    text = "".join(inside)
    if local(address):
        return text
    return rf"\href{{{re.sub(r'([%#&_~{}])', _in_address, address)}}}{{{text}}}"


def _in_address(found: re.Match[str]) -> str:
    return rf"\{found[1]}" if found[1] in "%#&_" else {"~": r"\string~", "{": "%7B", "}": "%7D"}[found[1]]


def _environment(name: str) -> Rule:
    return lambda node, inside: f"\\begin{{{name}}}\n{''.join(inside)}\\end{{{name}}}\n\n"


RULES: dict[str, Rule] = {
    "root": joined,
    "inline": joined,
    "text": lambda node, inside: tex(unbroken(node.content)),
    "softbreak": lambda node, inside: "\n",
    "hardbreak": lambda node, inside: "\\newline\n",
    "heading": _heading,
    "paragraph": lambda node, inside: f"{''.join(inside)}\n\n",
    "strong": lambda node, inside: rf"\textbf{{{''.join(inside)}}}",
    "em": lambda node, inside: rf"\emph{{{''.join(inside)}}}",
    "code_inline": lambda node, inside: rf"\texttt{{{tex(node.content)}}}",
    "fence": _fence,
    "code_block": _fence,
    "link": _link,
    "bullet_list": _environment("itemize"),
    "ordered_list": _environment("enumerate"),
    "list_item": lambda node, inside: f"\\item {{}}{''.join(inside).strip()}\n",
    "blockquote": _environment("quote"),
    "hr": lambda node, inside: "\\medskip\\hrule\\medskip\n\n",
    # the cells of a table are written by the table, and a figure in one is its words
    **{part: lambda node, inside: "" for part in ("thead", "tbody", "tr", "th", "td")},
    "image": lambda node, inside: rf"\emph{{{tex(plain(node))}}}",
}
"""What stands for each type of node; tables and figures need more than the node (see ``as_latex``)."""
