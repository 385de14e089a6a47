"""The picture of one run: the flow with its counts, what took how long, what came out."""

from collections.abc import Mapping, Sequence
from typing import Any

from drawsvg import Drawing, Rectangle

from deploy.demo.drawing import INK, PALE, text
from deploy.demo.flow import COLUMNS, HEIGHT, WIDTH, flow, svg
from deploy.demo.plan import Part, Plan
from deploy.demo.tally import Tally

LEFT, RIGHT, TIMES, ROW = 20, WIDTH - 20, 40, 26
CELLS = ((LEFT, "start"), (470, "start"), (730, "end"), (860, "end"), (920, "start"), (RIGHT, "end"))
HEADS = ("Agency · instansi", "Edition", "Index", "Published", "Predicate", "Nodes as published")
GOOD, BAD = COLUMNS[1].colour, COLUMNS[3].colour

Results = Mapping[str, Mapping[str, Any]]


def picture(plan: Plan, tally: Tally, results: Results, findings: int) -> str:
    """The SVG of a run; `results` as the receiver stored them, by participation."""
    height = HEIGHT + TIMES + ROW * (len(tally.phases) + len(plan.parts) + 4)
    drawing = flow(tally, height)
    end = _phases(drawing, HEIGHT + TIMES, tally)
    end = _results(drawing, end + ROW, plan, results)
    verdict = f"{findings} differences" if findings else "everything as published · semua sesuai"
    words = f"{tally.verified} receipts and proofs hold, {verdict}; round {plan.stamp}, {tally.seconds:.1f} s"
    drawing.append(text((LEFT, end + ROW), words, 14, BAD if findings else GOOD, font_weight="bold"))
    return svg(drawing)


def _phases(drawing: Drawing, y: float, tally: Tally) -> float:
    drawing.append(text((LEFT, y), "What took how long · lama tiap tahap", 14, font_weight="bold"))
    whole, start = sum(phase.seconds for phase in tally.phases) or 1.0, 0.0
    left, width = 640, RIGHT - 640 - 70
    for number, phase in enumerate(tally.phases, 1):
        place, colour = y + number * ROW, COLUMNS[number % len(COLUMNS)].colour
        drawing.append(text((LEFT, place), phase.name))
        drawing.append(text((left - 20, place), phase.nama, 12, PALE, text_anchor="end"))
        x, w = left + width * start / whole, max(2.0, width * phase.seconds / whole)
        drawing.append(Rectangle(round(x, 1), place - 13, round(w, 1), 16, fill=colour, opacity=0.8))
        drawing.append(text((RIGHT, place), f"{phase.seconds:.1f} s", text_anchor="end"))
        start += phase.seconds
    return y + ROW * (len(tally.phases) + 1)


def _results(drawing: Drawing, y: float, plan: Plan, results: Results) -> float:
    _row(drawing, y - ROW / 2, HEADS, PALE)
    for number, part in enumerate(plan.parts, 1):
        result = results.get(part.participation, {"index": "-", "predicate": "-", "nodes": ()})
        cells = (part.name, part.edition, result["index"], part.index, result["predicate"])
        as_published = result["index"] == part.index
        row = (*cells, nodes_as_published(part, result["nodes"]))
        _row(drawing, y - ROW / 2 + number * ROW, row, INK if as_published else BAD)
    return y + ROW * len(plan.parts)


def nodes_as_published(part: Part, nodes: Sequence[Mapping[str, str]]) -> str:
    """How many of the published indices of domains and aspects came out, such as "12 of 12"."""
    found = {node["code"]: node["index"] for node in nodes}
    equal = sum(found.get(code) == index for code, index in part.nodes.items())
    return f"{equal} of {len(part.nodes)}" if part.nodes else "-"


def _row(drawing: Drawing, y: float, cells: tuple[str, ...], colour: str) -> None:
    for (x, anchor), words in zip(CELLS, cells, strict=True):
        drawing.append(text((x, y), words, 13, colour, text_anchor=anchor))
