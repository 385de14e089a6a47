"""Searching the audit trail: by subject, person, action and time, page by page, the latest first."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.core.people import Caller
from shared.service import Service
from shared.storage import trail
from shared.storage.reader import Doc
from shared.storage.trail import TrailFilter
from shared.storage.transaction import Transaction
from tests.shared.toys import TOY
from tests.support.stage import LONG_AGO, Stage


def at(hours: int) -> datetime:
    return LONG_AGO + timedelta(hours=hours)


SUBJECTS, ACTIONS, WHO = (
    ("cycle:1", "cycle:2", "case:1"),
    ("cycle.set", "cycle.opened", "case.set"),
    ("a", "b"),
)
ENTRIES = st.lists(
    st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(ACTIONS), st.sampled_from(WHO), st.integers(0, 3)),
    max_size=12,
)
FILTERS = st.builds(
    TrailFilter,
    subject=st.none() | st.sampled_from(SUBJECTS),
    actors=st.none() | st.lists(st.sampled_from(WHO), max_size=2),
    action=st.none() | st.sampled_from(["cycle", "cycle.set", "c", "case", "cycle.*"]),
    since=st.none() | st.integers(0, 3).map(at),
    until=st.none() | st.integers(0, 3).map(at),
)


def write(toy: Stage, subject: str, action: str, who: str, hours: int) -> None:
    def command(tx: Transaction) -> None:
        tx.audit(subject, action)

    toy.run(command, caller=Caller("i", who, who), at=at(hours))


def read(toy: Stage, wanted: TrailFilter, limit: int) -> list[Doc]:
    """All pages of a search, one behind the other."""
    found: list[Doc] = []
    after = None
    while True:
        page = toy.store.query(trail.list_entries, wanted, after, limit)
        found += page.rows
        assert len(page.rows) <= limit
        if not page.more:
            return found
        after = (found[-1]["at"], found[-1]["_id"])


def matches(row: Doc, wanted: TrailFilter) -> bool:
    """The same rules said once more, entry by entry."""
    kind = row["action"].partition(".")[0]
    action = wanted.action
    return (
        (wanted.subject is None or row["subject"] == wanted.subject)
        and (wanted.actors is None or row["actor"] in wanted.actors)
        and (action is None or (row["action"] == action if "." in action else kind == action))
        and (wanted.since is None or row["at"] >= wanted.since)
        and (wanted.until is None or row["at"] < wanted.until)
    )


def test_every_search_finds_exactly_what_matches_once_page_by_page(stage: Callable[[Service], Stage]) -> None:
    toy = stage(TOY)

    @settings(max_examples=25)
    @given(ENTRIES, FILTERS, st.integers(1, 4))
    @example([("cycle:1", "cycle.set", "a", 0)] * 3, TrailFilter(subject="cycle:1"), 1)
    @example([("cycle:1", "cycle.set", "a", 0)] * 3, TrailFilter(), 1)
    def check(entries: list[tuple[str, str, str, int]], wanted: TrailFilter, limit: int) -> None:
        toy.empty()
        for entry in entries:
            write(toy, *entry)
        rows = [row for row in toy.db["audit"].find() if matches(row, wanted)]
        found = read(toy, wanted, limit)
        assert sorted(row["_id"] for row in found) == sorted(row["_id"] for row in rows)
        order = [row["seq"] if wanted.subject else (row["at"], row["_id"]) for row in found]
        assert order == sorted(order, reverse=True)

    check()


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"actor": {"$in": ["p-1", "p-2"]}}, "people"),
        ({"actor": {"$in": ["service:review"]}}, "at_-1__id_-1_action_1"),
        ({"action": "cycle.set"}, "at_-1__id_-1_action_1"),
        ({"action": {"$regex": "^cycle\\."}}, "at_-1__id_-1_action_1"),
        ({}, "at_-1__id_-1_action_1"),
    ],
)
def test_what_is_searched_for_stands_in_an_index(
    stage: Callable[[Service], Stage], where: Doc, index: str
) -> None:
    toy = stage(TOY)
    row = {"subject": "cycle:1", "action": "cycle.set", "actor": "service:review"}
    rows = [{**row, "_id": f"cycle:1#{number:08d}", "seq": number, "at": at(number)} for number in range(500)]
    toy.db["audit"].insert_many(
        [{**row, "actor": "p-1"} if number < 3 else row for number, row in enumerate(rows)]
    )
    found = toy.db["audit"].find(where, sort=[("at", -1), ("_id", -1)], limit=5).explain()
    steps = list(_steps(found["queryPlanner"]["winningPlan"]))
    assert {step["stage"] for step in steps} <= {"LIMIT", "FETCH", "SORT_MERGE", "IXSCAN"}
    assert {step["indexName"] for step in steps if "indexName" in step} == {index}


def _steps(step: Doc) -> Iterator[Doc]:
    yield step
    for one in (*step.get("inputStages", ()), *([step["inputStage"]] if "inputStage" in step else ())):
        yield from _steps(one)


def test_people_are_found_by_a_part_of_their_name_and_anybody_by_an_id(
    stage: Callable[[Service], Stage],
) -> None:
    toy = stage(TOY)
    people = [{"_id": "ani", "name": "Ani (Sari)"}, {"_id": "budi", "name": "Budi"}, {"_id": "assessor:x"}]
    toy.db["people"].insert_many(people)
    assert toy.store.query(trail.find_actors, "SARI)") == ["SARI)", "ani"]
    assert toy.store.query(trail.find_actors, "service:review") == ["service:review"]
    assert toy.store.query(trail.find_names, ["ani", "assessor:x", "nobody"]) == {"ani": "Ani (Sari)"}
