"""The picture of how facts flow between people, services and the broker, drawn from the event contracts.

`python -m deploy.demo.flow` writes flow.svg beside this file; with `--check` it fails when that is not current.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from deploy.demo.drawing import PALE, Drawing
from deploy.demo.tally import Tally
from shared.events import contracts

FILE = Path(__file__).with_name("flow.svg")
WIDTH, HEIGHT = 1220, 670
COLUMN, BOX = 300, 280
PEOPLE, SERVICE, BROKER, EVENTS = 64, 170, 372, 452
BROKER_COLOUR = "#fdf1e3"


@dataclass(frozen=True)
class Column:
    """One service in the picture, and who stands at its door."""

    service: str
    nama: str
    owns: tuple[str, ...]
    people: str
    orang: str
    does: str
    fill: str
    colour: str


COLUMNS = (
    Column(
        "intake",
        "penerimaan",
        (
            "editions, cycles, agencies, people",
            "answers, evidence (tus), submissions",
            "signed receipts · tanda terima",
        ),
        "Agencies",
        "instansi",
        "answer, upload, seal · mengisi, menyampaikan",
        "#e6f0fa",
        "#1f6fb2",
    ),
    Column(
        "review",
        "penilaian",
        (
            "assessors, conflicts of interest",
            "cases, stages, tasks with leases",
            "ratings, never overwritten",
        ),
        "Assessors",
        "asesor eksternal",
        "claim, rate, mark · mengambil tugas, menilai",
        "#eaf5ea",
        "#2c7a3f",
    ),
    Column(
        "scoring",
        "penghitungan indeks",
        ("exact scores of every stage", "results: computed, approved, published", "signed receipts"),
        "Ministry",
        "kementerian",
        "approve, publish · menetapkan, menerbitkan",
        "#f4ecfa",
        "#7a3fa0",
    ),
    Column(
        "notify",
        "pemberitahuan",
        (
            "subscriptions, one stream each",
            "contiguous sequences, frozen bodies",
            "deliveries with every attempt",
        ),
        "Receivers",
        "penerima webhook",
        "signed webhooks, streams · pengiriman",
        "#fdeaea",
        "#b23b3b",
    ),
)


def flow(tally: Tally | None = None, height: int = HEIGHT) -> Drawing:
    """The picture; with the counts of one playing where a tally is given."""
    drawing = Drawing(WIDTH, height, "Nilai: people, four services, one broker, and the events between them")
    drawing.text((20, 34), "How an event flows through Nilai", 20, weight="bold")
    drawing.text((392, 34), "Alur fakta: dari penilaian mandiri sampai pengiriman hasil", 14, PALE)
    for number, column in enumerate(COLUMNS):
        x = 20 + number * COLUMN
        _people(drawing, x, column, tally)
        _service(drawing, x, column)
        _messages(drawing, x, column, tally)
        _events(drawing, x, column, tally)
    drawing.box((20, BROKER), (WIDTH - 40, 44), BROKER_COLOUR, "#d98a2b")
    words = "RabbitMQ: topic exchange nilai.events, one quorum queue for each service"
    drawing.text((WIDTH / 2, BROKER + 27), words, 14, anchor="middle", weight="bold")
    _legend(drawing)
    return drawing


def _people(drawing: Drawing, x: float, column: Column, tally: Tally | None) -> None:
    drawing.box((x, PEOPLE), (BOX, 46), "#f7f7f5")
    drawing.text((x + 12, PEOPLE + 20), column.people, 14, weight="bold")
    drawing.text((x + BOX - 12, PEOPLE + 20), column.orang, 12, PALE, anchor="end")
    drawing.text((x + 12, PEOPLE + 38), column.does, 11)
    ends = [(x + 30, PEOPLE + 48), (x + 30, SERVICE - 2)]
    outward = column.service == "notify"
    drawing.arrow(ends[::-1] if outward else ends, column.colour)
    drawing.lines((x + 42, PEOPLE + 70), _at_the_door(column.service, tally), 12, column.colour)


def _at_the_door(service: str, tally: Tally | None) -> tuple[str, ...]:
    if tally is None:
        return (
            ("HTTPS: Standard Webhooks, v1a + v1",)
            if service == "notify"
            else ("HTTPS with a token (OpenID)",)
        )
    if service == "notify":
        first = f"{tally.delivered} webhooks to {tally.streams} streams"
        return first, f"{tally.retried} retried, {tally.filled} fetched by GET"
    size = tally.bytes_sent.get(service, 0) / 2**20
    return f"{tally.requests.get(service, 0)} requests", f"{size:.1f} MB sent"


def _service(drawing: Drawing, x: float, column: Column) -> None:
    drawing.box((x, SERVICE), (BOX, 132), column.fill, column.colour)
    drawing.text((x + 12, SERVICE + 26), column.service, 18, column.colour, weight="bold")
    drawing.text((x + BOX - 12, SERVICE + 26), column.nama, 12, PALE, anchor="end")
    drawing.lines((x + 12, SERVICE + 50), column.owns)
    drawing.box((x + 10, SERVICE + 94), (BOX - 20, 28), "#ffffff")
    words = "MongoDB: state, outbox, inbox, audit at once"
    drawing.text((x + BOX / 2, SERVICE + 112), words, 11, PALE, anchor="middle")


def _messages(drawing: Drawing, x: float, column: Column, tally: Tally | None) -> None:
    """What goes to the broker and what comes from it; notify hears itself, too."""
    top, bottom = SERVICE + 134, BROKER - 2
    drawing.arrow([(x + 60, top), (x + 60, bottom)], column.colour)
    drawing.arrow([(x + 190, bottom), (x + 190, top)], column.colour)
    tells, hears = _counts(column.service, tally)
    drawing.text((x + 70, top + 38), f"tells {tells}".strip(), 12, column.colour)
    drawing.text((x + 200, top + 38), f"hears {hears}".strip(), 12, column.colour)


def _counts(service: str, tally: Tally | None) -> tuple[str, str]:
    if tally is None:
        return "", ""
    told = sum(tally.events.get(one.type, 0) for one in contracts() if one.producer == service)
    heard = sum(tally.events.get(one.type, 0) for one in contracts() if service in one.consumers)
    return str(told), str(heard)


def _events(drawing: Drawing, x: float, column: Column, tally: Tally | None) -> None:
    """The facts that a service tells, with a dot for each service that hears them."""
    colours = {one.service: one.colour for one in COLUMNS}
    drawing.text((x, EVENTS), f"{column.service} tells · memberitahukan", 12, PALE)
    for row, one in enumerate(one for one in contracts() if one.producer == column.service):
        y = EVENTS + 24 + 22 * row
        count = _shown(one.type, tally.events) if tally else ""
        for place, hearer in enumerate(one.consumers):
            dot = f'<circle cx="{x + 6 + 13 * place}" cy="{y - 4}" r="5" fill="{colours[hearer]}"/>'
            drawing.parts.append(dot)
        drawing.text((x + 46, y), one.type.rpartition(".v")[0], 13)
        drawing.text((x + BOX - 10, y), count, 13, column.colour, anchor="end", weight="bold")


def _shown(type: str, events: Mapping[str, int]) -> str:
    return str(events.get(type, 0) or "")


def _legend(drawing: Drawing) -> None:
    y = HEIGHT - 20
    drawing.text((20, y), "heard by · didengar oleh", 12, PALE)
    for number, column in enumerate(COLUMNS):
        x = 200 + 110 * number
        drawing.parts.append(f'<circle cx="{x}" cy="{y - 4}" r="5" fill="{column.colour}"/>')
        drawing.text((x + 12, y), column.service, 12)


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when the file is not current.")
def main(check: bool) -> None:
    """Write the picture of the flow."""
    picture = flow().svg()
    if not check:
        FILE.write_text(picture)
    elif not FILE.exists() or FILE.read_text() != picture:
        sys.exit(f"{FILE} is not what the contracts say: run `python -m deploy.demo.flow`.")


if __name__ == "__main__":
    main()
