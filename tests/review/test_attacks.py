"""Attacks on review that once got through, and what becomes of them now."""

from threading import Thread
from typing import Any

import pytest

from deploy.local.servers import Servers
from shared.core.people import AGENCY_ROLES
from shared.events import encode
from shared.messaging.broker import OutgoingEvent
from tests.review import builders
from tests.review.builders import FILE, Review
from tests.support.publishing import publish
from tests.waiting import until

GONE = (404, "not-found")


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


@pytest.mark.parametrize("role", AGENCY_ROLES)
def test_who_works_for_an_agency_does_not_assess_it(review: Review, role: str) -> None:
    case = review.open()
    task = review.open_task()
    review.appoint("ani")
    review.stage.person("ani", role, "kota-a")
    assert review.get("ani", "/tasks").json["items"] == []
    assert said(review.post("ani", f"/tasks/{task}/claim")) == GONE
    assert said(review.get("ani", f"/cases/{case}")) == GONE
    assert review.stage.published_types().count("task.assigned.v1") == 0


def test_who_comes_to_work_for_an_agency_loses_its_task(review: Review) -> None:
    case = review.open()
    task = review.open_task()
    review.appoint("ani")
    fence = review.claim("ani", task)
    review.stage.person("ani", "officer", "kota-a")
    before = review.stage.state()
    assert said(review.rate("ani", task, fence, "1", 3)) == (409, "lost-lease")
    assert said(review.get("ani", f"/cases/{case}")) == GONE
    assert said(review.get("ani", f"/cases/{case}/evidence/{FILE}")) == GONE
    assert review.stage.state() == before


def test_an_officer_who_assesses_too_keeps_what_binds_assessors(review: Review) -> None:
    case = review.open()
    review.appoint("ani", employer_agency="kota-a")
    review.stage.person("ani", "ministry")
    assert said(review.get("ani", f"/cases/{case}")) == GONE
    assert said(review.get("ani", f"/cases/{case}/evidence/{FILE}")) == GONE


def test_an_officer_who_assesses_too_opens_files_and_explanations_only_of_its_task(review: Review) -> None:
    case = review.open()
    review.appoint("ani")
    review.stage.person("ani", "ministry")
    assert review.get("ani", f"/cases/{case}").status_code == 200
    for what in (f"evidence/{FILE}", "words"):
        assert said(review.get("ani", f"/cases/{case}/{what}")) == GONE
    review.claim("ani", review.open_task())
    for what in (f"evidence/{FILE}", "words"):
        assert review.get("ani", f"/cases/{case}/{what}").status_code == 200


def test_nobody_takes_back_its_own_conflict_of_interest(review: Review) -> None:
    review.open()
    review.appoint("ani")
    review.stage.person("ani", "ministry")
    declared = {"agencies": [{"agency": "kota-a", "reason": "My sister works there."}]}
    assert review.put("ani", "/assessors/ani/conflicts", declared, '"1"').status_code == 200
    answer = review.put("ani", "/assessors/ani/conflicts", {"agencies": []}, '"2"')
    assert [interest["agency"] for interest in answer.json["conflicts"]] == ["kota-a"]


def test_bytes_that_are_nested_too_deeply_are_put_aside_and_their_neighbours_handled(
    review: Review, queues: str, servers: Servers
) -> None:
    stage = review.stage
    first, other = (
        encode(stage.envelope(f"agency:{id}", builders.agency(id))) for id in ("kota-a", "kota-b")
    )
    deep = first[:-1] + b',"future":' + b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"}"
    made = [OutgoingEvent(str(at), "agency.set.v1", body) for at, body in enumerate((first, deep, other))]
    publish(servers, queues, made)
    worker = stage.worker()
    thread = Thread(target=worker.consume)
    thread.start()
    agencies = stage.db["agencies"]
    until(lambda: agencies.count_documents({}) == 2 or not thread.is_alive())
    assert thread.is_alive()
    worker.stop.set()
    thread.join()
    worker.store.close()
    (row,) = stage.db["deferred_events"].find()
    assert (row["type"], row["state"], bytes(row["body"])) == ("unreadable", "dead", deep)
