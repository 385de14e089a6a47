"""The picture of one playing: the flow with its counts, what took how long, what came out."""

from collections.abc import Mapping
from typing import Any

from deploy.demo.drawing import INK, PALE, Drawing
from deploy.demo.flow import COLUMNS, HEIGHT, flow
from deploy.demo.plan import Plan
from deploy.demo.tally import Tally

LEFT, TIMES, ROW = 20, 40, 26
CELLS = (LEFT, 440, 600, 680, 790)
HEADS = ("Agency · instansi", "Edition", "Index", "Published", "Predicate")


def picture(plan: Plan, tally: Tally, told: Mapping[str, Mapping[str, Any]], findings: int) -> str:
    """The SVG of a run; `told` are the results as the receiver stored them, by participation."""
    height = HEIGHT + TIMES + ROW * (len(tally.phases) + len(plan.parts) + 4)
    drawing = flow(tally, height)
    end = _phases(drawing, HEIGHT + TIMES, tally)
    end = _results(drawing, end + ROW, plan, told)
    verdict = f"{findings} differences" if findings else "everything as published · semua sesuai"
    words = f"{tally.verified} receipts and proofs hold, {verdict}; round {plan.stamp}, {tally.seconds:.1f} s"
    drawing.text(
        (LEFT, end + ROW), words, 14, COLUMNS[3].colour if findings else COLUMNS[1].colour, weight="bold"
    )
    return drawing.svg()


def _phases(drawing: Drawing, y: float, tally: Tally) -> float:
    drawing.text((LEFT, y), "What took how long · lama tiap tahap", 14, INK, weight="bold")
    whole, start = sum(one.seconds for one in tally.phases) or 1.0, 0.0
    left, width = 640, 480
    for number, one in enumerate(tally.phases, 1):
        place, colour = y + number * ROW, COLUMNS[number % len(COLUMNS)].colour
        drawing.text((LEFT, place), one.name, 13)
        drawing.text((left - 20, place), one.nama, 12, PALE, anchor="end")
        x, w = left + width * start / whole, max(2.0, width * one.seconds / whole)
        drawing.parts.append(
            f'<rect x="{x:.1f}" y="{place - 13}" width="{w:.1f}" height="16" fill="{colour}" opacity="0.8"/>'
        )
        drawing.text((left + width + 70, place), f"{one.seconds:.1f} s", 13, anchor="end")
        start += one.seconds
    return y + ROW * (len(tally.phases) + 1)


def _results(drawing: Drawing, y: float, plan: Plan, told: Mapping[str, Mapping[str, Any]]) -> float:
    _row(drawing, y - ROW / 2, HEADS, PALE)
    for number, part in enumerate(plan.parts, 1):
        got = told.get(part.participation, {})
        cells = (part.name, part.edition, got.get("index", "-"), part.index, got.get("predicate", "-"))
        same = got.get("index") == part.index
        _row(drawing, y - ROW / 2 + number * ROW, cells, INK if same else COLUMNS[3].colour)
    return y + ROW * len(plan.parts)


def _row(drawing: Drawing, y: float, cells: tuple[str, ...], colour: str) -> None:
    for x, words in zip(CELLS, cells, strict=True):
        drawing.text((x, y), words, 13, colour)
