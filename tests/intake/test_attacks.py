"""Attacks on intake that once got through, and what becomes of them now."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from services.intake.api.incoming import PIECE
from services.intake.domain import EvidenceRules, uploads
from shared.auth.guard import PUBLIC
from shared.core.errors import Locked, TryLater
from shared.core.people import AGENCY_ROLES
from shared.service import Service
from shared.web.problems import MOST_ERRORS
from shared.web.seats import ConcurrencyLimit
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES
from tests.intake.evidence_app import open_round as open_cycle
from tests.intake.files import digest
from tests.intake.questions import ID, SUBJECT, question
from tests.intake.rounds import DEADLINE, FILE, OPENS, A, B, Round, agency, answer, exhibit, problem
from tests.intake.server import Person, Server, Slow, running
from tests.intake.tus import BYTES, ROOT, TUS, Tus, metadata
from tests.support.routes import routes
from tests.support.stage import Stage

LAST = "9999-12-31T23:59:59Z"
THREADS = 8
LENGTH = 100_000


# moments


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_outside_of_the_calendar_is_refused(play: Round, moment: str) -> None:
    before = play.stage.state()
    grants = [{"role": "ministry", "since": moment}]
    person = {"issuer": "i", "subject": "s", "grants": grants}
    for path, body in (("/agencies/kota-x", agency(since=moment)), ("/people/p-x", person)):
        assert problem(play.put_raw("minister", path, body)) == (422, "invalid")
    assert play.stage.state() == before


def test_no_deadline_lies_beyond_what_can_be_added_to(open_round: Round) -> None:
    body = {"activity": "monitoring", "visit": False, "deadline": LAST}
    assert problem(open_round.put_raw("minister", f"/participations/{A}", body, 1)) == (422, "invalid")
    more = {"deadline": LAST, "reason": "Bencana"}
    sent = open_round.as_("minister").post(f"{ROOT}/participations/{A}/extension", json=more)
    assert problem(sent) == (422, "invalid")


# floods


def test_a_flood_of_items_is_refused_before_they_are_looked_at(open_round: Round) -> None:
    flood = answer(evidence=[{}] * 300_000)
    sent = open_round.put_raw("clerk-a", f"/self-assessments/{A}/answers/1", flood, 0)
    assert problem(sent) == (422, "invalid")
    assert len(sent.data) < 1000


def test_a_flood_of_strange_fields_is_told_in_part(open_round: Round) -> None:
    flood = answer() | {f"f{place}": 1 for place in range(100_000)}
    sent = open_round.put_raw("clerk-a", f"/self-assessments/{A}/answers/1", flood, 0)
    assert problem(sent) == (422, "invalid")
    assert sent.json is not None
    assert len(sent.json["errors"]) == MOST_ERRORS


def test_of_a_flood_of_lines_no_more_are_read_than_may_go_at_once(play: Round) -> None:
    flood = b"id,name,group,since,until\n" + b"a\n" * 1_000_000
    sent = play.as_("minister").post(f"{ROOT}/agencies/import", data=flood, content_type="text/csv")
    assert problem(sent) == (422, "too-many-lines")


def test_uploads_that_nobody_finishes_do_not_pile_up(
    open_round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    places = [open_round.begin_upload("clerk-a").headers["Location"] for _ in range(2)]
    assert problem(open_round.begin_upload("member-a")) == (409, "too-many-uploads")
    assert open_round.begin_upload("clerk-b", B).status_code == 201
    assert open_round.as_("clerk-a").delete(places[0], headers=TUS).status_code == 204
    assert open_round.begin_upload("clerk-a").status_code == 201


# seals


def test_no_receipt_says_another_size_than_a_file_has(open_round: Round) -> None:
    open_round.upload(FILE)
    open_round.answer_all(A, {"1": [exhibit() | {"size": None}]})
    order = open_round.order(A)
    order["manifest"]["files"][0]["size"] = len(FILE) + 1
    before = open_round.stage.state()
    assert problem(open_round.seal_raw(order)) == (422, "files-differ")
    assert open_round.stage.state() == before
    order["manifest"]["files"][0]["size"] = len(FILE)
    assert open_round.seal_raw(order).status_code == 201


# slow senders


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_cycle, EvidenceRules(8 * MIB, 20 * MIB, TYPES))
    on.person("ani", "clerk", "kota-a")
    on.person("budi", "clerk", "kota-b")
    return on


@pytest.fixture
def server(intake: Stage) -> Iterator[Server]:
    with running(intake.settings, silence=2) as server:
        yield server


def begin(intake: Stage, name: str, agency: str, number: int) -> list[str]:
    tus = Tus(intake.as_(name), f"2026.{agency}")
    return [tus.place(f"{place}.pdf", LENGTH) for place in range(number)]


def test_senders_who_send_nothing_leave_threads_for_everybody_else(
    intake: Stage, server: Server, mint: Callable[[str], str]
) -> None:
    """The server has eight threads; each of these PATCHes would keep one for as long as it likes."""
    (theirs,) = begin(intake, "budi", "kota-b", 1)
    with ExitStack() as after:
        for place in begin(intake, "ani", "kota-a", THREADS):
            after.callback(Slow(server, mint("ani"), place, 0, LENGTH, {}).break_off)
        answer = Person(mint("budi")).patch(server, theirs, 0, b"%PDF-")
    assert answer.status_code == 204


def test_one_agency_takes_half_of_the_seats_and_all_together_not_every_thread() -> None:
    limit = ConcurrencyLimit.of_uploads(THREADS)
    with ExitStack() as taken:
        for agency in ("kota-a", "kota-a", "kota-b"):
            taken.enter_context(limit.acquire(agency))
        with pytest.raises(Locked, match="2 of the files coming in"), limit.acquire("kota-a"):
            pass
        taken.enter_context(limit.acquire("kota-c"))
        with pytest.raises(TryLater), limit.acquire("kota-d"):
            pass
    with limit.acquire("kota-d"):
        pass


def test_who_falls_silent_is_told_so_and_goes_on_later(
    intake: Stage, server: Server, mint: Callable[[str], str]
) -> None:
    (place,) = begin(intake, "ani", "kota-a", 1)
    slow = Slow(server, mint("ani"), place, 0, LENGTH, {})
    slow.send(b"%PDF-1.7 ".ljust(PIECE + 1000))
    assert slow.status() == 400
    slow.break_off()
    assert Person(mint("ani")).offset(server, place) == PIECE


# another agency's things


NOBODYS = {"participation": "2026.kota-x", "id": "0" * 32, "sha256": "f" * 64, "indicator": "1"}
OPEN_TO_ALL = {"agencies", "cycles", "editions", "linked"}


def theirs(play: Round) -> dict[str, dict[str, str]]:
    """Ids of what agency A has, for each kind of route: an upload under way, a file, a submission, a question."""
    play.upload(FILE)
    upload = Tus(play.as_("clerk-a"), A).place("b.pdf", 100).rpartition("/")[2]
    play.answer_all(A, {"1": [exhibit()]})
    sealed = play.seal()["submission"]
    asked = question(submission=sealed, case=sealed, stage="interview")
    assert play.stage.consume(SUBJECT, asked) == "done"
    known = {"participation": A, "sha256": digest(FILE), "indicator": "1", "id": ID}
    return {
        "uploads": known | {"id": upload},
        "submissions": {"id": sealed},
        "participations": {"id": A},
        "": known,
    }


def fill(path: str, ids: Mapping[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda found: ids.get(found[1], NOBODYS[found[1]]), path)


def content(method: str, path: str) -> dict[str, Any] | None:
    """A body that is as it should be, for the routes that take JSON."""
    if path.endswith("/answers"):
        return {"answers": [{"indicator": "1", "rev": 0, "value": 3}]}
    if "/comments" in path:
        return {"settled": True} if method == "PATCH" else {"indicator": "1", "text": "Catatan"}
    if path.endswith("/answer"):
        return {"words": "Keputusannya terlampir."}
    return {} if "/ticks/" in path or path.endswith("/presence") else None


def send(play: Round, who: str, method: str, path: str, order: Mapping[str, Any]) -> tuple[Any, ...]:
    options: dict[str, Any] = {"headers": {**TUS, "Idempotency-Key": "k"}}
    if ROOT not in path and method == "POST":
        options["data"] = {"do": "settle", "text": "Catatan"}
    elif method != "GET" and (body := content(method, path)) is not None:
        options["json"] = body
    elif method == "PATCH":
        options = {"headers": BYTES | {"Upload-Offset": "0"}, "data": b"%PDF-1.7 x"}
    elif "/answers/" in path and method == "PUT":
        options |= {"json": answer(3), "headers": TUS | {"If-Match": '"0"'}}
    elif path.endswith("/seal"):
        options["json"] = order
    elif method == "POST":
        options["headers"] |= {"Upload-Length": "10", "Upload-Metadata": metadata(filename="a.pdf")}
    if "/clarifications/" in path:
        options["headers"] |= {"If-Match": '"0"'}
    query = "?answer=1" if path.endswith("/proof") else ""
    answered = play.as_(who).open(path + query, method=method, **options)
    told = {
        name: part for name, part in (answered.json or {}).items() if name not in {"instance", "correlation"}
    }
    kept = {name for name, _ in answered.headers if name not in {"X-Request-Id", "Content-Length"}}
    return answered.status_code, told, frozenset(kept)


def test_another_agencys_things_are_as_if_they_were_not_there(open_round: Round) -> None:
    """Every route, every role of the other agency, and those who have no business with either."""
    found, order = theirs(open_round), open_round.order(A)
    open_round.stage.person("ani", "assessor")
    before, tried = open_round.stage.state(), 0
    for route in routes(open_round.stage.app):
        group = route.path.removeprefix(ROOT).split("/")[1]
        audience = route.audience or frozenset()
        if (
            PUBLIC in audience
            or group in OPEN_TO_ALL
            or not audience & set(AGENCY_ROLES)
            or "<" not in route.path
        ):
            continue
        ids = found.get(group, found[""])
        for who in [f"{role}-b" for role in AGENCY_ROLES]:
            there = send(open_round, who, route.method, fill(route.path, ids), order)
            nowhere = send(open_round, who, route.method, fill(route.path, {}), order)
            assert there == nowhere, (who, route)
            assert there[0] == (404 if who.removesuffix("-b") in audience else 403), (who, route)
            tried += 1
        assert send(open_round, "ani", route.method, fill(route.path, ids), order)[0] == 403, route
    assert tried >= 13 * len(AGENCY_ROLES)
    assert open_round.stage.state() == before


def test_lists_and_cursors_show_an_agency_only_its_own(open_round: Round) -> None:
    theirs(open_round)
    shown = open_round.as_("minister").get(f"{ROOT}/participations?limit=1").json
    assert shown is not None
    cursor = shown["next"]
    for query in (
        "",
        "?agency=kota-a",
        "?cycle=2026",
        f"?after={cursor}",
        "?agency=kota-a&limit=1",
        "?limit=1",
    ):
        listed = open_round.get("clerk-b", f"/participations{query}")
        assert {item["agency"] for item in listed["items"]} <= {"kota-b"}, query
        assert listed["next"] is None, query
    assert open_round.get("clerk-b", "/evidence/2026.kota-b") == {"items": [], "next": None}


def test_whoever_serves_both_agencies_mixes_nothing(open_round: Round) -> None:
    """A role in one agency is none in the other, and each file stays where it was sent to."""
    on = open_round.stage
    on.person("dua", "member", "kota-a")
    row = on.db["people"].find_one({"_id": "p-dua"})
    assert row is not None
    more = {**row["grants"][0], "role": "coordinator", "agency": "kota-b"}
    on.db["people"].update_one({"_id": "p-dua"}, {"$push": {"grants": more}})
    open_round.answer_all(A)
    order = open_round.order(A)
    sent = open_round.as_("dua").post(
        f"{ROOT}/self-assessments/{A}/seal", json=order, headers={"Idempotency-Key": "k"}
    )
    assert problem(sent) == (403, "sealer-needed")
    open_round.upload(FILE)
    assert open_round.as_("dua").get(f"{ROOT}/evidence/{A}/{digest(FILE)}").status_code == 200
    assert open_round.as_("dua").get(f"{ROOT}/evidence/2026.kota-b/{digest(FILE)}").status_code == 404


@pytest.mark.parametrize("change", [{"until": OPENS}, {"since": DEADLINE}])
def test_a_role_that_is_over_or_yet_to_come_opens_nothing(
    open_round: Round, change: Mapping[str, Any]
) -> None:
    on = open_round.stage
    on.person("lama", "clerk", "kota-a")
    on.db["people"].update_one({"_id": "p-lama"}, {"$set": {f"grants.0.{k}": v for k, v in change.items()}})
    assert problem(open_round.as_("lama").get(f"{ROOT}/self-assessments/{A}")) == (403, "role-needed")


def test_an_idempotency_key_is_its_senders_own(open_round: Round) -> None:
    """The other agency's same key with the same order neither finds nor disturbs the first answer."""
    open_round.answer_all(A)
    order = open_round.order(A)
    assert open_round.seal_raw(order, A, "k").status_code == 201
    theirs = open_round.as_("officer-b").post(
        f"{ROOT}/self-assessments/{A}/seal", json=order, headers={"Idempotency-Key": "k"}
    )
    assert problem(theirs) == (404, "not-found")
    assert problem(open_round.seal_raw(order, A, "k", who="coordinator")) == (409, "already-sealed")
