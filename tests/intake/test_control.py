"""The control room's numbers equal a count over all cases, in whatever order and however often the news came."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.app import service
from services.intake.domain.control import PLACES, Place, PlaceFilter
from services.intake.queries import participations as questions
from shared.core.canonical import timestamp
from shared.events import Envelope
from shared.service import Service
from tests.intake.forms import PAGE, Forms
from tests.intake.rounds import MINISTER, Round, people, problem
from tests.intake.stories import NATION, SILENT, STAGES, Story, begin, provisional
from tests.intake.tus import ROOT
from tests.support.stage import LONG_AGO, Stage


def recount(stories: Sequence[Story]) -> Mapping[str, int]:
    return Counter(name for story in stories for name in story.names())


def check(on: Stage, stories: Sequence[Story]) -> None:
    """Every number is that of the recount, and leads to exactly those agencies."""
    id, expected = stories[0].participation.cycle, recount(stories)
    shown = on.store.query(questions.get_control, id)
    assert {name: number for name, number in shown.numbers.items() if number} == dict(expected)
    assert shown.all == len(stories)
    for name in PLACES:
        roll = on.store.query(questions.get_roll, id, PlaceFilter(name), None, 50)
        there = [story.participation.agency for story in stories if name in story.names()]
        assert [row.agency.id for row in roll.rows.rows] == there, name


def tell(on: Stage, news: list[Envelope], sizes: Iterator[int]) -> None:
    """Have intake take news in batches, and what it could not take yet once more, until nothing waits."""
    while news:
        batch = [news.pop() for _ in range(min(next(sizes), len(news)))]
        came = on.consume_all(*batch)
        assert set(came.values()) <= {"done", "superseded", "duplicate", "waiting"}
        early = {id for id, how in came.items() if how == "waiting"}
        assert {one.type for one in batch if one.id in early} <= {"clarification.withdrawn.v1"}
    while on.wake():
        pass
    assert on.deferred() == []


plans = st.lists(
    st.tuples(
        st.sampled_from(sorted(STAGES)),
        st.booleans(),
        st.sampled_from(["answering", "late", "sealed", *["completed"] * 6]),
    ).map(lambda plan: (plan[0], plan[1] and plan[0] == "evaluation", plan[2])),
    min_size=3,
    max_size=len(NATION),
)


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(service)
    people(on)
    return on


def test_the_numbers_are_those_of_a_recount_whenever_the_queues_are_empty(intake: Stage) -> None:
    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(plans, st.data())
    def play(drawn: Sequence[tuple[str, bool, str]], data: st.DataObject) -> None:
        ways = iter(lambda: data.draw(st.integers(0, 7)), None)
        asks = iter(lambda: data.draw(st.integers(0, SILENT)), None)
        sizes = iter(lambda: data.draw(st.integers(1, 9)), None)
        stories, told = begin(intake, drawn), list[Envelope]()
        for _ in range(data.draw(st.integers(1, 3))):
            steps = data.draw(st.lists(st.integers(0, 9), min_size=len(stories), max_size=len(stories)))
            new = [
                envelope
                for story, most in zip(stories, steps, strict=True)
                for envelope in (*story.play(intake, most, ways, asks), provisional(story, intake))
                if story.participation.submission
            ]
            for story in stories:
                new += [envelope for _ in range(3) for envelope in story.ask(intake, next(asks))]
            again = data.draw(st.lists(st.sampled_from(told + new), max_size=8)) if told + new else []
            tell(intake, data.draw(st.permutations(new + again)), sizes)
            told += new
            check(intake, stories)
            to_answer = [(story, id) for story in stories for id in story.to_answer()]
            answered = [one for one in to_answer if data.draw(st.booleans())]
            for story, id in answered:
                story.answer(intake, id)
            if answered:
                check(intake, stories)

    play()


def played(on: Stage, steps: int, ways: Sequence[int], visit: bool = False) -> Story:
    """The story of an evaluated agency, so many steps behind its complete submission, which intake was told."""
    (story,) = begin(on, [("evaluation", visit, "completed")])
    for envelope in story.play(on, steps, iter(ways)):
        assert on.consume_all(envelope) == {envelope.id: "done"}
    return story


def shown_place(on: Stage, story: Story) -> Place:
    (row,) = on.store.query(questions.get_roll, story.participation.cycle, PlaceFilter(), None, 5).rows.rows
    return row.place


def test_a_task_that_is_known_goes_before_what_the_participation_lets_expect(intake: Stage) -> None:
    """The ministry gave up the visit when review had begun it already."""
    story = played(intake, 6, [7, 7, 7, 7, 7], visit=True)
    assert shown_place(intake, story) == Place(
        "review", stage="visit", task="claimed", over=("self", "document", "interview")
    )
    intake.db["participations"].update_one({"_id": story.participation.id}, {"$set": {"visit": False}})
    assert shown_place(intake, story).stage == "visit"


def test_the_end_of_a_task_is_the_end_of_its_stage(intake: Stage) -> None:
    story = played(intake, 2, [7])
    (finished, completed) = story.play(intake, 1, iter([7]))
    intake.consume_all(finished)
    assert shown_place(intake, story) == Place(
        "review", stage="interview", task="open", over=("self", "document")
    )
    intake.consume_all(completed)
    assert shown_place(intake, story).stage == "interview"


def test_a_last_stage_that_is_over_is_a_review_that_is_over(intake: Stage) -> None:
    story = played(intake, 2, [7])
    news = [*story.play(intake, 3, iter([7, 7, 7]))]
    assert intake.consume_all(*news[:-1]) == {one.id: "done" for one in news[:-1]}
    assert shown_place(intake, story).step == "finalised"


def test_it_is_said_since_when_an_agency_is_where_it_is(intake: Stage) -> None:
    story = played(intake, 0, [])

    def shown() -> datetime | None:
        id = story.participation.id
        return intake.store.query(questions.get_standing, MINISTER, id).since

    moments = [shown()]
    for _ in range(8):
        intake.consume_all(*story.play(intake, 1, iter([7])))
        moments.append(shown())
    assert story.step == "published"
    assert moments[0] == LONG_AGO
    known = [at for at in moments if at]
    assert known == sorted(set(known))
    (answering,) = begin(intake, [("monitoring", False, "answering")])
    assert intake.store.query(questions.get_standing, MINISTER, answering.participation.id).since is None


@pytest.mark.parametrize("steps", [1, 3, 4])
def test_news_of_a_submission_that_is_not_known_here_waits(intake: Stage, steps: int) -> None:
    """An assessor has it, it is scored, it is approved: none of these names the participation."""
    (story,) = begin(intake, [("monitoring", False, "completed")])
    intake.db["participations"].update_one({"_id": story.participation.id}, {"$set": {"submission": None}})
    for _ in story.play(intake, steps, iter([7, 7])):
        pass
    (news, *_) = story.play(intake, 1, iter([7]))
    assert intake.consume_all(news) == {news.id: "waiting"}


def test_later_news_of_tasks_stands(intake: Stage) -> None:
    story = played(intake, 1, [])
    claimed, released, again = story.play(intake, 3, iter([7, 1, 7]))
    assert intake.consume_all(again) == {again.id: "done"}
    assert intake.consume_all(claimed) == {claimed.id: "superseded"}
    assert intake.consume_all(released) == {released.id: "done"}  # it ends the claim's links all the same
    assert shown_place(intake, story).task == "claimed"
    (finalised,) = [one for one in story.play(intake, 4, iter([7] * 4)) if "finalised" in one.type]
    twice = replace(finalised, id="again", sequence=99)
    assert intake.consume_all(finalised, twice) == {finalised.id: "done", twice.id: "superseded"}


def test_questions_are_waited_for_until_their_stage_is_over(intake: Stage) -> None:
    """An open one waits for the agency, an answered one for the assessor, a late one for nobody."""
    story = played(intake, 3, [7, 7])
    assert story.stage == "interview"

    def shown() -> tuple[int, int]:
        check(intake, [story])
        numbers = intake.store.query(questions.get_control, story.participation.cycle).numbers
        return numbers["asked"], numbers["answered"]

    seen = [shown()]
    for way in (1, 0, 0):
        intake.consume_all(*story.ask(intake, way))
        seen.append(shown())
    first, second = story.to_answer()
    for id in (first, second):
        story.answer(intake, id)
        seen.append(shown())
    intake.consume_all(*story.play(intake, 2, iter([7, 7])))
    assert story.step == "finalised"
    assert [*seen, shown()] == [(0, 0), (0, 0), (1, 0), (1, 0), (1, 1), (0, 1), (0, 0)]


def test_the_control_room_shows_numbers_that_lead_to_lists(play: Round) -> None:
    """On its page, and for programs."""
    ways = [
        ("monitoring", False, "late"),
        ("monitoring", False, "sealed"),
        *[("evaluation", True, "completed")] * 3,
    ]
    waiting, lapsed, done = (stories := begin(play.stage, ways))[2:]
    for story, steps, way in ((waiting, 1, []), (lapsed, 3, [7, 1]), (done, 9, [7] * 9)):
        play.stage.consume_all(*story.play(play.stage, steps, iter(way)))
    (other,) = begin(play.stage, [("evaluation", False, "completed")])
    play.stage.consume_all(*other.play(play.stage, 3, iter([7, 7])), *other.ask(play.stage, 0))
    check(play.stage, [other])
    check(play.stage, stories)
    id = waiting.participation.cycle
    room = play.get("minister", f"/cycles/{id}/control")
    assert (room["cycle"], room["all"], room["numbers"]["late"], room["numbers"]["lapsed"]) == (id, 5, 1, 1)
    first = play.get("minister", f"/cycles/{id}/agencies?at=attention&limit=1")
    assert [(one["agency"], one["step"], one["late"]) for one in first["items"]] == [
        ("kota-0", "answering", True)
    ]
    rest = play.get("minister", f"/cycles/{id}/agencies?at=attention&after={first['next']}")
    assert [(one["agency"], one["stage"], one["task"]) for one in rest["items"]] == [
        ("kota-3", "document", "lapsed")
    ]
    assert problem(play.as_("minister").get(f"{ROOT}/cycles/{id}/agencies?at=nowhere")) == (422, "invalid")
    assert problem(play.as_("minister").get(f"{ROOT}/cycles/1999/agencies"))[0] == 404
    assert problem(play.as_("minister").get(f"{ROOT}/cycles/1999/control"))[0] == 404
    officer = Forms(play, "minister")
    text = officer.client.get(f"/intake/cycles/{id}/control", headers=PAGE).text
    places = set(re.findall(rf'"/intake/cycles/{id}/participations\?state=([a-z.]+)"', text))
    assert {"answering", "late", "sealed", "lapsed", "stage.document.lapsed", "approved"} <= places
    for at in places:
        listed = officer.client.get(f"/intake/cycles/{id}/participations?state={at}", headers=PAGE).text
        there = [one.participation.agency for one in stories if at in one.names()]
        assert re.findall(r'id="choose-([a-z0-9-]+)"', listed) == there, at
    assert (
        "kota-3" in officer.client.get(f"/intake/participations/{lapsed.participation.id}", headers=PAGE).text
    )


def test_seals_are_told_day_by_day_of_wib(play: Round) -> None:
    """Late on one day in UTC is the next day in WIB."""
    on = play.stage
    (story, *_) = begin(on, [("monitoring", False, "completed")] * 3)
    id = story.participation.cycle
    assert on.store.query(questions.get_seals, id).days == []
    moments = [
        datetime(2026, 3, day, hour, minute, tzinfo=UTC)
        for day, hour, minute in ((1, 16, 59), (1, 17, 0), (2, 3, 0))
    ]
    on.db["submissions"].insert_many(
        [
            {
                "_id": str(number),
                "cycle": id,
                "participation": f"{id}.{number}",
                "version": 1,
                "sealed_at": at,
            }
            for number, at in enumerate(moments)
        ]
    )
    told = on.store.query(questions.get_seals, id)
    days = [(timestamp(day.at), day.count, day.all) for day in told.days]
    assert days == [("2026-02-28T17:00:00.000Z", 1, 1), ("2026-03-01T17:00:00.000Z", 2, 3)]
    assert 0 == told.place(LONG_AGO) < told.place(told.days[0].at) < told.place(told.end) == 1
    text = Forms(play, "minister").client.get(f"/intake/cycles/{id}/control", headers=PAGE).text
    assert "3 dari 3 instansi sudah menyegel" in text
