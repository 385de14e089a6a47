"""The pages about how a service runs: what was parked is tried again or dropped by an officer; audit and checks."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.core.ids import utcnow
from shared.core.people import ROLES
from shared.jobs import queue, verification
from shared.messaging.dead_letters import dead_letter
from shared.service import Service
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction
from shared.web import operations
from tests.shared.test_operations import UNREADABLE_ID, failed_event
from tests.shared.toys import SOMEBODY, TOY, agency
from tests.support.publishing import message
from tests.support.routes import operation_pages, routes
from tests.support.stage import Stage

PLACE, AUDIT = "/review/operations", "/review/audit"
OPEN_TO = operation_pages("review")


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    found = stage(TOY)
    found.person("head", "ministry")
    return found


def get(toy: Stage, path: str, who: str = "head", lang: str = "en", **query: Any) -> TestResponse:
    answer: TestResponse = toy.as_(who).get(
        path, query_string=query or None, headers={"Accept": "text/html", "Accept-Language": lang}
    )
    return answer


def post(toy: Stage, path: str, **form: Any) -> TestResponse:
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    answer: TestResponse = toy.as_("head").post(path, data=form, headers=headers)
    return answer


def states(toy: Stage, collection: str = "deferred_events") -> Mapping[str, str]:
    return {row["_id"]: row["state"] for row in toy.db[collection].find()}


def add_job(toy: Stage, key: str, state: str) -> str:
    def command(tx: Transaction) -> None:
        queue.add(tx, "note", key, {})
        tx.audit("toy:all", "jobs.added")

    toy.run(command)
    toy.db["jobs"].update_one({"_id": f"note:{key}"}, {"$set": {"state": state, "error": "it broke"}})
    return f"note:{key}"


def test_every_page_is_the_ministrys_alone(toy: Stage) -> None:
    found = {
        (route.method, route.path): route.audience
        for route in routes(toy.app)
        if route.path.startswith((PLACE, AUDIT))
    }
    assert found == dict.fromkeys(OPEN_TO, frozenset({"ministry"}))
    for role in ROLES:
        toy.person(role, role)
    before = toy.state()
    for method, path in OPEN_TO:
        real = path.replace("<shelf>", "events")
        for role in sorted({*ROLES} - {"ministry"}):
            assert toy.as_(role).open(real, method=method).status_code == 403, (role, real)
        assert toy.as_(None).open(real, method=method).status_code == 401, real
    assert toy.state() == before


def test_what_was_parked_is_listed_with_its_reason_and_age(toy: Stage) -> None:
    id = failed_event(toy)
    job = add_job(toy, "a", "dead")
    overview = get(toy, PLACE).text
    assert overview.count("Given up: 1") == 2
    assert "Given up: 1" in get(toy, f"{PLACE}/summary").text
    events = get(toy, f"{PLACE}/events", state="dead").text
    assert "ValueError: this event cannot be handled" in events
    assert "less than a minute" in events
    assert id not in get(toy, f"{PLACE}/events", state="waiting").text
    jobs = get(toy, f"{PLACE}/jobs").text
    assert (job in jobs, "it broke" in jobs) == (True, True)


def test_a_list_goes_on_page_by_page(toy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "ROWS", 2)
    names = [add_job(toy, key, "dead") for key in "abc"]
    first = get(toy, f"{PLACE}/jobs").text
    assert [name in first for name in names] == [True, True, False]
    rest = get(toy, f"{PLACE}/jobs", after=names[1]).text
    assert [name in rest for name in names] == [False, False, True]


def test_an_event_shows_its_content_only_as_a_stream_of_the_ministry_may_carry_it(toy: Stage) -> None:
    id = failed_event(toy)
    shown = get(toy, f"{PLACE}/events/one", id=id).text
    assert "<dt" in shown
    assert ">bad<" in shown.replace(" ", "").replace("\n", "")
    dead_letter(toy.store, message(b"\xffsecret words"), toy.settings.amqp_users, "not JSON")
    (unreadable,) = [one for one in states(toy) if one.startswith("bytes:")]
    shown = get(toy, f"{PLACE}/events/one", id=unreadable).text
    assert "secret words" not in shown
    assert "Its content is not shown" in shown


@pytest.mark.parametrize("type", ["answer.unknown.v1", "conflicts.declared.v1"])
def test_nothing_is_shown_of_what_the_ministry_gets_by_no_stream(toy: Stage, type: str) -> None:
    id = failed_event(toy)
    toy.db["deferred_events"].update_one({"_id": id}, {"$set": {"type": type}})
    assert "Its content is not shown" in get(toy, f"{PLACE}/events/one", id=id).text


def test_bytes_that_cannot_be_read_any_more_show_nothing(toy: Stage) -> None:
    id = failed_event(toy)
    toy.db["deferred_events"].update_one({"_id": id}, {"$set": {"body": b"{"}})
    assert "Its content is not shown" in get(toy, f"{PLACE}/events/one", id=id).text


def test_a_parked_event_is_tried_again_in_the_officers_name(toy: Stage) -> None:
    id = failed_event(toy)
    answer = post(toy, f"{PLACE}/events/retry", id=id)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PLACE}/events?retried=1")
    assert states(toy) == {id: "retry"}
    entry = toy.db["audit"].find_one({"action": "deferred.retried"}) or {}
    assert entry["actor"] == "p-head"
    assert "1 is tried again now" in get(toy, answer.headers["Location"]).text


def test_what_cannot_be_read_can_only_be_dropped_with_a_reason(toy: Stage) -> None:
    dead_letter(toy.store, message(b"\xff"), toy.settings.amqp_users, "not JSON")
    refused = post(toy, f"{PLACE}/events/retry", id=UNREADABLE_ID)
    assert (refused.status_code, "can only be dropped" in refused.text) == (409, True)
    assert (
        "hanya dapat dibuang"
        in toy.as_("head")
        .post(
            f"{PLACE}/events/retry",
            data={"id": UNREADABLE_ID},
            headers={"Accept": "text/html", "Accept-Language": "id"},
        )
        .text
    )
    assert "Drop it for good?" in get(toy, f"{PLACE}/events/drop", id=UNREADABLE_ID).text
    for reason in ("", "   ", "\u200b", "x" * 501):
        wrong = post(toy, f"{PLACE}/events/drop", id=UNREADABLE_ID, reason=reason)
        assert (wrong.status_code, "Say why" in wrong.text) == (422, True)
    assert states(toy) == {UNREADABLE_ID: "dead"}
    done = post(toy, f"{PLACE}/events/drop", id=UNREADABLE_ID, reason="Noise\nof a test")
    assert done.status_code == 303
    assert states(toy) == {}
    entry = toy.db["audit"].find_one({"action": "deferred.dropped"}) or {}
    assert (entry["actor"], entry["detail"]["reason"]) == ("p-head", "Noise of a test")
    assert "the audit trail says why" in get(toy, done.headers["Location"]).text


def test_all_that_were_given_up_are_tried_again_as_far_as_they_can_be(toy: Stage) -> None:
    id, other = failed_event(toy), failed_event(toy, "c", "waiting")
    dead_letter(toy.store, message(b"\xff"), toy.settings.amqp_users, "not JSON")
    answer = post(toy, f"{PLACE}/events/retry-all")
    assert answer.headers["Location"] == f"{PLACE}/events?state=dead&retried=1&refused=1"
    assert states(toy) == {id: "retry", other: "waiting", UNREADABLE_ID: "dead"}
    assert "1 can only be dropped" in get(toy, answer.headers["Location"]).text


def test_jobs_are_tried_again_and_dropped_unless_they_run(toy: Stage) -> None:
    dead, running = add_job(toy, "a", "dead"), add_job(toy, "b", "running")
    assert post(toy, f"{PLACE}/jobs/retry", id=dead).status_code == 303
    assert "is running" in post(toy, f"{PLACE}/jobs/retry", id=running).text
    assert post(toy, f"{PLACE}/jobs/drop", id=running, reason="why").status_code == 409
    assert states(toy, "jobs") == {dead: "retry", running: "running"}
    assert "it broke" in get(toy, f"{PLACE}/jobs/one", id=dead).text
    assert post(toy, f"{PLACE}/jobs/drop", id=dead, reason="not wanted").status_code == 303
    assert states(toy, "jobs") == {running: "running"}
    assert toy.audited(f"job:{dead}") == ["job.retried", "job.dropped"]


@pytest.mark.parametrize("path", ["/none", "/events/one", "/jobs/one", "/events/drop", "/none/one"])
def test_what_is_not_there_is_not_found(toy: Stage, path: str) -> None:
    answer = get(toy, f"{PLACE}{path}", id="nothing")
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["retry", "drop"])
def test_a_form_about_nothing_changes_nothing(toy: Stage, path: str) -> None:
    before = toy.state()
    assert post(toy, f"{PLACE}/events/{path}", id="nothing", reason="why").status_code == 404
    assert post(toy, f"{PLACE}/others/{path}", id="nothing", reason="why").status_code == 404
    assert toy.state() == before


# audit


def note(toy: Stage, subject: str, action: str, **detail: Any) -> None:
    toy.run(lambda tx: tx.audit(subject, action, **detail), caller=SOMEBODY)


def rows(toy: Stage, **query: Any) -> str:
    return get(toy, AUDIT, **query).text


def test_the_trail_is_searched_by_subject_person_action_and_time(toy: Stage) -> None:
    note(toy, "cycle:1", "cycle.set", title="Round one")
    note(toy, "cycle:2", "cycle.opened", title="Round two")
    toy.db["people"].insert_one({"_id": "p-somebody", "name": "Ani Sari", "grants": [], "past": []})
    assert ["Round one" in rows(toy), "Round two" in rows(toy)] == [True, True]
    assert "Ani Sari" in rows(toy, subject="cycle:1")
    for query in ({"subject": "cycle:1"}, {"action": "cycle.set"}, {"person": "sari", "subject": "cycle:1"}):
        found = rows(toy, **query)
        assert ("Round one" in found, "Round two" in found) == (True, False), query
    for query in ({"action": "cycle"}, {"person": "p-somebody"}, {"since": "2020-01-01T00:00"}):
        found = rows(toy, **query)
        assert ("Round one" in found, "Round two" in found) == (True, True), query
    for query in ({"action": "cycl"}, {"person": "budi"}, {"until": "2020-01-01T00:00"}):
        assert "Nothing was found." in rows(toy, **query), query


@pytest.mark.parametrize(
    "said", ["yesterday", "2026-01-31T10:00+07:00", "1026-01-01T00:00", "9999-12-31T23:59"]
)
def test_a_moment_that_cannot_be_read_is_said_and_left_out(toy: Stage, said: str) -> None:
    note(toy, "cycle:1", "cycle.set", title="Round one")
    found = rows(toy, since=said)
    assert ("Write a moment" in found, "Round one" in found) == (True, True)


def test_the_trail_goes_on_page_by_page(toy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.web.trails.ROWS", 2)
    for number in range(3):
        note(toy, f"cycle:{number}", "cycle.set", title=f"Round {number}")
    first = rows(toy, action="cycle")
    (next,) = {part.partition('"')[0] for part in first.split('href="') if "after=" in part.partition('"')[0]}
    rest = get(toy, next.replace("&amp;", "&")).text
    assert [f"Round {number}" in first for number in range(3)] == [False, True, True]
    assert [f"Round {number}" in rest for number in range(3)] == [True, False, False]


@pytest.mark.parametrize("cursor", ["x", "WzFd", "Wzk5OTk5OTk5OTk5OTk5OTk5OSwiYSJd"])
def test_a_cursor_of_another_list_is_refused(toy: Stage, cursor: str) -> None:
    assert get(toy, AUDIT, after=cursor).status_code == 400


def test_details_of_what_is_an_agencys_own_are_not_shown(toy: Stage) -> None:
    note(toy, "answer:1", "answer.saved", value="a private value")
    found = rows(toy)
    assert ("a private value" in found, "not shown: the agency" in found) == (False, True)


def test_one_chain_is_checked_and_the_outcome_said(toy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    note(toy, "cycle:1", "cycle.set")
    note(toy, "cycle:1", "cycle.opened")
    assert "2 entries were read" in get(toy, f"{AUDIT}/chain", subject="cycle:1").text
    assert "Nothing was ever written down" in get(toy, f"{AUDIT}/chain", subject="cycle:9").text
    monkeypatch.setattr(verification, "LONGEST_CHAIN", 1)
    assert "too long" in get(toy, f"{AUDIT}/chain", subject="cycle:1").text
    monkeypatch.undo()
    toy.db["audit"].update_one({"_id": "cycle:1#00000001"}, {"$set": {"action": "forged"}})
    assert "An entry was changed" in get(toy, f"{AUDIT}/chain", subject="cycle:1").text


def test_all_chains_are_checked_by_the_worker_and_the_outcome_said(toy: Stage) -> None:
    note(toy, "cycle:1", "cycle.set")
    page = f"{AUDIT}/verification"
    assert "Nobody has asked for a check" in get(toy, page).text
    assert post(toy, page).status_code == 400
    assert post(toy, page, chains="all").status_code == 303
    assert post(toy, page, chains="all").status_code == 303
    assert "under way" in get(toy, page).text
    toy.run_jobs()
    assert "all hold together" in get(toy, page).text
    toy.db["audit"].delete_one({"_id": "cycle:1#00000001"})
    post(toy, page, chains="all")
    toy.run_jobs()
    said = get(toy, page).text
    assert ("1 chain is broken" in said, "The last entries are missing." in said) == (True, True)


def test_what_came_of_a_check_is_said_in_the_readers_language(toy: Stage) -> None:
    failed_event(toy)
    for path in (PLACE, f"{PLACE}/events", f"{PLACE}/jobs", AUDIT, f"{AUDIT}/verification"):
        assert "Operasi" in get(toy, path, lang="id").text, path


def test_an_event_that_waits_says_for_what_and_since_when(toy: Stage) -> None:
    event = toy.envelope("agency:b", agency("b", "MissingDependency"))
    toy.consume_all(event)
    shown = get(toy, f"{PLACE}/events/one", id=event.key).text
    assert "agency:first" in shown
    assert f"{utcnow():%Y}" in shown
    row: Doc = toy.db["deferred_events"].find_one() or {}
    assert row["state"] == "waiting"
