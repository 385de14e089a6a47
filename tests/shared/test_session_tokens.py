"""Tokens of sessions and forms: read by everybody, made by intake only, and never taken for one another."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from jwt.utils import base64url_decode

from shared.core.canonical import exact
from shared.core.errors import AppError, Forbidden, Unauthenticated
from shared.signing import cli as keys_cli
from shared.signing import signingin
from shared.signing.keys import KeyRing, KeysError, PublicKeys
from shared.signing.links import Link, open_link, sign_link
from shared.signing.sessions import (
    FormProof,
    Session,
    masked,
    read_form,
    read_session,
    sign_form,
    sign_session,
)
from shared.signing.signingin import SigningIn

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
SESSION = Session(
    sid="s-1",
    issuer="https://id.test",
    subject="budi",
    name="Budi Contoh é",
    deed=NOW,
    until=NOW + timedelta(minutes=5),
    end=NOW + timedelta(hours=8),
)
PROOF = FormProof("s-1", "https://id.test", "budi", NOW + timedelta(hours=32))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("session-keys")
    keys_cli.init(made, False, NOW - timedelta(days=1))
    return made


@pytest.fixture(scope="module")
def ring(folder: Path) -> KeyRing:
    return KeyRing.load(folder, "intake")


def test_what_was_signed_is_read_back(ring: KeyRing) -> None:
    key = ring.signing("sessions", NOW)
    assert read_session(sign_session(SESSION, key), ring.publics, NOW) == SESSION
    assert read_form(sign_form(PROOF, key), ring.publics, NOW) == PROOF


def test_a_masked_token_is_another_one_each_time_and_reads_the_same(ring: KeyRing) -> None:
    token = sign_form(PROOF, ring.signing("sessions", NOW))
    first, second = masked(token), masked(token)
    assert first[1:30] != second[1:30]
    assert token[:20] not in first
    assert read_form(first, ring.publics, NOW) == read_form(second, ring.publics, NOW) == PROOF


TOKENS = {
    "nothing": "~",
    "no base64": "~é",
    "short": "~AAAA",
    "long": "~" + "A" * 700,
    "very long": "~" + "A" * 100_000,
    "twice": "~~",
    "of nothing": masked(""),
    "of one": masked("x"),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_mask_with_nothing_below_counts_for_nothing(ring: KeyRing, token: str) -> None:
    with pytest.raises(Forbidden) as refused:
        read_form(token, ring.publics, NOW)
    assert refused.value.cause_code == "csrf-invalid"


def test_a_session_can_be_read_when_its_five_minutes_are_over(ring: KeyRing) -> None:
    token = sign_session(SESSION, ring.signing("sessions", NOW))
    assert read_session(token, ring.publics, NOW + timedelta(hours=9)) == SESSION


def test_a_form_counts_until_its_end(ring: KeyRing) -> None:
    token = sign_form(PROOF, ring.signing("sessions", NOW))
    read_form(token, ring.publics, PROOF.until - timedelta(seconds=1))
    with pytest.raises(Forbidden) as refused:
        read_form(token, ring.publics, PROOF.until)
    assert refused.value.cause_code == "csrf-over"


def forgeries(ring: KeyRing) -> dict[str, str]:
    """Tokens that would be a session if nobody looked closely."""
    key, now = ring.signing("sessions", NOW), int(NOW.timestamp())
    good = sign_session(SESSION, key)
    claims = jwt.decode(good, options={"verify_signature": False})
    head = {"alg": "EdDSA", "kid": key.kid, "typ": "nilai-session+jwt"}
    raw = jwt.PyJWS(algorithms=["EdDSA"])
    other = ring.signing("receipts", NOW)

    def signed(said: object, header: dict[str, str] = head) -> str:
        return raw.encode(exact(said), key.secret, "EdDSA", header)  # type: ignore[arg-type]

    return {
        "nothing": "",
        "no token": "a.b.c",
        "cut": good[:-1],
        "another signature": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        "another person": jwt.encode(
            {**claims, "sub": "ministry"}, "x" * 32, "HS256", {**head, "alg": "HS256"}
        ),
        "no signature": jwt.encode(claims, "", "none", {**head, "alg": "none"}),
        "a key of another purpose": raw.encode(
            exact(claims), other.secret, "EdDSA", {**head, "kid": other.kid}
        ),
        "another key under this name": raw.encode(exact(claims), other.secret, "EdDSA", head),
        "a form": sign_form(PROOF, key),
        "a claim more": signed({**claims, "role": "ministry"}),
        "a claim less": signed({name: value for name, value in claims.items() if name != "end"}),
        "another signer": signed({**claims, "iss": "review"}),
        "a moment that is none": signed({**claims, "exp": -now}),
        "another type": signed(claims, {**head, "typ": "JWT"}),
        "not canonical": raw.encode(b" " + exact(claims), key.secret, "EdDSA", head),
        "much too long": signed({**claims, "name": "x" * 5000}),
    }


def test_nothing_else_is_taken_for_a_session(ring: KeyRing) -> None:
    for what, token in forgeries(ring).items():
        with pytest.raises(Unauthenticated) as refused:
            read_session(token, ring.publics, NOW)
        assert refused.value.cause_code == "session-invalid", what


def test_a_session_is_no_form(ring: KeyRing) -> None:
    with pytest.raises(Forbidden) as refused:
        read_form(sign_session(SESSION, ring.signing("sessions", NOW)), ring.publics, NOW)
    assert refused.value.cause_code == "csrf-invalid"


@pytest.mark.parametrize(
    "read",
    [lambda token, keys: read_session(token, keys, NOW), lambda token, keys: read_form(token, keys, NOW)],
)
def test_nothing_counts_that_a_stolen_key_signed(
    tmp_path: Path, read: Callable[[str, object], object]
) -> None:
    keys_cli.init(tmp_path, False, NOW - timedelta(days=1))
    key = KeyRing.load(tmp_path, "intake").signing("sessions", NOW)
    keys = PublicKeys(tmp_path)
    for token in (sign_session(SESSION, key), sign_form(PROOF, key)):
        keys_cli.revoke(tmp_path, key.kid, NOW - timedelta(minutes=1))
        with pytest.raises(AppError):
            read(token, keys.read())


def test_public_keys_are_read_anew_when_they_change(tmp_path: Path) -> None:
    keys = PublicKeys(tmp_path)
    with pytest.raises(KeysError, match="nilai keys init"):
        keys.read()
    keys_cli.init(tmp_path, False, NOW)
    before = keys.read()
    assert keys.read() is before
    keys_cli.rotate(tmp_path, "intake", NOW, timedelta())
    assert len(keys.read()) == len(before) + 2


def test_moments_are_cut_to_the_second(ring: KeyRing) -> None:
    later = replace(SESSION, deed=NOW + timedelta(milliseconds=999))
    token = sign_session(later, ring.signing("sessions", NOW))
    assert read_session(token, ring.publics, NOW) == SESSION


LINK = Link("a" * 64, "s-9", "ani", "https://id.test", NOW + timedelta(minutes=5), "t-1", 3)
BEGUN = SigningIn("st", "no", "ve", "/intake/", NOW + timedelta(minutes=15))
WRITTEN = (
    (
        "nilai-session+jwt",
        '{"deed":1780300800,"end":1780329600,"exp":1780301100,"idp":"https://id.test","iss":"intake",'
        '"name":"Budi Contoh é","sid":"s-1","sub":"budi"}',
    ),
    ("nilai-csrf+jwt", '{"exp":1780416000,"idp":"https://id.test","iss":"intake","sid":"s-1","sub":"budi"}'),
    (
        "nilai-signing-in+jwt",
        '{"exp":1780301700,"iss":"intake","next":"/intake/","nonce":"no","state":"st","verifier":"ve"}',
    ),
    (
        "nilai-link+jwt",
        '{"exp":1780301100,"fence":3,"idp":"https://id.test","iss":"review",'
        f'"sha256":"{"a" * 64}","sub":"ani","submission":"s-9","task":"t-1"}}',
    ),
)


def test_each_kind_of_token_is_written_in_its_own_unchanging_way(folder: Path, ring: KeyRing) -> None:
    own, links = (
        KeyRing.load(folder, service).signing(purpose, NOW)
        for service, purpose in (("intake", "sessions"), ("review", "links"))
    )
    tokens = (
        sign_session(SESSION, own),
        sign_form(PROOF, own),
        signingin.sign(BEGUN, own),
        sign_link(LINK, links),
    )
    told = [token.split(".")[:2] for token in tokens]
    assert [
        (json.loads(base64url_decode(header))["typ"], base64url_decode(payload).decode())
        for header, payload in told
    ] == list(WRITTEN)
    assert signingin.read(tokens[2], ring.publics, NOW) == BEGUN
    assert open_link(tokens[3], ring.publics, NOW) == LINK


def test_a_sign_in_that_took_too_long_or_that_nobody_began_counts_for_nothing(ring: KeyRing) -> None:
    token = signingin.sign(BEGUN, ring.signing("sessions", NOW))
    with pytest.raises(Forbidden, match="took too long"):
        signingin.read(token, ring.publics, BEGUN.until)
    with pytest.raises(Forbidden, match="does not count"):
        signingin.read(token[:-8], ring.publics, NOW)
