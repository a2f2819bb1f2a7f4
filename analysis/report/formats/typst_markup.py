"""The report as Typst markup, in which every text is a string, so that none can be read as markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from analysis.language import say
from analysis.report.formats.columns import LIBERTINUS, fit
from analysis.report.formats.page import (
    Node,
    Page,
    Rule,
    breakable,
    level,
    local,
    plain,
    right,
    rows,
    unbroken,
    written,
)
from analysis.report.formats.pictures import find

TEXT_WIDTH = 6.65
"""The width of the text in inches."""

_HEAD = """#set document(title: TITLE, date: none)
#set page(paper: "a4", margin: 2cm, numbering: "1")
#set text(font: "Libertinus Serif", size: 10pt, lang: LANGUAGE)
#set par(leading: 0.6em, spacing: 1em)
#set table(stroke: none)
#show heading.where(level: 1): set text(size: 17pt)
#show heading.where(level: 2): set text(size: 12.5pt)
#show heading: set block(above: 1.5em, below: 0.8em)
#show raw: set text(font: "DejaVu Sans Mono", size: 0.88em)
#let nosign(number) = box(stroke: 0.4pt, inset: 1pt, text(size: 0.55em, font: "DejaVu Sans Mono", number))
"""


def as_typst(page: Page, missing: frozenset[str] = frozenset()) -> str:
    """The page as Typst; signs that no font has stand as their numbers in boxes, and a note says which they are."""
    write = partial(text, missing=missing)
    rules: dict[str, Rule] = {**rules_of(write), "image": partial(_image, page.folder)}
    rules["table"] = partial(_table, rules)
    head = _HEAD.replace("TITLE", string(page.title)).replace("LANGUAGE", string(say("en")))
    return f"{head}\n{written(page.root, rules)}{_note(missing)}"


def string(content: str) -> str:
    """A text as a string of Typst."""
    escaped = content.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda sign: f"\\u{{{ord(sign[0]):x}}}", escaped) + '"'


def text(content: str, missing: frozenset[str], function: str = "") -> str:
    """A text as markup, by a function such as raw where one is named."""
    pieces = re.split(f"([{re.escape(''.join(sorted(missing)))}])", content) if missing else [content]
    return "".join(
        f'#nosign("{ord(piece):04X}");' if piece in missing else f"#{function}({string(breakable(piece))});"
        for piece in pieces
        if piece
    )


def _note(missing: frozenset[str]) -> str:
    if not missing:
        return ""
    signs = ", ".join(f"U+{ord(sign):04X}" for sign in sorted(missing)[:8])
    more = len(missing) - 8
    said = (
        say("No font here has {signs} and {more} more: each stands as its number in a box.", signs=signs, more=more)
        if more > 0
        else say("No font here has {signs}: each stands as its number in a box.", signs=signs)
    )
    return f"#{string(said)}\n"


def _table(rules: Mapping[str, Rule], node: Node, inside: list[str]) -> str:
    """A table with rules above, below and under its header, which every page repeats."""
    fitted = fit(node, LIBERTINUS)
    head, *lines = rows(node)
    columns = ", ".join("auto" if share is None else f"{share:.4f}fr" for share in fitted.shares)
    aligns = ", ".join("right" if right(cell) else "left" for cell in head)
    heads = ", ".join(
        _header(_cell(c, rules), *each) for c, *each in zip(head, fitted.heads, fitted.shares, strict=True)
    )
    named = any(plain(cell) for cell in head)
    broken = any(fitted.shares)
    parts = [
        f"columns: ({columns},)",
        # rows of several lines need room between them to be told apart
        f"inset: (x: {fitted.gap / 2:.1f}pt, y: {3.6 if broken else 2.8}pt)",
        f"align: (x, y) => ({aligns},).at(x) + {'if y == 0 { bottom } else { top }' if named else 'top'}",
        "table.hline(stroke: 0.9pt)",
        *([f"table.header({heads}, table.hline(stroke: 0.5pt))"] if named else []),
        *(", ".join(_cell(cell, rules) for cell in line) for line in lines),
        "table.hline(stroke: 0.9pt)",
    ]
    block = f"block(width: {'100%' if broken else 'auto'}, table(\n{f',{chr(10)}'.join(parts)}))"
    small = f"#set text(size: {fitted.size:.2f}pt, hyphenate: false)\n#set par(leading: 0.45em)\n"
    centred = f"#align(center)[\n{small}#{block}\n]\n\n"
    return f"#page(flipped: true)[\n{centred}]\n" if fitted.turned else centred


def _cell(cell: Node, rules: Mapping[str, Rule]) -> str:
    return f"[{''.join(written(child, rules) for child in cell.children)}]"


def _header(cell: str, room: float | None, share: float | None) -> str:
    """A header, in as many lines as its column's cells leave it."""
    if share is not None:
        return cell.replace("_", "_\N{ZERO WIDTH SPACE}")
    return cell if room is None else f"[#box(width: {room:.1f}em){cell};]"


def _image(folder: Path, node: Node, inside: list[str]) -> str:
    picture = find(folder, str(node.attrs.get("src", "")), ("svg", "png"))
    if picture is None:
        return f"#emph[#{string(plain(node))};]"
    wide = picture.width is None or picture.height is None or picture.width > TEXT_WIDTH
    across = TEXT_WIDTH if wide else picture.width or TEXT_WIDTH
    down = across * (picture.height / picture.width) if picture.width and picture.height else 0.0
    # a page has room for nine inches
    across *= min(1.0, 9.0 / down) if down else 1.0
    file = "/" + picture.path.relative_to(folder.resolve()).as_posix()
    return f"#align(center, image({string(file)}, width: {across:.2f}in, alt: {string(plain(node))}));"


def _link(node: Node, inside: list[str]) -> str:
    address = str(node.attrs.get("href", ""))
    return "".join(inside) if local(address) else f"#link({string(address)})[{''.join(inside)}];"


def _list(kind: str) -> Rule:
    return lambda node, inside: f"#{kind}(tight: false, spacing: 0.8em, {''.join(inside)})\n\n"


def _around(function: str) -> Rule:
    return lambda node, inside: f"#{function}[{''.join(inside)}];"


def rules_of(write: Callable[..., str]) -> dict[str, Rule]:
    """What stands for each type of node but tables and figures, given how text is written."""

    def join(node: Node, inside: list[str]) -> str:
        return "".join(inside)

    def fence(node: Node, inside: list[str]) -> str:
        lines = node.content.rstrip("\n").split("\n")
        return "#block[" + "#linebreak();".join(write(line, function="raw") for line in lines) + "]\n\n"

    return {
        "root": join,
        "inline": join,
        "text": lambda node, inside: write(unbroken(node.content)),
        "softbreak": lambda node, inside: " ",
        "hardbreak": lambda node, inside: "#linebreak();",
        "heading": lambda node, inside: f"#heading(level: {level(node)})[{''.join(inside)}]\n\n",
        "paragraph": lambda node, inside: f"{''.join(inside)}\n\n",
        "strong": _around("strong"),
        "em": _around("emph"),
        "code_inline": lambda node, inside: write(node.content, function="raw"),
        "fence": fence,
        "code_block": fence,
        "link": _link,
        "bullet_list": _list("list"),
        "ordered_list": _list("enum"),
        "list_item": lambda node, inside: f"[{''.join(inside).strip()}],",
        "blockquote": lambda node, inside: f"#quote(block: true)[{''.join(inside)}]\n\n",
        "hr": lambda node, inside: "#line(length: 100%, stroke: 0.4pt)\n\n",
        # the cells of a table are written by the table
        **{part: lambda node, inside: "" for part in ("thead", "tbody", "tr", "th", "td")},
        "image": lambda node, inside: "",
    }
