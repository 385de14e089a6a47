"""The guides as files: which there are, and what Markdown they are made of."""

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from shared.web.markdown import DOCS

LANGUAGES = ("en", "id")
MARKDOWN = MarkdownIt("commonmark").enable("table")


def guides(lang: str) -> list[Path]:
    """Every guide in a language."""
    return sorted((DOCS / lang).glob("*.md"))


def tokens(path: Path) -> Iterator[Token]:
    """Everything that a guide is made of, what stands in lines included."""
    for token in MARKDOWN.parse(path.read_text()):
        yield token
        yield from token.children or ()


def within(path: Path, kind: str) -> Iterator[str]:
    """The words inside of each piece of a kind, such as "strong"."""
    words: list[str] | None = None
    for token in tokens(path):
        if token.type == f"{kind}_open":
            words = []
        elif token.type == f"{kind}_close" and words is not None:
            yield "".join(words)
            words = None
        elif words is not None and token.type in ("text", "code_inline"):
            words.append(token.content)


def fences(path: Path) -> list[tuple[str, str]]:
    """The pieces of code, each with its language."""
    return [(token.info, token.content) for token in tokens(path) if token.type == "fence"]


def tables(path: Path) -> Iterator[list[list[str]]]:
    """The tables, each as rows of cells as they are written."""
    rows: list[list[str]] = []
    for line in [*path.read_text().splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif rows:
            yield [rows[0], *rows[2:]]
            rows = []
