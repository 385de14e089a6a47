"""Where the lines of a chart go: plain numbers for the templates in `parts/charts.html`."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

_RINGS = 5
_LINE, _LONGEST = 13, 13
"""The height of a line of words, and the characters of the longest."""
_SIDE = 0.35
"""How far from the middle, of the whole radius, a name stands left or right of its axis."""


@dataclass(frozen=True)
class Axis:
    """One direction of a radar: a short name, a value, and what it is held against."""

    text: str
    value: float
    target: float | None = None


@dataclass(frozen=True)
class Name:
    """Words at the end of an axis, on one line or two; the first one's place."""

    lines: tuple[str, ...]
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class Radar:
    """A radar as polygons (`points` of SVG) and words."""

    width: int
    height: int
    rings: tuple[str, ...]
    shape: str
    target: str
    names: tuple[Name, ...]


@dataclass(frozen=True)
class Line:
    """A rising line as SVG draws it: its points, its end, and the heights of the grid with their numbers."""

    width: int
    height: int
    points: str
    end: tuple[float, float]
    grid: tuple[tuple[float, int], ...]


@dataclass(frozen=True)
class Band:
    """One band of a scale."""

    text: str
    x: float
    width: float


@dataclass(frozen=True)
class Scale:
    """A scale of bands, and where a value lies on it, in hundredths of its width."""

    at: float
    bands: tuple[Band, ...]


def radar(axes: Sequence[Axis], most: float, width: int = 280, height: int = 210) -> Radar:
    """A radar from 0 to `most`, the first axis upwards, then clockwise; ValueError for fewer than three axes."""
    if len(axes) < 3:
        raise ValueError(f"a radar needs three axes, not {len(axes)}")
    middle, radius = (width / 2, height / 2), height / 2 - 28
    around = [(sin(2 * pi * at / len(axes)), -cos(2 * pi * at / len(axes))) for at in range(len(axes))]

    def polygon(values: Sequence[float]) -> str:
        reach = [radius * min(max(value / most, 0.0), 1.0) for value in values]
        corners = zip(around, reach, strict=True)
        return " ".join(f"{middle[0] + x * far:.1f},{middle[1] + y * far:.1f}" for (x, y), far in corners)

    rings = tuple(polygon([most * ring / _RINGS] * len(axes)) for ring in range(1, _RINGS + 1))
    targets = [axis.target for axis in axes if axis.target is not None]
    return Radar(
        width,
        height,
        rings,
        polygon([axis.value for axis in axes]),
        polygon(targets) if len(targets) == len(axes) else "",
        tuple(_names(axes, around, middle, radius + 8)),
    )


def steps(points: Sequence[tuple[float, int]], most: int, width: int = 640, height: int = 200) -> Line:
    """A line that goes up at each point (its place from 0 to 1, its height up to `most`), and on to the end."""
    left, right, top, bottom = 48, width - 60, 12, height - 12

    def height_of(value: int) -> float:
        return round(bottom - (bottom - top) * min(value / max(most, 1), 1.0), 1)

    drawn, last = [(float(left), height_of(0))], 0
    for place, value in points:
        x = round(left + (right - left) * place, 1)
        drawn += [(x, height_of(last)), (x, height_of(value))]
        last = value
    drawn.append((float(right), height_of(last)))
    grid = tuple(
        (height_of(value), value) for value in sorted({0, most // 4, most // 2, most * 3 // 4, most})
    )
    return Line(width, height, " ".join(f"{x},{y}" for x, y in drawn), drawn[-1], grid)


def _names(
    axes: Sequence[Axis], around: Sequence[tuple[float, float]], middle: tuple[float, float], radius: float
) -> Iterator[Name]:
    for axis, (x, y) in zip(axes, around, strict=True):
        lines = _lines(axis.text)
        anchor = "middle" if abs(x) < _SIDE else "start" if x > 0 else "end"
        over = _LINE * (len(lines) - 1)
        down = 8 if y > _SIDE else 4 - over / 2 if y >= -_SIDE else -over
        yield Name(lines, round(middle[0] + x * radius, 1), round(middle[1] + y * radius + down, 1), anchor)


def _lines(text: str) -> tuple[str, ...]:
    """A text on a line, or two where it is long; what does not fit there is left out."""
    if len(text) <= _LONGEST:
        return (text,)
    lines = textwrap.wrap(text, _LONGEST, break_long_words=False, max_lines=2, placeholder="…")
    return tuple(lines)


def scale(value: float, bounds: Sequence[tuple[str, float]], low: float) -> Scale:
    """A value on bands that each end at a bound, the last at the scale's end."""
    whole = bounds[-1][1] - low
    edges = [low, *(bound for _, bound in bounds)]
    bands = tuple(
        Band(text, round(100 * (start - low) / whole, 2), round(100 * (end - start) / whole - 0.3, 2))
        for (text, _), start, end in zip(bounds, edges, edges[1:], strict=False)
    )
    return Scale(round(100 * min(max((value - low) / whole, 0.0), 1.0), 2), bands)
