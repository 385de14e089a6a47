"""Attacks on intake that once got through, and what becomes of them now."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from services.intake.domain import EvidenceRules
from services.intake.evidence.api.uploads import PIECE
from services.intake.evidence.seats import Seats
from shared.errors import Locked, TryLater
from shared.service import Service
from shared.testing.stage import Stage
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES
from tests.intake.evidence_app import open_round as open_cycle
from tests.intake.rounds import A, Round, agency, problem
from tests.intake.server import Person, Server, Slow, running
from tests.intake.tus import ROOT, Tus

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
    with running(intake.settings, lease=0.5) as one:
        yield one


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
    seats = Seats(THREADS)
    with ExitStack() as taken:
        for agency in ("kota-a", "kota-a", "kota-a", "kota-b"):
            taken.enter_context(seats.take(agency))
        with pytest.raises(Locked, match="3 files at the same time"), seats.take("kota-a"):
            pass
        for agency in ("kota-b", "kota-c"):
            taken.enter_context(seats.take(agency))
        with pytest.raises(TryLater), seats.take("kota-d"):
            pass
    with seats.take("kota-d"):
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
