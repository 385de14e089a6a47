"""The guides' Markdown as HTML of ours: CommonMark and tables, with our classes; HTML in it is shown as text.

What is *emphasised* is in the other language and marked so; what is **strong** is a label of a page.
"""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from shared.web.assets import asset
from shared.web.frame import GUIDES

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = DOCS / "pictures"
_OTHER = {"id": "en", "en": "id"}
_CLASSES = {
    "h1": "govuk-heading-l",
    "h2": "govuk-heading-m",
    "h3": "govuk-heading-s",
    "p": "govuk-body",
    "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number",
    "table": "govuk-table",
    "thead": "govuk-table__head",
    "tbody": "govuk-table__body",
    "tr": "govuk-table__row",
    "th": "govuk-table__header",
    "td": "govuk-table__cell",
    "a": "govuk-link",
    "img": "n-picture",
}


@dataclass(frozen=True)
class Guide:
    """One guide in one language: its title, its parts as (anchor, title), its text as HTML."""

    title: str
    parts: tuple[tuple[str, str], ...]
    html: str


@cache
def read_guide(lang: str, name: str) -> Guide:
    """A guide that there is, in a language that there is."""
    return render((DOCS / lang / f"{name}.md").read_text(), lang)


def render(text: str, lang: str) -> Guide:
    """A text that begins with its title; in a request, since pictures have the addresses of the build."""
    tokens = _MARKDOWN.parse(text)
    heads = list(_heads(tokens))
    html = _MARKDOWN.renderer.render(list(_dressed(tokens, lang)), _MARKDOWN.options, {})
    return Guide(heads[0][2], tuple((id, said) for tag, id, said in heads if tag == "h2"), str(html))


def anchor(text: str) -> str:
    """The anchor of a heading, as forges make it."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _heads(tokens: Sequence[Token]) -> Iterator[tuple[str, str, str]]:
    """The headings, each as (tag, anchor, text)."""
    for token, inside in pairwise(tokens):
        if token.type == "heading_open":
            text = "".join(one.content for one in inside.children or ())
            yield token.tag, anchor(text), text


def _dressed(tokens: Sequence[Token], lang: str) -> Iterator[Token]:
    """The text with our classes, anchors and addresses; tables in frames, each named by the heading above it."""
    heads = _heads(tokens)
    name = ""
    for token in tokens:
        if token.type == "heading_open":
            _, id, name = next(heads)
            token.attrSet("id", id)
        elif token.type == "table_open":
            yield Token("frame_open", "div", 1, attrs=_frame(name), block=True)
        token.children = list(_inline(token.children, lang)) if token.children else token.children
        yield _classed(token)
        if token.type == "table_close":
            yield Token("frame_close", "div", -1, block=True)


def _inline(tokens: Sequence[Token], lang: str) -> Iterator[Token]:
    """What stands in a line: links at the addresses of our pages, and only their words where no page is."""
    led = True
    for token in tokens:
        if token.type == "link_open":
            href = _address(str(token.attrs["href"]))
            token.attrSet("href", href)
            led = bool(href)
        elif token.type == "em_open":
            token.attrSet("lang", _OTHER[lang])
        elif token.type == "image":
            _place(token)
        if led or not token.type.startswith("link_"):
            yield _classed(token)


def _classed(token: Token) -> Token:
    if token.nesting >= 0 and token.tag in _CLASSES:
        token.attrJoin("class", _CLASSES[token.tag])
    if token.type == "th_open":
        token.attrSet("scope", "col")
    token.attrs.pop("style", None)  # how a column is aligned: the policy takes no styles
    return token


def _frame(name: str) -> dict[str, str | int | float]:
    return {"class": "n-table n-table--fits", "tabindex": "0", "role": "region", "aria-label": name}


def _address(href: str) -> str:
    """Where a link of one guide leads on our pages; empty for a file of the project that is no guide."""
    path, _, part = href.partition("#")
    if "://" in path or not path:
        return href
    found = re.fullmatch(r"([a-z]+)\.md", path)
    if not found:
        return ""
    place = GUIDES + found[1].removesuffix("index")
    return f"{place}#{part}" if part else place


def _place(image: Token) -> None:
    """Give a picture its address and its size, so that the text does not jump when it comes."""
    name = Path(str(image.attrs["src"])).name
    width, height = struct.unpack(">II", (PICTURES / name).read_bytes()[16:24])
    image.attrSet("src", asset(name))
    for attribute, value in (("width", width), ("height", height), ("loading", "lazy")):
        image.attrSet(attribute, str(value))


def _code(text: str, language: str, more: str) -> str:
    return f'<pre class="n-code" tabindex="0"><code>{escape(text, quote=False)}</code></pre>'


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "highlight": _code}).enable("table")
