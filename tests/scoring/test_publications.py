"""Published results on pages for everybody: found by name, group and predicate, and nothing that is not published."""

import re
from fractions import Fraction

import pytest
from werkzeug.test import TestResponse

from services.scoring.app import service
from services.scoring.domain import BY_NAME, Means, Publication, PublicationFilter, listing, means
from shared.instrument import shipped
from shared.signing import receipts
from shared.signing.keys import KeyRing
from tests.scoring.builders import (
    OFFICERS,
    OnStage,
    copy_published,
    final,
    finalised,
    introduce,
    nation,
    publish,
    scoring,
)
from tests.support.questions import PAGE
from tests.support.signedin import cookies_of, session_of
from tests.support.stage import Stage

RESULTS = "/scoring/results"
FOUND = [
    Publication("a", "a", "Kota Ambon", "Kota", "e", "3.00", "3", "Baik"),
    Publication("b", "b", "Kota Batu", "Kota", "e", "3.00", "301/100", "Baik"),
    Publication("c", "c", "Kabupaten Ambon", "Kabupaten", "e", "2.00", "2", "Cukup"),
]


@pytest.fixture
def on(stage: OnStage) -> Stage:
    """A published result and one that waits, of two agencies in one cycle."""
    return nation(stage(service))


def page(on: Stage, query: str = "", who: str | None = None) -> TestResponse:
    answer: TestResponse = on.as_(who).get(f"{RESULTS}{query}", headers=PAGE)
    return answer


def names(answer: TestResponse) -> list[str]:
    return re.findall(r'scope="row"><a [^>]+>([^<]+)<', answer.text)


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ({}, "bac"),
        ({"sort": "name"}, "cab"),
        ({"sort": "odd"}, "bac"),
        ({"name": " AMBON  kot"}, "a"),
        ({"group": "Kota"}, "ba"),
        ({"predicate": "Cukup"}, "c"),
        ({"name": "nobody"}, ""),
        ({"group": "Provinsi"}, ""),
    ],
)
def test_a_list_has_what_is_wanted_in_its_order(said: dict[str, str], ids: str) -> None:
    assert "".join(one.id for one in listing(FOUND, PublicationFilter.of(said)).rows) == ids


def test_predicates_are_counted_whichever_is_wanted() -> None:
    found = listing(FOUND, PublicationFilter(words="ambon", predicate="Baik", order=BY_NAME))
    assert (dict(found.counts), found.of, list(found.groups)) == (
        {"Baik": 1, "Cukup": 1},
        3,
        ["Kabupaten", "Kota"],
    )


@pytest.mark.parametrize("who", [None, "officer", "ekon", "other"])
def test_nobody_finds_what_is_not_published(on: Stage, who: str | None) -> None:
    assert names(page(on, who=who)) == ["Kemenko Perekonomian"]
    assert "Lain" not in names(page(on, "?name=lain", who))
    publish(on, "s2")
    assert names(page(on, "?sort=name", who)) == ["Kemenko Perekonomian", "Lain"]


def test_a_cycle_without_published_results_is_as_one_that_is_not_there(on: Stage) -> None:
    final(on, "s3", "other", "2027")
    assert page(on, "?cycle=2027").status_code == page(on, "?cycle=nothing").status_code == 404
    assert "2027" not in page(on).text
    publish(on, "s3")
    assert names(page(on, "?cycle=2027")) == ["Lain"]
    assert "2027" in page(on).text


def test_nothing_published_says_so(stage: OnStage) -> None:
    on = scoring(stage)
    assert "Belum ada hasil yang diumumkan." in page(on).text
    assert page(on, "?cycle=2026").status_code == 404


def test_a_long_list_comes_in_pages(on: Stage) -> None:
    copy_published(on, 99)
    first, second = names(page(on)), names(page(on, "?page=2"))
    assert (len(first), len(second), len({*first, *second})) == (50, 50, 100)
    assert names(page(on, "?page=9")) == second
    assert names(page(on, "?page=-1")) == names(page(on, "?page=0")) == first
    assert "Halaman 2 dari 2" in page(on).text


@pytest.mark.parametrize("path", ["", "/s1"])
def test_whoever_has_signed_in_stays_so(on: Stage, path: str) -> None:
    browser = on.app.test_client()
    for name, value in cookies_of(session_of(on.settings.oidc_issuer, "ekon"), on.settings.keys).items():
        browser.set_cookie(name, value)
    assert "Nama ekon" in browser.get(f"{RESULTS}{path}", headers=PAGE).text
    assert "Nama ekon" not in page(on, path).text


# one result


@pytest.mark.parametrize("who", [None, "officer", "other"])
def test_a_result_is_there_for_everybody_from_its_publication_on(on: Stage, who: str | None) -> None:
    for path in ("/s2", "/s2/receipt", "/s9", "/s2.final", "/s9/receipt"):
        refused = page(on, path, who)
        assert (refused.status_code, "Lain" in refused.text) == (404, False), path
    publish(on, "s2")
    assert '<h1 class="govuk-heading-l">Lain</h1>' in page(on, "/s2", who).text
    assert '"result:s2"' in page(on, "/s2/receipt", who).text


def test_notes_of_decisions_are_for_the_ministry_alone(on: Stage) -> None:
    for step, officer in OFFICERS.items():
        on.as_(officer).post(f"/scoring/api/v1/results/s2/{step}", json={"note": "rahasia"})
    text = page(on, "/s2").text
    assert "p-officer" in text
    assert "p-second" in text
    assert "rahasia" not in text + page(on, "/s2/receipt").text


def test_the_receipt_is_the_signed_one(on: Stage) -> None:
    receipt = dict(page(on, "/s1/receipt").json or {})
    receipts.verify(receipt, KeyRing.load(on.settings.keys, "notify").publics)
    assert receipt == on.as_("officer").get("/scoring/api/v1/results/s1/receipt").json


def test_means_are_those_of_what_is_published(on: Stage) -> None:
    assert means(FOUND, "Kota") == Means(all=Fraction(801, 300), group=Fraction(601, 200))
    copy_published(on, 2)
    text = " ".join(page(on, "/s1", "officer").text.split())
    assert "Rata-rata kelompok Kementerian: 2,95" in text
    assert "Rata-rata semua yang diumumkan: 2,94" in text


@pytest.mark.parametrize("edition", ["spbe-5-2018", "spbe-59-2020", "pemdi-8-2026"])
def test_a_result_of_each_edition_shows_each_of_its_indicators(stage: OnStage, edition: str) -> None:
    on = scoring(stage)
    introduce(on, edition)
    codes = shipped(edition).codes
    event = finalised(values=dict.fromkeys(codes, "2"), edition=edition)
    assert on.consume("case:s1", event) == "done"
    publish(on)
    text = page(on, "/s1").text
    rows = re.findall(
        r'<td class="govuk-table__cell">([^<]+)</td>\s*<td class="govuk-table__cell">[^<]+</td>', text
    )
    assert tuple(rows) == codes
