"""Sessions that nobody leaves: their end is told and written down, whichever way it comes; others go on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.intake import commands
from services.intake.app import service
from services.intake.domain.sessions import SessionRecord
from services.intake.sweeps.sessions import end_over
from shared.core.ids import utcnow
from shared.core.people import Caller
from shared.events.intake import SessionEnded
from shared.service import Service
from tests.support.signedin import cookies_of, session_of
from tests.support.stage import Stage

RENEW = "/intake/api/v1/session/renew"
PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    return stage(service)


def ago(**time: float) -> datetime:
    return utcnow() - timedelta(**time)


def begun(intake: Stage, at: datetime) -> SessionRecord:
    """A session of somebody that began at a moment."""
    caller = Caller(intake.settings.oidc_issuer, "budi")
    return intake.run(commands.begin_session, "Budi", None, caller=caller, at=at)


def browser(intake: Stage, record: SessionRecord, keys: Path, deed: datetime) -> FlaskClient:
    """A browser in that session."""
    client = intake.app.test_client()
    session = session_of(record.issuer, record.subject, sid=record.id, end=record.end, deed=deed)
    for name, value in cookies_of(session, keys).items():
        client.set_cookie(name, value)
    return client


def renew(client: FlaskClient, deed: bool) -> int:
    """What the script of a page asks every two minutes."""
    kept = client.get_cookie("nilai-form")
    headers = {"X-CSRF-Token": kept.value if kept else "", "Sec-Fetch-Site": "same-origin"}
    return client.post(RENEW, json={"deed": deed}, headers=headers).status_code


def ended(intake: Stage) -> list[tuple[str, str, datetime]]:
    """Which sessions were told to be over, why and since when, as the audit says."""
    rows = intake.db["audit"].find({"action": "session.ended"}).sort("at", 1)
    told = [(row["subject"].partition(":")[2], row["detail"]["why"], row["detail"]["at"]) for row in rows]
    assert sorted(one.session for one in intake.published(SessionEnded)) == sorted(id for id, *_ in told)
    return told


@pytest.mark.parametrize(
    ("began", "why"),
    [({"hours": 8, "seconds": 1}, "quiet"), ({"minutes": 61}, "quiet"), ({"minutes": 59}, None)],
)
def test_what_nobody_left_is_ended_and_told(intake: Stage, began: dict[str, float], why: str | None) -> None:
    record = begun(intake, ago(**began))
    for _ in range(2):
        end_over(intake.store)
    assert [(id, said) for id, said, _ in ended(intake)] == ([(record.id, why)] if why else [])
    kept = intake.db["sessions"].find_one({"_id": record.id}) or {}
    assert kept["ended"] == (record.began + timedelta(hours=1) if why else None)


def test_a_session_in_which_something_is_done_ends_after_eight_hours(intake: Stage) -> None:
    record = begun(intake, ago(hours=8))
    commands.note_deed(intake.store, record.id, ago(minutes=10))
    end_over(intake.store)
    assert [(id, why) for id, why, _ in ended(intake)] == [(record.id, "time")]


def test_who_signed_out_is_not_told_of_again(intake: Stage) -> None:
    record = begun(intake, ago(hours=2))
    intake.run(commands.end_session, record.id, at=ago(hours=1.5))
    end_over(intake.store)
    assert [(id, why) for id, why, _ in ended(intake)] == [(record.id, "left")]
    left = intake.db["sessions"].find_one({"_id": record.id})
    commands.note_deed(intake.store, record.id, utcnow())
    assert intake.db["sessions"].find_one({"_id": record.id}) == left


def test_what_goes_on_or_was_ended_is_not_ended_by_time(intake: Stage) -> None:
    record = begun(intake, ago(minutes=50))
    assert not intake.run(commands.end_over_session, record.id)
    assert intake.run(commands.end_session, record.id)
    assert not intake.run(commands.end_session, record.id)
    assert not intake.run(commands.end_over_session, record.id, at=record.end)
    assert not intake.run(commands.end_over_session, "unknown")


def test_what_is_done_at_a_page_keeps_the_session_from_the_sweep(intake: Stage, key_folder: Path) -> None:
    record = begun(intake, ago(minutes=59.9))
    client = browser(intake, record, key_folder, deed=record.began)
    assert renew(client, deed=False) == 200
    assert intake.db["sessions"].find_one({"_id": record.id, "deed": record.deed})
    assert renew(client, deed=True) == 200
    end_over(intake.store)
    assert ended(intake) == []
    assert intake.db["sessions"].find_one({"_id": record.id, "deed": {"$gt": ago(minutes=1)}})


def test_a_page_that_is_opened_counts_as_a_deed_too(intake: Stage, key_folder: Path) -> None:
    record = begun(intake, ago(minutes=59.9))
    client = browser(intake, record, key_folder, deed=record.began)
    assert client.get("/intake/session?next=/intake/", headers=PAGE).status_code == 303
    assert intake.db["sessions"].find_one({"_id": record.id, "deed": {"$gt": ago(minutes=1)}})


def test_the_cookie_of_a_session_that_was_quiet_counts_no_more_at_once(
    intake: Stage, key_folder: Path
) -> None:
    record = begun(intake, ago(minutes=61))
    client = browser(intake, record, key_folder, deed=record.began)
    assert client.get("/intake/api/v1/people").status_code == 403
    end_over(intake.store)
    answer: Any = client.get("/intake/api/v1/people")
    assert (answer.status_code, answer.json["code"]) == (401, "session-ended")
