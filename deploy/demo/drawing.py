"""A small vocabulary for drawing SVG: boxes, words, arrows; text in both languages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

FONT = "font-family=\"'DejaVu Sans','Segoe UI',Helvetica,Arial,sans-serif\""
INK, PALE, LINE = "#1b2733", "#5b6b7a", "#8796a5"
MARKER = (
    '<marker id="{id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
)


@dataclass
class Drawing:
    """A picture under construction, in pixels."""

    width: int
    height: int
    title: str
    parts: list[str] = field(default_factory=list)
    colours: set[str] = field(default_factory=set)

    def box(self, at: tuple[float, float], size: tuple[float, float], fill: str, edge: str = LINE) -> None:
        """A rounded rectangle."""
        (x, y), (w, h) = at, size
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="8" fill="{fill}" stroke="{edge}"/>'
        )

    def text(
        self, at: tuple[float, float], words: str, size: int = 13, colour: str = INK, **style: str
    ) -> None:
        """One line of words; `anchor` and `weight` may be given."""
        more = "".join(f' {_NAMES[name]}="{value}"' for name, value in style.items())
        self.parts.append(
            f'<text x="{at[0]:g}" y="{at[1]:g}" font-size="{size}" fill="{colour}"{more}>{escape(words)}</text>'
        )

    def lines(self, at: tuple[float, float], rows: Iterable[str], size: int = 12, colour: str = INK) -> None:
        """BoundedList lines, one under the other."""
        for number, words in enumerate(rows):
            self.text((at[0], at[1] + number * (size + 5)), words, size, colour)

    def arrow(self, points: Sequence[tuple[float, float]], colour: str = PALE, both: bool = False) -> None:
        """A line through the points with a head at its end, or at both ends."""
        self.colours.add(colour)
        head = f"url(#{_id(colour)})"
        start = f' marker-start="{head}"' if both else ""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8" '
            f'marker-end="{head}"{start}/>'
        )

    def svg(self) -> str:
        """The whole file."""
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        markers = "".join(MARKER.format(id=_id(one), colour=one) for one in sorted(self.colours))
        ground = f'<rect width="{self.width}" height="{self.height}" fill="#ffffff"/>'
        inside = "\n".join(
            [f"<title>{escape(self.title)}</title>", f"<defs>{markers}</defs>", ground, *self.parts]
        )
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {FONT}>\n{inside}\n</svg>\n'


_NAMES = {"anchor": "text-anchor", "weight": "font-weight", "style": "font-style"}


def _id(colour: str) -> str:
    return f"head-{colour.lstrip('#')}"
