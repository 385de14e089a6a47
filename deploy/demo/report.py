"""What is printed at the end: the published indices, from what the receiver stored, beside those of the reports."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from deploy.demo.ledger import Ledger
from deploy.demo.picture import nodes_as_published, picture
from deploy.demo.plan import Part
from deploy.demo.play import DemoRun

ROW = "  {:<22} {:<13} {:>6}  {:>9}  {:<12} {:>9}  {}"


def show(run: DemoRun, known: Ledger) -> None:
    """Print the table of agencies, and what was delivered."""
    results = known.published(run.feed.name)
    print(f"\nWhat the webhook receiver stored ({run.file}):\n")
    print(ROW.format("agency", "edition", "index", "published", "predicate", "nodes", "source"))
    for number, part in enumerate(run.plan.parts, 1):
        if part.participation in results:
            print(_row(part, results[part.participation], number))
    for number, part in enumerate(run.plan.parts, 1):
        mark = f"  [{number}] "
        print(fill(part.source, 110, initial_indent=mark, subsequent_indent=" " * len(mark)))
    _show_delivery(run)


def _row(part: Part, got: Mapping[str, Any], number: int) -> str:
    nodes = nodes_as_published(part, got["nodes"])
    cells = (part.agency, part.edition, got["index"], part.index, got["predicate"], nodes)
    return ROW.format(*cells, f"[{number}]")


def _show_delivery(run: DemoRun) -> None:
    tally = run.tally
    print(
        f"\n{sum(tally.events.values())} events of {len(tally.events)} types; {tally.delivered} webhooks to "
        f"{tally.streams} streams, {tally.defects} with a signature (v1a, v1) that is not good; "
        f"{tally.failed} refused with 500 and {tally.retried} of them retried; "
        f"{tally.filled} missed ones fetched from GET …/streams/ID/events."
    )
    print(
        f"{tally.verified} receipts and proofs hold (deploy/verify_receipt.py). "
        f"{sum(tally.requests.values())} requests, {sum(tally.bytes_sent.values()) / 2**20:.1f} MB sent."
    )
    first = next(iter(run.sealed.values()))
    print(f"One seal through all logs: grep {first.correlation} LOGS/*.log")
    agency = run.plan.parts[0].agency
    print(f"\nOpen {run.world.addresses.intake}/ in a browser and sign in as:")
    print(f"  {f'koordinator-{agency}':<40} an agency's coordinator: what was sealed, and what came of it")
    print(f"  {f'entri-{agency}':<40} whoever typed for it: the indicators, the evidence")
    print(f"  {'ministry':<40} an officer of the ministry: cycles, agencies, people")


def draw(run: DemoRun, known: Ledger, findings: Sequence[str], file: Path) -> None:
    """Write the picture of this run."""
    results = known.published(run.feed.name)
    file.write_text(picture(run.plan, run.tally, results, len(findings)))
    print(f"The run as a picture: {file}")


def conclude(seconds: float, findings: Sequence[str]) -> int:
    """Say how it ended; gives the exit code."""
    for finding in findings:
        print(f"  DIFFERS  {finding}", file=sys.stderr, flush=True)
    if findings:
        print(f"\n{len(findings)} differences, see above. It took {seconds:.1f} s.")
        return 1
    print(f"\nEverything is as it was published. It took {seconds:.1f} s.")
    return 0
