"""Revoking a key on a page: two officers, written down, and carried out by whoever holds the key files."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from services.intake.app import service
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.service import Service
from shared.signing import cli
from shared.signing.keys import read_list
from tests.intake.test_invitations import Browser
from tests.support.stage import Stage

PLACE = "/intake/keys"
REASON = "Cadangan hilang di jalan"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Keys of this test alone."""
    cli.init(tmp_path, False, datetime(2020, 1, 1, tzinfo=UTC))
    return tmp_path


@pytest.fixture
def intake(stage: Callable[[Service], Stage], settings_of: Callable[..., Settings], folder: Path) -> Stage:
    found = stage(service)
    found.set(settings_of("intake", NILAI_KEYS=str(folder)))
    for name in ("ministry", "ministry-2"):
        found.person(name, "ministry")
    return found


@pytest.fixture
def kid(folder: Path) -> str:
    """The key of scoring."""
    return next(key.kid for key in read_list(folder) if key.service == "scoring")


Open = Callable[[str], Browser]


@pytest.fixture
def browser(intake: Stage, folder: Path) -> Open:
    return lambda who: Browser(intake, who, folder)


def since(**ago: float) -> str:
    """A moment as the form of a reader in Jakarta says it."""
    return (utcnow() + timedelta(hours=7) - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%S")


def propose(one: Browser, kid: str, at: str, reason: str = REASON) -> int:
    return one.post(f"{PLACE}/{kid}/revocation", since=at, reason=reason).status_code


def confirm(one: Browser, kid: str) -> int:
    rev = re.search(rf'{kid}/confirmation".*?name="rev" value="(\d+)"', one.get(PLACE), re.DOTALL)
    return one.post(f"{PLACE}/{kid}/confirmation", rev=rev[1] if rev else "").status_code


def test_two_officers_order_it_and_the_page_says_the_command_until_it_is_done(
    browser: Open, intake: Stage, folder: Path, kid: str
) -> None:
    first, second = browser("ministry"), browser("ministry-2")
    assert propose(first, kid, since(hours=2)) == 303
    assert "petugas selain Anda" in first.get(PLACE)
    assert confirm(second, kid) == 303
    page = second.get(PLACE)
    told = re.search(
        r"<code>nilai keys (rotate --service scoring) --folder FOLDER --stolen-since (\S+)</code>", page
    )
    assert told
    stolen = datetime.fromisoformat(told[2])
    assert abs(utcnow() - timedelta(hours=2) - stolen) < timedelta(seconds=5)
    assert intake.audited(f"key:{kid}") == ["key.revocation-proposed", "key.revocation-confirmed"]
    cli.rotate(folder, "scoring", utcnow(), timedelta(), stolen)
    assert "nilai keys" not in unescape(second.get(PLACE))
    assert "dicabut sejak" in second.get(PLACE)


def test_nobody_confirms_what_they_proposed_nor_what_they_did_not_see(
    browser: Open, intake: Stage, kid: str
) -> None:
    first, second = browser("ministry"), browser("ministry-2")
    assert propose(first, kid, since(hours=2)) == 303
    assert first.post(f"{PLACE}/{kid}/confirmation", rev="1").status_code == 403
    assert propose(first, kid, since(hours=3)) == 303
    assert second.post(f"{PLACE}/{kid}/confirmation", rev="1").status_code == 409
    assert second.post(f"{PLACE}/{kid}/confirmation").status_code in (409, 428)
    assert intake.db["key_revocations"].count_documents({"confirmed": None}) == 1
    assert confirm(second, kid) == 303
    assert confirm(second, kid) == 303
    assert len(intake.audited(f"key:{kid}")) == 3


def test_an_order_moves_to_an_earlier_moment_only(browser: Open, intake: Stage, kid: str) -> None:
    first, second = browser("ministry"), browser("ministry-2")
    assert propose(first, kid, since(hours=2)) == 303
    assert confirm(second, kid) == 303
    assert propose(second, kid, since(hours=1)) == 422
    assert intake.db["key_revocations"].count_documents({"confirmed": None}) == 0
    assert propose(second, kid, since(hours=4)) == 303
    assert confirm(first, kid) == 303


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("", REASON),
        ("x", REASON),
        ("2026-13-40T99:99", REASON),
        ("0001-01-01T00:00", REASON),
        ("9999-01-01T00:00", REASON),
        ("2026-01-01T00:00", ""),
        ("2026-01-01T00:00", "x" * 501),
    ],
)
def test_what_cannot_be_is_refused_and_stays_in_the_form(
    browser: Open, intake: Stage, kid: str, at: str, reason: str
) -> None:
    answer = browser("ministry").post(f"{PLACE}/{kid}/revocation", since=at, reason=reason)
    assert answer.status_code == 422
    assert f">{reason}</textarea>" in answer.text
    assert intake.db["key_revocations"].count_documents({}) == 0


def test_only_listed_keys_are_revoked_and_by_officers_only(browser: Open, intake: Stage, kid: str) -> None:
    intake.person("koord", "coordinator", "kota-a")
    assert propose(browser("ministry"), "nobody-1", since(hours=1)) == 404
    assert browser("ministry").post(f"{PLACE}/nobody-1/confirmation", rev="1").status_code == 404
    assert propose(browser("koord"), kid, since(hours=1)) == 403
