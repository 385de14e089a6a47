"""The boxes, texts and arrows of the demo's pictures, as drawsvg draws them; places and sizes are in pixels."""

from functools import cache
from typing import Any

from drawsvg import Drawing, Line, Lines, Marker, Rectangle, Text

FONT = "'DejaVu Sans','Segoe UI',Helvetica,Arial,sans-serif"
INK, PALE, EDGE = "#1b2733", "#5b6b7a", "#8796a5"

Point = tuple[float, float]


def sheet(width: float, height: float, title: str) -> Drawing:
    """An empty white picture."""
    drawing = Drawing(width, height, role="img", font_family=FONT)
    drawing.append_title(title)
    drawing.append(Rectangle(0, 0, width, height, fill="#ffffff"))
    return drawing


def box(at: Point, size: Point, fill: str, edge: str = EDGE) -> Rectangle:
    """A rounded rectangle, by its upper left corner."""
    return Rectangle(*at, *size, rx=8, fill=fill, stroke=edge)


def text(at: Point, words: str, size: int = 13, colour: str = INK, **style: Any) -> Text:
    """A line of words that begins, or has its `text_anchor`, at the point."""
    return Text(words, size, *at, fill=colour, **style)


def arrow(start: Point, end: Point, colour: str) -> Line:
    """A straight line with a head at its end."""
    return Line(*start, *end, stroke=colour, stroke_width=1.8, marker_end=_head(colour))


@cache
def _head(colour: str) -> Marker:
    head = Marker(0, 0, 10, 10, scale=0.7, orient="auto", refX=9, refY=5)
    head.append(Lines(0, 0, 10, 5, 0, 10, fill=colour, close=True))
    return head
