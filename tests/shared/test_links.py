"""Links open one file for one person for a short time, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.signing.cli import init, rotate
from shared.signing.keys import KeyRing
from shared.signing.links import Link, LinkRefused, open_link, sign_link

NOW = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LINK = Link("ab" * 32, "submission:1", "siti|é", "https://id.example", NOW + timedelta(minutes=5))
OTHERS = {
    "file": replace(LINK, sha256="cd" * 32),
    "submission": replace(LINK, submission="submission:2"),
    "person": replace(LINK, subject="budi"),
    "issuer": replace(LINK, issuer="https://other.example"),
    "time": replace(LINK, until=LINK.until + timedelta(hours=1)),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path, split=False, start=NOW - timedelta(days=1))
    return tmp_path


@pytest.fixture
def review(folder: Path) -> KeyRing:
    return KeyRing.load(folder, "review")


@pytest.fixture
def intake(folder: Path) -> KeyRing:
    return KeyRing.load(folder, "intake")


@pytest.fixture
def token(review: KeyRing) -> str:
    return sign_link(LINK, review.signing("links", NOW))


def test_a_link_opens_with_what_was_put_in(token: str, intake: KeyRing) -> None:
    assert open_link(token, intake.publics, NOW) == LINK


def test_a_link_fits_into_an_address(token: str) -> None:
    assert len(token) < 500
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_a_link_ends_to_the_second(token: str, intake: KeyRing) -> None:
    assert open_link(token, intake.publics, LINK.until - timedelta(milliseconds=1)) == LINK
    with pytest.raises(LinkRefused) as refused:
        open_link(token, intake.publics, LINK.until)
    assert (refused.value.status, refused.value.cause_code) == (403, "link-over")


def test_every_single_changed_character_is_seen(token: str, intake: KeyRing) -> None:
    for place, character in enumerate(token):
        for other in "A", "B", "_", ".", " ", "=", "é", "":
            if other != character:
                with pytest.raises(LinkRefused):
                    open_link(token[:place] + other + token[place + 1 :], intake.publics, NOW)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_the_claims_of_one_link_do_not_go_with_the_signature_of_another(
    other: Link, token: str, review: KeyRing, intake: KeyRing
) -> None:
    kid, _, signature = token.split(".")
    claims = sign_link(other, review.signing("links", NOW)).split(".")[1]
    with pytest.raises(LinkRefused, match="it was changed"):
        open_link(f"{kid}.{claims}.{signature}", intake.publics, NOW)


def test_a_key_for_another_purpose_signs_no_links(intake: KeyRing) -> None:
    token = sign_link(LINK, intake.signing("receipts", NOW))
    with pytest.raises(LinkRefused, match="no key in force"):
        open_link(token, intake.publics, NOW)


def test_a_key_that_nobody_listed_signs_no_links(token: str) -> None:
    with pytest.raises(LinkRefused, match="no key in force"):
        open_link(token, {}, NOW)


def test_a_link_under_a_key_that_has_ended_is_refused(folder: Path, token: str) -> None:
    rotate(folder, "review", NOW + SECOND, timedelta())
    intake = KeyRing.load(folder, "intake")
    assert open_link(token, intake.publics, NOW) == LINK
    with pytest.raises(LinkRefused, match="no key in force"):
        open_link(token, intake.publics, NOW + SECOND)


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "a.b." + "A" * 86, "x" * 10_000, "a." + "A" * 5_000 + "." + "A" * 86, "\n"],
)
def test_garbage_opens_nothing(token: str, intake: KeyRing) -> None:
    with pytest.raises(LinkRefused):
        open_link(token, intake.publics, NOW)


def test_a_line_end_behind_a_link_is_not_overlooked(token: str, intake: KeyRing) -> None:
    with pytest.raises(LinkRefused):
        open_link(token + "\n", intake.publics, NOW)
