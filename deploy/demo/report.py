"""What is told at the end: the published indices, from what the receiver stored, beside those of the reports."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from deploy.demo.ledger import Ledger
from deploy.demo.plan import Part
from deploy.demo.play import Game

ROW = "  {:<22} {:<13} {:>6}  {:>9}  {:<12} {:>9}  {}"


def show(game: Game, known: Ledger) -> None:
    """Print the table of agencies, and what was delivered."""
    told = known.published(game.feed.name)
    print(f"\nWhat the webhook receiver stored ({game.file}):\n")
    print(ROW.format("agency", "edition", "index", "published", "predicate", "nodes", "source"))
    for number, part in enumerate(game.plan.parts, 1):
        if part.participation in told:
            print(_row(part, told[part.participation], number))
    for number, part in enumerate(game.plan.parts, 1):
        mark = f"  [{number}] "
        print(fill(part.source, 110, initial_indent=mark, subsequent_indent=" " * len(mark)))
    _show_delivery(game)


def _row(part: Part, got: Mapping[str, Any], number: int) -> str:
    nodes = {one["code"]: one["index"] for one in got["nodes"]}
    equal = sum(nodes.get(code) == index for code, index in part.nodes.items())
    compared = f"{equal} of {len(part.nodes)}" if part.nodes else "-"
    cells = (part.agency, part.edition, got["index"], part.index, got["predicate"], compared)
    return ROW.format(*cells, f"[{number}]")


def _show_delivery(game: Game) -> None:
    tally = game.tally
    print(
        f"\n{sum(tally.events.values())} events of {len(tally.events)} types; {tally.delivered} webhooks to "
        f"{tally.streams} streams, signatures v1a and v1 good, sequences without gap; "
        f"{tally.failed} refused with 500 and {tally.retried} of them retried; "
        f"{tally.filled} missed ones fetched from GET …/streams/ID/events."
    )
    print(
        f"{tally.verified} receipts and proofs hold (deploy/verify_receipt.py). "
        f"{sum(tally.requests.values())} requests, {sum(tally.bytes_sent.values()) / 2**20:.1f} MB sent."
    )
    first = next(iter(game.sealed.values()))
    print(f"One seal through all logs: grep {first.correlation} LOGS/*.log")


def draw(game: Game, known: Ledger, out: Path) -> None:
    """Write the picture of this run."""


def conclude(game: Game, findings: Sequence[str]) -> None:
    """Say how it ended."""
    if findings:
        print(f"\n{len(findings)} things differ, see above. It took {game.tally.seconds:.1f} s.")
    else:
        print(f"\nEverything is as it was published. It took {game.tally.seconds:.1f} s.")
