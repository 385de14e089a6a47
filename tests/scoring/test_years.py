"""An agency's results over the years, on pages: what came before, what changed, and what nobody may compare."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.scoring.app import service
from services.scoring.domain import (
    FINAL,
    Basis,
    NodeScore,
    Publication,
    PublishedCycle,
    Score,
    Year,
    change_since,
    changes,
    order_years,
)
from services.scoring.domain import (
    year_before as before_,
)
from tests.scoring.builders import OnStage, nation, year_before
from tests.support.questions import PAGE
from tests.support.stage import LONG_AGO, Stage

AT = datetime(2026, 1, 1, tzinfo=UTC)


def cycle(year: int | None, id: str = "") -> PublishedCycle:
    opens = datetime(year, 1, 1, tzinfo=UTC) if year else None
    return PublishedCycle(id or str(year), f"Penilaian {year}", opens)


def year(number: int | None, index: str = "2.00", edition: str = "e", id: str = "") -> Year:
    found = Publication(f"s-{number}", "ekon", "Ekon", "Kota", edition, index, index, "Baik")
    return Year(cycle(number, id), found)


def score(index: str, edition: str = "e", **nodes: str) -> Score:
    basis = Basis("s", "p", "2026", "ekon", edition, FINAL, "0")
    rows = tuple(NodeScore(code, "indicator", value, value, "1", value) for code, value in nodes.items())
    return Score(basis, "Ekon", "h", "g", index, index, "Baik", AT, rows)


def test_years_come_latest_first_and_what_nobody_dated_last() -> None:
    years = [year(2024), year(None, id="x"), year(2026), year(2025)]
    assert [one.cycle.id for one in order_years(years)] == ["2026", "2025", "2024", "x"]


def test_the_year_before_is_the_last_that_opened_before() -> None:
    years = [year(2024), year(2026), year(2025), year(2027)]
    assert before_(years, cycle(2026)) == year(2025)
    assert before_(years, cycle(2024)) is None
    assert before_(years, cycle(None)) is None
    assert before_([year(2026)], cycle(2026)) is None


def test_a_change_is_what_a_reader_finds_who_subtracts() -> None:
    now, then = score("2.95", a="3", b="2.50", c="1"), score("2.74", a="4", b="2.50")
    found = change_since(now, year(2025, "2.74"), then)
    assert found
    assert (found.index, found.nodes) == (Decimal("0.21"), {"a": Decimal(-1), "b": Decimal("0.00")})
    assert change_since(now, None) is None
    alone = change_since(now, year(2025, "3.00"))
    assert alone
    assert (alone.index, alone.nodes) == (Decimal("-0.05"), {})


def test_numbers_of_another_edition_are_not_compared() -> None:
    found = change_since(score("2.95", a="3"), year(2025, "2.74", "other"), score("2.74", "other", a="3"))
    assert found
    assert (found.index, found.nodes) == (None, {})
    years = [year(2026, "3.00"), year(2025, "2.50"), year(2024, "2.40", "other")]
    assert changes(years) == [Decimal("0.50"), None, None]
    assert changes([]) == []


@pytest.fixture
def on(stage: OnStage) -> Stage:
    """A published result of this year and of the year before, and one that waits."""
    on = nation(stage(service))
    year_before(on)
    return on


def text(on: Stage, path: str, who: str | None = None) -> str:
    answer = on.as_(who).get(f"/scoring{path}?lang=en", headers=PAGE)
    return " ".join(answer.text.split()) if answer.status_code == 200 else str(answer.status_code)


def test_a_result_says_what_changed_since_the_year_before(on: Stage) -> None:
    page = text(on, "/results/s1")
    assert "since Penilaian 2025" in page
    assert page.count("+1") == 1  # the one indicator
    assert "since Penilaian" not in text(on, "/results/s0")


def test_a_year_of_another_edition_is_named_and_not_subtracted(on: Stage) -> None:
    on.db["scores"].update_one({"_id": "s0.final"}, {"$set": {"basis.edition": "other-1"}})
    page = text(on, "/results/s1")
    assert "Penilaian 2025: 2." in page
    assert "by another edition" in page
    assert "since Penilaian" not in page


def test_one_agency_has_a_page_with_its_published_years(on: Stage) -> None:
    page = text(on, "/agencies/ekon")
    assert page.index("Penilaian 2026") < page.index("Penilaian 2025")
    assert "/scoring/results/s1" in page
    assert "/scoring/results/s0" in page
    assert text(on, "/agencies/other") == text(on, "/agencies/nobody") == "404"


def test_what_is_not_published_is_in_no_year(on: Stage) -> None:
    on.db["results"].update_one({"_id": "s0"}, {"$set": {"published_at": None}})
    assert "2025" not in text(on, "/agencies/ekon")
    assert "since Penilaian" not in text(on, "/results/s1")
    assert replace(cycle(2025), opens=LONG_AGO).title not in text(on, "/results/s1")
