"""A request's way through door, command and database: whose name, whose time, whose trace."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import web
from shared.auth.guard import audience
from shared.core.errors import Conflict
from shared.events import decode
from shared.events.review import AssessorSet
from shared.service import Service
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction
from tests.support.stage import LONG_AGO, Stage

door = web.Blueprint("door", __name__)
TRACE = f"00-{'ab' * 16}-{'cd' * 8}-01"


def name_assessor(tx: Transaction, id: str, refuse: bool) -> dict[str, Any]:
    tx.put("assessors", {"_id": id, "by": tx.caller.id})
    tx.audit(f"assessor:{id}", "named")
    tx.emit(f"assessor:{id}", AssessorSet(assessor=id, issuer="issuer", subject=id, since=LONG_AGO))
    if refuse:
        raise Conflict("This one has a conflict.")
    return {"id": id, "at": tx.now.isoformat()}


def assessors(view: Reader) -> list[str]:
    return sorted(row["_id"] for row in view.find("assessors", {}))


@door.route("/named/<id>", methods=["PUT"])
@door.response(200)
@audience("ministry")
def put_assessor(id: str) -> dict[str, Any]:
    """Name an assessor."""
    return web.run(name_assessor, id, refuse=id == "refused")


@door.route("/named")
@door.response(200)
@audience("assessor", "ministry")
def get_assessors() -> dict[str, Any]:
    """All assessors."""
    return {"items": web.query(assessors)}


@pytest.fixture
def review(stage: Callable[[Service], Stage]) -> Stage:
    return stage(Service("review", lambda *_: [door], handlers={}, indexes={"assessors": ()}))


ROOT = "/review/api/v1/named"


def test_a_command_runs_in_the_callers_name_at_the_time_of_arrival(review: Stage) -> None:
    caller = review.person("chief", "ministry")
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    answer = review.as_("chief").put(f"{ROOT}/ani", headers={"X-Request-Id": "request-11"})
    assert answer.status_code == 200
    (entry,) = review.db["audit"].find()
    assert (entry["actor"], entry["correlation"], entry["action"]) == (caller.id, "request-11", "named")
    assert answer.json is not None
    assert entry["at"] == datetime.fromisoformat(answer.json["at"])
    assert before <= entry["at"] <= datetime.now(UTC)
    assert review.as_("chief").get(ROOT).json == {"items": ["ani"]}


def test_the_trace_and_the_correlation_go_on_in_the_event(review: Stage) -> None:
    review.person("chief", "ministry")
    headers = {"traceparent": TRACE, "X-Request-Id": "request-12"}
    review.as_("chief").put(f"{ROOT}/ani", headers=headers)
    (row,) = review.db["outbox"].find()
    envelope = decode(bytes(row["body"]))
    assert envelope.correlation == "request-12"
    assert envelope.trace is not None
    assert envelope.trace.split("-")[1] == TRACE.split("-")[1]
    assert envelope.trace != TRACE


def test_a_refused_command_changes_nothing(review: Stage) -> None:
    review.person("chief", "ministry")
    before = review.state()
    answer = review.as_("chief").put(f"{ROOT}/refused")
    assert answer.json is not None
    assert (answer.status_code, answer.json["detail"]) == (409, "This one has a conflict.")
    assert review.state() == before


@pytest.mark.parametrize(("name", "status"), [("assessor-ani", 403), ("stranger", 403), (None, 401)])
def test_who_may_not_changes_nothing(review: Stage, name: str | None, status: int) -> None:
    review.person("assessor-ani", "assessor")
    before = review.state()
    assert review.as_(name).put(f"{ROOT}/ani").status_code == status
    assert review.state() == before


def test_a_role_counts_from_the_moment_it_is_given(review: Stage) -> None:
    assert review.as_("ani").get(ROOT).status_code == 403
    review.person("ani", "assessor")
    assert review.as_("ani").get(ROOT).status_code == 200


def test_a_service_with_its_database_is_ready(review: Stage) -> None:
    assert review.as_(None).get("/review/readyz").json == {"status": "ok"}
