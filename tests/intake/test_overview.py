"""How far a self-assessment is, and what its seal would take: by the seal's own rules."""

from fractions import Fraction
from typing import Any

import pytest

from services.intake import queries
from services.intake.domain.progress import Filled, progress
from shared.core.ids import utcnow
from shared.core.people import Caller, Grant
from shared.instrument import score, shipped, shipped_ids
from shared.storage.reader import Reader
from tests.instrument.builders import small
from tests.intake.files import digest
from tests.intake.rounds import CODES, FILE, SECOND, A, Round, answer, exhibit, good, problem

CLERK = Caller("", "", "p-clerk-a", (Grant("clerk", "kota-a"),))


def shown(play: Round, what: str, who: str = "clerk-a") -> Any:
    return play.get(who, f"/self-assessments/{A}/{what}")


# progress


def test_progress_counts_what_is_missing_as_the_lowest_level_and_says_so(open_round: Round) -> None:
    nothing = shown(open_round, "progress")
    assert (nothing["answered"], nothing["of"]) == (0, 4)
    assert nothing["provisional"] == {
        "index": "1.00",
        "exact": "1/1",
        "predicate": {"id": "Rendah", "en": "Low"},
        "counted_as_lowest": list(CODES),
    }
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/1", answer(3, evidence=[exhibit()]), 0)
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/3", answer("2.5"), 0)
    found = shown(open_round, "progress")
    assert found["provisional"]["counted_as_lowest"] == ["2", "4-1"]
    exact = Fraction(10 * 3 + 20 * 1, 100) + Fraction("69.5") * Fraction("2.5") / 100 + Fraction("0.5") / 100
    assert Fraction(found["provisional"]["exact"]) == exact
    counts = {n["code"]: (n["answered"], n["of"], n["without_evidence"]) for n in found["nodes"]}
    assert counts == {
        "P1": (1, 2, 0),
        "1": (1, 1, 0),
        "2": (0, 1, 0),
        "P2": (1, 2, 1),
        "3": (1, 1, 1),
        "4-1": (0, 1, 0),
    }
    up = {one["indicator"]: one["value"] for one in found["one_level_up"]}
    assert up == {"1": None, "2": "2", "3": "3", "4-1": "2"}
    assert next(one for one in found["one_level_up"] if one["indicator"] == "1")["exact"] == str(exact)


@pytest.mark.parametrize("id", shipped_ids())
def test_one_level_up_is_what_the_engine_gives_for_all_values_anew(id: str) -> None:
    edition = shipped(id)
    some = edition.codes[:5]
    found = progress(edition, "p", {code: Filled("2", 1) for code in some}, utcnow())
    for one in found.one_level_up:
        lowest = {node.code: node.scale.lowest for node in edition.indicators if node.scale}
        values = lowest | dict.fromkeys(some, Fraction(2))
        anew = score(edition, values | {one.indicator: Fraction(str(one.value))})
        assert (one.index, Fraction(one.exact)) == (anew.displayed, anew.index)
        assert one.predicate == anew.predicate.name


def test_a_level_above_is_the_next_of_the_scale() -> None:
    edition = small()
    steps, line = edition.scales
    assert [steps.above(Fraction(value)) for value in (1, 2, 3)] == [2, 3, None]
    assert [line.above(Fraction(value)) for value in ("1", "1.5", "2.75", "3")] == [2, 2, 3, None]


# the check list before the seal


def test_what_the_check_list_shows_can_be_sealed_as_it_stands(ready: Round) -> None:
    ready.upload(FILE)
    found = shown(ready, "readiness", "officer-a")
    assert (found["sealable"], found["obstacles"]) == (True, [])
    assert (found["answered"], found["files"], found["files_here"]) == (4, 2, 1)
    assert found["bytes"] == len(FILE) + len(SECOND)
    assert found["provisional"]["counted_as_lowest"] == []
    order = ready.order() | {"manifest": found["manifest"]}
    sealed = good(ready.seal_raw(order), 201)
    assert sealed["submission"]
    after = shown(ready, "readiness", "officer-a")
    assert [each["code"] for each in after["obstacles"]] == ["already-sealed"]
    assert after["sealable"] is False


def test_what_changed_since_the_check_list_was_shown_is_not_sealed(ready: Round) -> None:
    found = shown(ready, "readiness", "officer-a")
    ready.put("clerk-a", f"/self-assessments/{A}/answers/2", answer(3), 1)
    refused = ready.seal_raw(ready.order() | {"manifest": found["manifest"]})
    assert problem(refused) == (409, "changed-meanwhile")


def test_every_gap_is_named_with_its_indicator(open_round: Round) -> None:
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/1", answer(2), 0)
    broken = FILE[:-10] + b"Rar!\x1a\x07"
    named = [exhibit(), exhibit(broken, "rusak.pdf"), exhibit(b"x", "tanpa.pdf") | {"size": None}]
    named.append(exhibit(SECOND, "laporan.pdf") | {"size": 9_000_000})
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/2", answer(1, evidence=named), 0)
    other = exhibit(FILE + b" ", "lain.pdf") | {"size": 5}
    open_round.put("clerk-a", f"/self-assessments/{A}/answers/3", answer(1, evidence=[other]), 0)
    open_round.upload(broken, "rusak.pdf")
    open_round.upload(FILE + b" ", "lain.pdf")
    found = shown(open_round, "readiness")
    gaps = [(each["kind"], each["indicator"], each["name"], each["blocks"]) for each in found["gaps"]]
    assert gaps == [
        ("evidence-missing", "1", None, False),
        ("absent", "2", "peraturan.pdf", False),
        ("refused", "2", "rusak.pdf", False),
        ("size-unknown", "2", "tanpa.pdf", True),
        ("too-large", "2", "laporan.pdf", False),
        ("size-differs", "3", "lain.pdf", True),
        ("answer-missing", "4-1", None, True),
    ]
    assert [each["code"] for each in found["gaps"] if each["code"]] == ["file-truncated"]
    codes = [each["code"] for each in found["obstacles"]]
    assert codes == ["sealer-needed", "answers-missing", "files-differ"]


def test_a_size_that_nobody_said_is_that_of_the_file_that_is_here(open_round: Round) -> None:
    open_round.upload(FILE)
    open_round.answer_all(A, {"1": [exhibit() | {"size": None}], "2": [exhibit()]})
    found = shown(open_round, "readiness", "coordinator-a")
    assert (found["sealable"], found["gaps"]) == (
        True,
        [gap for gap in found["gaps"] if gap["kind"] == "evidence-missing"],
    )
    assert found["manifest"]["files"] == [
        {"sha256": digest(FILE), "name": "peraturan.pdf", "size": len(FILE)}
    ]


def test_what_could_never_all_arrive_is_told_before_the_seal(open_round: Round) -> None:
    large = [exhibit(str(n).encode(), f"{n}.pdf") | {"size": 7_000_000} for n in range(3)]
    open_round.answer_all(A, {"1": large})
    found = shown(open_round, "readiness", "officer-a")
    assert [each["code"] for each in found["obstacles"]] == ["promise-over-quota"]


# how often the database is asked


@pytest.mark.parametrize("query", [queries.get_progress, queries.get_readiness])
def test_more_answers_cost_no_more_queries(open_round: Round, query: Any, counted: Any) -> None:
    few = counted(query, CLERK, A)
    open_round.answer_all(A, {code: [exhibit(), exhibit(SECOND, "b.pdf")] for code in CODES})
    assert counted(query, CLERK, A) == few


@pytest.fixture
def counted(open_round: Round) -> Any:
    """Asks a query and gives how often it asked the database."""
    asked: list[str] = []

    class Counted(Reader):
        def get(self, collection: str, id: str) -> Any:
            asked.append(collection)
            return super().get(collection, id)

        def find(self, collection: str, *args: Any, **options: Any) -> Any:
            asked.append(collection)
            return super().find(collection, *args, **options)

        def count(self, collection: str, where: Any) -> int:
            asked.append(collection)
            return super().count(collection, where)

        def aggregate(self, collection: str, pipeline: Any) -> Any:
            asked.append(collection)
            return super().aggregate(collection, pipeline)

    def count(query: Any, *args: Any) -> int:
        asked.clear()
        query(Counted(open_round.stage.db, utcnow()), *args)
        return len(asked)

    return count
