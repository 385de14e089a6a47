"""The picture of how events flow between people, services and the broker.

`python -m deploy.demo.flow` writes flow.svg beside this file; with `--check` it fails when that is not current. The
types of events, drawn from the contracts, stand only in the picture of a run: so a new one changes no committed file.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click
from drawsvg import Circle, Drawing

from deploy.demo.drawing import INK, PALE, Point, arrow, box, sheet, text
from deploy.demo.tally import Tally
from shared.events import contracts

FILE = Path(__file__).with_name("flow.svg")
WIDTH, HEIGHT = 1220, 670
COLUMN, BOX = 300, 280
PEOPLE, SERVICE, BROKER, EVENTS = 64, 170, 372, 452
OVERVIEW_HEIGHT = BROKER + 64
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


def flow(tally: Tally | None = None, height: int = OVERVIEW_HEIGHT) -> Drawing:
    """The picture; with the types of events, and the counts of one run, where a tally is given."""
    drawing = sheet(WIDTH, height, "Nilai: people, four services, a broker, and the events between them")
    drawing.append(text((20, 34), "How an event flows through Nilai", 20, font_weight="bold"))
    drawing.append(
        text((412, 34), "Alur peristiwa: dari penilaian mandiri sampai pengiriman hasil", 14, PALE)
    )
    for number, column in enumerate(COLUMNS):
        x = 20 + number * COLUMN
        _people(drawing, x, column, tally)
        _service(drawing, x, column)
        _messages(drawing, x, column, tally)
        if tally is not None:
            _events(drawing, x, column, tally)
    drawing.append(box((20, BROKER), (WIDTH - 40, 44), BROKER_COLOUR, "#d98a2b"))
    words = "RabbitMQ: topic exchange nilai.events, one quorum queue for each service"
    style = {"text_anchor": "middle", "font_weight": "bold"}
    drawing.append(text((WIDTH / 2, BROKER + 27), words, 14, **style))
    if tally is not None:
        _legend(drawing)
    return drawing


def svg(drawing: Drawing) -> str:
    """The whole file."""
    return f"{drawing.as_svg(header='')}\n"


def _people(drawing: Drawing, x: float, column: Column, tally: Tally | None) -> None:
    drawing.append(box((x, PEOPLE), (BOX, 46), "#f7f7f5"))
    drawing.append(text((x + 12, PEOPLE + 20), column.people, 14, font_weight="bold"))
    drawing.append(text((x + BOX - 12, PEOPLE + 20), column.orang, 12, PALE, text_anchor="end"))
    drawing.append(text((x + 12, PEOPLE + 38), column.does, 11))
    upper, lower = (x + 30, PEOPLE + 48), (x + 30, SERVICE - 2)
    outward = column.service == "notify"
    drawing.append(arrow(*((lower, upper) if outward else (upper, lower)), column.colour))
    _lines(drawing, (x + 42, PEOPLE + 70), _at_the_door(column.service, tally), column.colour)


def _at_the_door(service: str, tally: Tally | None) -> tuple[str, ...]:
    if tally is None:
        outward = service == "notify"
        return ("HTTPS: Standard Webhooks, v1a + v1",) if outward else ("HTTPS with a token (OpenID)",)
    if service == "notify":
        first = f"{tally.delivered} webhooks to {tally.streams} streams"
        return first, f"{tally.retried} retried, {tally.filled} fetched by GET"
    size = tally.bytes_sent.get(service, 0) / 2**20
    return f"{tally.requests.get(service, 0)} requests", f"{size:.1f} MB sent"


def _service(drawing: Drawing, x: float, column: Column) -> None:
    drawing.append(box((x, SERVICE), (BOX, 132), column.fill, column.colour))
    drawing.append(text((x + 12, SERVICE + 26), column.service, 18, column.colour, font_weight="bold"))
    drawing.append(text((x + BOX - 12, SERVICE + 26), column.nama, 12, PALE, text_anchor="end"))
    _lines(drawing, (x + 12, SERVICE + 50), column.owns)
    drawing.append(box((x + 10, SERVICE + 94), (BOX - 20, 28), "#ffffff"))
    words = "MongoDB: state, outbox, inbox, audit at once"
    drawing.append(text((x + BOX / 2, SERVICE + 112), words, 11, PALE, text_anchor="middle"))


def _lines(drawing: Drawing, at: Point, rows: Iterable[str], colour: str = INK) -> None:
    drawing.extend(text((at[0], at[1] + 17 * number), words, 12, colour) for number, words in enumerate(rows))


def _messages(drawing: Drawing, x: float, column: Column, tally: Tally | None) -> None:
    """What goes to the broker and what comes from it; notify consumes events of its own, too."""
    top, bottom = SERVICE + 134, BROKER - 2
    drawing.append(arrow((x + 60, top), (x + 60, bottom), column.colour))
    drawing.append(arrow((x + 170, bottom), (x + 170, top), column.colour))
    published, consumed = _counts(column.service, tally)
    drawing.append(text((x + 68, top + 38), f"publishes {published}".strip(), 12, column.colour))
    drawing.append(text((x + 178, top + 38), f"consumes {consumed}".strip(), 12, column.colour))


def _counts(service: str, tally: Tally | None) -> tuple[str, str]:
    if tally is None:
        return "", ""
    counted = [(contract, tally.events.get(contract.type, 0)) for contract in contracts()]
    published = sum(count for contract, count in counted if contract.producer == service)
    consumed = sum(count for contract, count in counted if service in contract.consumers)
    return str(published), str(consumed)


def _events(drawing: Drawing, x: float, column: Column, tally: Tally) -> None:
    """The events that a service publishes, with a dot for each service that consumes them."""
    colours = {other.service: other.colour for other in COLUMNS}
    drawing.append(text((x, EVENTS), f"{column.service} publishes · menerbitkan", 12, PALE))
    own = [contract for contract in contracts() if contract.producer == column.service]
    for row, contract in enumerate(own):
        y = EVENTS + 24 + 22 * row
        for place, consumer in enumerate(contract.consumers):
            drawing.append(Circle(x + 6 + 13 * place, y - 4, 5, fill=colours[consumer]))
        drawing.append(text((x + 46, y), contract.type.rpartition(".v")[0]))
        if count := tally.events.get(contract.type):
            style = {"text_anchor": "end", "font_weight": "bold"}
            drawing.append(text((x + BOX - 10, y), str(count), 13, column.colour, **style))


def _legend(drawing: Drawing) -> None:
    y = HEIGHT - 20
    drawing.append(text((20, y), "consumed by · diterima oleh", 12, PALE))
    for number, column in enumerate(COLUMNS):
        x = 226 + 110 * number
        drawing.append(Circle(x, y - 4, 5, fill=column.colour))
        drawing.append(text((x + 12, y), column.service, 12))


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when the file is not current.")
def main(check: bool) -> None:
    """Write the picture of the flow."""
    picture = svg(flow())
    if not check:
        FILE.write_text(picture)
    elif not FILE.exists() or FILE.read_text() != picture:
        sys.exit(f"{FILE} is not current: run `python -m deploy.demo.flow`.")


if __name__ == "__main__":
    main()
