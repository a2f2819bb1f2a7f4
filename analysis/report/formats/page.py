"""A report's Markdown as a tree, and what every format reads from it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode as Node

from analysis.report.formats.explorer import Explorer

Rule = Callable[[Node, list[str]], str]
"""What stands for a node, given what stands for each of its children."""


@dataclass(frozen=True)
class Page:
    """A report to be written: its Markdown, the folder that its figures are in, and what a reader can explore."""

    text: str
    folder: Path
    explorers: tuple[Explorer, ...] = ()

    @cached_property
    def root(self) -> Node:
        """The tree of the Markdown: CommonMark and tables; HTML in it is text."""
        return Node(MarkdownIt("commonmark", {"html": False}).enable("table").parse(self.text))

    @property
    def title(self) -> str:
        """The text of the first heading, or nothing."""
        return next((plain(node) for node in headings(self.root)), "")


def written(node: Node, rules: Mapping[str, Rule]) -> str:
    """The node in another format: the rule of its type, given its children written by theirs."""
    return rules[node.type](node, [written(child, rules) for child in node.children])


def joined(node: Node, inside: list[str]) -> str:
    """The children one after the other: the rule of a node that only holds others."""
    return "".join(inside)


def plain(node: Node) -> str:
    """The text of a node without any markup."""
    if node.type in ("text", "code_inline", "fence", "code_block"):
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(plain(child) for child in node.children)


def headings(root: Node) -> Iterator[Node]:
    """The headings in their order."""
    return (node for node in root.walk() if node.type == "heading")


def level(heading: Node) -> int:
    """The level of a heading, from 1."""
    return int(heading.tag[1:])


def anchors(root: Node) -> dict[Node, str]:
    """A name for each heading that a link may lead to, as GitHub makes them: no two are the same."""
    found: dict[Node, str] = {}
    taken: set[str] = set()
    for node in headings(root):
        slug = re.sub(r"[^\w\- ]", "", plain(node).strip().lower()).replace(" ", "-") or "section"
        names = itertools.chain([slug], (f"{slug}-{number}" for number in itertools.count(1)))
        found[node] = next(name for name in names if name not in taken)
        taken.add(found[node])
    return found


def rows(table: Node) -> list[list[Node]]:
    """The cells of a table, line by line, its header first."""
    return [list(line.children) for part in table.children for line in part.children]


def right(cell: Node) -> bool:
    """Whether a cell belongs to a column of numbers."""
    return "right" in str(cell.attrs.get("style", ""))


def local(address: str) -> bool:
    """Whether a link leads to a file beside the report, or into it, and not to a place on the net."""
    return not re.match(r"[a-z][a-z0-9+.\-]*:|//", address, re.IGNORECASE)


def unbroken(text: str) -> str:
    """The text with its intervals, such as [0.765, 0.808], kept in one line."""
    return re.sub(r"\[([+−\d.e]+), ([+−\d.e]+)\]", "[\\1,\N{NO-BREAK SPACE}\\2]", text)


def breakable(text: str, longest: int = 24, every: int = 12) -> str:
    """The text with places in its longest words where a line may end: after punctuation, inside runs of letters."""
    pieces = re.compile(rf"[^\W_]{{1,{every}}}[\W_]*|[\W_]+")
    long = re.compile(rf"[^\s\u00a0]{{{longest + 1},}}")
    return long.sub(lambda word: "\N{ZERO WIDTH SPACE}".join(pieces.findall(word[0])), text)
