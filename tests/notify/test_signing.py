"""Signatures: what receivers check, through rotations of secrets and of keys."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from services.notify.domain import Secret
from services.notify.webhooks.signing import headers, public_key, secret
from shared.signing import cli as keys_cli
from shared.signing.keys import KeyRing, KeysError
from tests.notify.receiver import Got

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 2, 1, 12, 0, 0, 999_000, tzinfo=UTC)
BODY = b'{"type":"x.v1"}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Keys of an installation."""
    keys_cli.init(tmp_path, False, START)
    return tmp_path


def ring(folder: Path) -> KeyRing:
    return KeyRing.load(folder, "notify")


def kid(folder: Path, at: datetime = NOW) -> str:
    return ring(folder).signing("webhooks", at).kid


def got(folder: Path, *secrets: Secret, at: datetime = NOW) -> Got:
    return Got("/", headers(ring(folder), secrets, "one.1", BODY, at), BODY)


def test_the_headers_are_those_of_the_standard(folder: Path) -> None:
    made = Secret(kid(folder), "salt")
    sent = got(folder, made)
    assert set(sent.headers) == {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert (sent.headers["webhook-id"], sent.headers["webhook-timestamp"]) == ("one.1", "1769947200")
    key = base64.b64decode(secret(ring(folder), made).removeprefix("whsec_"))
    digest = hmac.digest(key, b"one.1.1769947200." + BODY, "sha256")
    assert sent.signatures("v1") == [base64.b64encode(digest).decode()]
    sent.verify_by_key(public_key(ring(folder).public(kid(folder))))
    assert len(key) == 32


def test_a_secret_depends_on_key_and_salt_and_on_nothing_else(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    keys_cli.init(other, False, START)
    first = secret(ring(folder), Secret(kid(folder), "salt"))
    assert first == secret(ring(folder), Secret(kid(folder), "salt", NOW))
    assert first != secret(ring(folder), Secret(kid(folder), "pepper"))
    assert first != secret(ring(other), Secret(kid(other), "salt"))


def test_a_secret_signs_until_its_time_is_over(folder: Path) -> None:
    fresh = Secret(kid(folder), "new")
    old = Secret(kid(folder), "old", NOW)
    assert len(got(folder, fresh, old, at=NOW - timedelta(seconds=1)).signatures("v1")) == 2
    assert len(got(folder, fresh, old, at=NOW).signatures("v1")) == 1


def test_while_two_keys_are_in_force_both_sign_and_the_secret_stays(folder: Path) -> None:
    made = Secret(kid(folder), "salt")
    before = secret(ring(folder), made)
    old = ring(folder).public(made.kid)
    (new,) = keys_cli.rotate(folder, "notify", NOW, timedelta(hours=1))
    assert len(got(folder, made, at=NOW - timedelta(seconds=1)).signatures("v1a")) == 1
    during = got(folder, made, at=NOW)
    assert len(during.signatures("v1a")) == 2
    after = got(folder, made, at=NOW + timedelta(hours=1))
    assert len(after.signatures("v1a")) == 1
    after.verify_by_key(public_key(new))
    with pytest.raises(InvalidSignature):
        after.verify_by_key(public_key(old))
    assert secret(ring(folder), made) == before
    assert after.signatures("v1") == [base64.b64encode(_digest(before, after)).decode()]


def _digest(secret: str, sent: Got) -> bytes:
    message = f"one.1.{sent.headers['webhook-timestamp']}.".encode() + BODY
    return hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), message, "sha256")


def test_a_key_file_that_is_gone_is_named_with_what_to_do(folder: Path) -> None:
    made = Secret(kid(folder), "salt")
    keys_cli.rotate(folder, "notify", NOW, timedelta(0))
    (folder / f"{made.kid}.pem").unlink()
    with pytest.raises(
        KeysError, match=f"{made.kid} is gone.*rotate these subscriptions' secrets with keep_hours 0"
    ):
        got(folder, made, at=NOW + timedelta(hours=1))
