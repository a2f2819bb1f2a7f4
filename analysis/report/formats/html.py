"""The report as one HTML file: figures, style and scripts inside, nothing fetched, readable without scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import partial
from html import escape
from pathlib import Path

from analysis.language import say
from analysis.report.formats.explorer import Explorer
from analysis.report.formats.page import Node, Page, Rule, anchors, joined, level, plain, right, unbroken, written
from analysis.report.formats.pictures import Picture, find

ENLARGED = 1.35
"""How much larger than in print a figure is: its text, made for a column of a paper, is then as large as the page's."""

EXPLORE = "explore"
"""The anchor of the section with the explorers."""

_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def as_html(page: Page) -> dict[str, bytes]:
    """The page as report.html."""
    style, scripts = _own("report.css"), [_own("report.js")]
    if page.explorers:
        scripts += [_own("explorer.js")]
    marks = anchors(page.root)
    rules: dict[str, Rule] = {**RULES, "heading": partial(_heading, marks), "image": partial(_image, page.folder)}
    lines = [
        "<!doctype html>",
        f'<html lang="{language()}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, scripts)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(page.title)}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        _contents(page, marks),
        f"<main>\n{written(page.root, rules)}{_explorers(page.explorers)}</main>",
        *(f"<script>{script}</script>" for script in scripts),
        "</body>",
        "</html>",
    ]
    return {"report.html": ("\n".join(lines) + "\n").encode()}


def language() -> str:
    """The code of the language spoken, for readers and hyphenation: each translation says its own."""
    return say("en")


def _own(name: str) -> str:
    """A style or script of this package."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _policy(style: str, scripts: list[str]) -> str:
    """What a browser may load and run: images that are in the file, and this very style and these scripts."""
    allowed = " ".join(map(_hash, scripts))
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {allowed};"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _contents(page: Page, marks: Mapping[Node, str]) -> str:
    """The headings below the title as links; empty where there are none."""
    links = [(marks[node], plain(node)) for node in marks if level(node) == 2]
    links += [(EXPLORE, say("Explore the trials"))] if page.explorers else []
    items = "".join(f'<li><a href="#{escape(mark)}">{escape(text)}</a></li>' for mark, text in links)
    return f'<nav aria-label="{escape(say("Contents"))}"><ol>{items}</ol></nav>' if items else ""


def _explorers(explorers: tuple[Explorer, ...]) -> str:
    if not explorers:
        return ""
    parts = [f'<h2 id="{EXPLORE}">{escape(say("Explore the trials"))}</h2>\n']
    parts.append(
        f"<noscript><p>{escape(say('These drawings need JavaScript; nothing else here does.'))}</p></noscript>\n"
    )
    for one in explorers:
        notes = "".join(f"<p>{escape(note)}</p>" for note in one.notes)
        data = f'<script type="application/json">{one.to_json()}</script>'
        parts.append(f'<section class="explorer"><h3>{escape(one.title)}</h3>{notes}{data}</section>\n')
    return "".join(parts)


def _heading(marks: Mapping[Node, str], node: Node, inside: list[str]) -> str:
    return f'<{node.tag} id="{escape(marks[node])}">{"".join(inside)}</{node.tag}>\n'


def _image(folder: Path, node: Node, inside: list[str]) -> str:
    """A figure as part of the file; its words where there is no such figure."""
    words = escape(plain(node))
    picture = find(folder, str(node.attrs.get("src", "")), ("svg", "png"))
    if picture is None:
        return f"<em>{words}</em>"
    content = base64.b64encode(picture.path.read_bytes()).decode()
    address = f"data:{_TYPES[picture.path.suffix]};base64,{content}"
    return f'<img src="{address}" alt="{words}"{_size(picture)}>'


def _size(picture: Picture) -> str:
    if picture.width is None or picture.height is None:
        return ""
    width, height = (round(inches * 96 * ENLARGED) for inches in (picture.width, picture.height))
    return f' width="{width}" height="{height}"'


def _paragraph(node: Node, inside: list[str]) -> str:
    tight = node.hidden or (node.parent is not None and node.parent.type == "paragraph")
    return "".join(inside) if tight else f"<p>{''.join(inside)}</p>\n"


def _cell(node: Node, inside: list[str]) -> str:
    kinds = (' scope="col"' if node.tag == "th" else "") + (' class="number"' if right(node) else "")
    return f"<{node.tag}{kinds}>{''.join(inside)}</{node.tag}>"


def _link(node: Node, inside: list[str]) -> str:
    return f'<a href="{escape(str(node.attrs.get("href", "")))}" rel="noreferrer">{"".join(inside)}</a>'


def _block(tag: str) -> Rule:
    return lambda node, inside: f"<{tag}>{''.join(inside)}</{tag}>\n"


def _span(tag: str) -> Rule:
    return lambda node, inside: f"<{tag}>{''.join(inside)}</{tag}>"


def _code(node: Node, inside: list[str]) -> str:
    return f"<code>{escape(node.content)}</code>"


def _fence(node: Node, inside: list[str]) -> str:
    return f"<pre><code>{escape(node.content)}</code></pre>\n"


def _ordered(node: Node, inside: list[str]) -> str:
    start = node.attrs.get("start", 1)
    return f"<ol{'' if start == 1 else f' start={chr(34)}{start}{chr(34)}'}>{''.join(inside)}</ol>\n"


RULES: dict[str, Rule] = {
    "root": joined,
    "inline": joined,
    "text": lambda node, inside: escape(unbroken(node.content)),
    "softbreak": lambda node, inside: "\n",
    "hardbreak": lambda node, inside: "<br>\n",
    "paragraph": _paragraph,
    "strong": _span("strong"),
    "em": _span("em"),
    "code_inline": _code,
    "fence": _fence,
    "code_block": _fence,
    "link": _link,
    "bullet_list": _block("ul"),
    "ordered_list": _ordered,
    "list_item": _block("li"),
    "blockquote": _block("blockquote"),
    "hr": lambda node, inside: "<hr>\n",
    "table": lambda node, inside: f'<div class="table"><table>\n{"".join(inside)}</table></div>\n',
    "thead": lambda node, inside: _block("thead")(node, inside) if plain(node).strip() else "",
    "tbody": _block("tbody"),
    "tr": _block("tr"),
    "th": _cell,
    "td": _cell,
}
"""What stands for each type of node; headings and images need more than the node (see ``as_html``)."""
