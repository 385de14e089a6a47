"""Links open one file for one person for a short time, and nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.utils import base64url_decode, base64url_encode

from shared.core.canonical import exact
from shared.signing.cli import init, rotate
from shared.signing.keys import KeyRing, SigningKey
from shared.signing.links import Link, LinkRefused, open_link, sign_link

Json = dict[str, Any]

NOW = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LINK = Link(
    "ab" * 32, "submission:1", "siti|é", "https://id.example", NOW + timedelta(minutes=5), "task-1", 7
)
OTHERS = {
    "file": replace(LINK, sha256="cd" * 32),
    "submission": replace(LINK, submission="submission:2"),
    "person": replace(LINK, subject="budi"),
    "issuer": replace(LINK, issuer="https://other.example"),
    "task": replace(LINK, task="task-2"),
    "claim": replace(LINK, fence=8),
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


# what is known of attacks on JSON Web Tokens


def parts(token: str) -> tuple[Json, Json]:
    """The header and the claims of a token."""
    header, claims, _ = token.split(".")
    return json.loads(base64url_decode(header)), json.loads(base64url_decode(claims))


def signed(header: bytes, claims: bytes, key: SigningKey) -> str:
    """A token that the rightful key signed, whatever stands in it."""
    text = base64url_encode(header) + b"." + base64url_encode(claims)
    return (text + b"." + base64url_encode(key.sign(text))).decode()


@pytest.fixture
def key(review: KeyRing) -> SigningKey:
    return review.signing("links", NOW)


def refusal(token: str, ring: KeyRing) -> str:
    with pytest.raises(LinkRefused) as refused:
        open_link(token, ring.publics, NOW)
    assert (refused.value.status, refused.value.cause_code) == (403, "link-refused")
    return refused.value.detail


def test_what_the_helper_signs_is_what_is_opened(token: str, key: SigningKey, intake: KeyRing) -> None:
    header, claims = parts(token)
    assert signed(exact(header), exact(claims), key) == token
    assert open_link(token, intake.publics, NOW) == LINK


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "EdDSA "])
def test_no_other_algorithm_than_eddsa_is_tried(
    algorithm: str, token: str, key: SigningKey, intake: KeyRing
) -> None:
    header, claims = parts(token)
    header["alg"] = algorithm
    assert "not of this kind" in refusal(signed(exact(header), exact(claims), key), intake)


def test_a_public_key_is_no_shared_secret(token: str, key: SigningKey, intake: KeyRing) -> None:
    """Algorithm confusion: the verifier's public key, which everybody has, as the key of an HMAC."""
    _, claims = parts(token)
    forged = jwt.encode(claims, key.public.raw, "HS256", {"kid": key.kid, "typ": "nilai-link+jwt"})
    refusal(forged, intake)
    head = forged.rpartition(".")[0]
    assert "not of this kind" in refusal(f"{head}.{'A' * 86}", intake)


def test_a_token_without_a_signature_opens_nothing(token: str, intake: KeyRing) -> None:
    header, claims = parts(token)
    header["alg"] = "none"
    refusal(jwt.PyJWS().encode(exact(claims), "", "none", header), intake)
    refusal(token.rpartition(".")[0] + ".", intake)


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"b64": True},
        {"jku": "https://evil.example/keys.json"},
        {"x5u": "https://evil.example/key.pem"},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}},
        {"x5c": ["AA"]},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_header_says_nothing_but_its_three_words(
    more: Json, token: str, key: SigningKey, intake: KeyRing
) -> None:
    header, claims = parts(token)
    refusal(signed(exact(header | more), exact(claims), key), intake)


def test_a_key_that_comes_along_in_the_header_is_not_believed(token: str, intake: KeyRing) -> None:
    header, claims = parts(token)
    own = Ed25519PrivateKey.generate()
    header["jwk"] = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(own.public_key()))
    refusal(jwt.PyJWS().encode(exact(claims), own, "EdDSA", header), intake)


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "NILAI-LINK+JWT", "", None, 1])
def test_a_token_of_another_type_opens_nothing(
    kind: object, token: str, key: SigningKey, intake: KeyRing
) -> None:
    header, claims = parts(token)
    others = {name: value for name, value in header.items() if name != "typ"}
    with_kind = others if kind is None else others | {"typ": kind}
    assert "not of this kind" in refusal(signed(exact(with_kind), exact(claims), key), intake)


@pytest.mark.parametrize("kid", [None, "", 1, "../../keys", "x" * 200])
def test_a_kid_that_nobody_listed_finds_no_key(
    kid: Any, token: str, key: SigningKey, intake: KeyRing
) -> None:
    header, claims = parts(token)
    others = {name: value for name, value in header.items() if name != "kid"}
    refusal(signed(exact(others if kid is None else others | {"kid": kid}), exact(claims), key), intake)


@pytest.mark.parametrize("name", ["iss", "sub", "idp", "exp", "sha256", "submission"])
def test_every_claim_is_needed(name: str, token: str, key: SigningKey, intake: KeyRing) -> None:
    header, claims = parts(token)
    del claims[name]
    assert "does not say" in refusal(signed(exact(header), exact(claims), key), intake)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "intake"},
        {"sub": 7},
        {"sub": None},
        {"exp": "1800000000"},
        {"exp": -1},
        {"exp": 2**53 - 1},
        {"exp": True},
        {"exp": None},
        {"nbf": 0},
        {"iat": 0},
        {"aud": "intake"},
        {"admin": True},
    ],
    ids=str,
)
def test_a_claim_that_a_link_does_not_have_is_refused(
    change: Json, token: str, key: SigningKey, intake: KeyRing
) -> None:
    header, claims = parts(token)
    assert "does not say" in refusal(signed(exact(header), exact(claims | change), key), intake)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"exp":', b'"exp":1,"exp":'),
        (b'"sub":', b'"sub":"budi","sub":'),
        (b"{", b"{ "),
        (b'"exp"', b'"\\u0065xp"'),
        (b'"idp"', b'"\xff"'),
        (b'"siti', b'"\\ud800siti'),
    ],
    ids=["twice", "twice-sub", "space", "escaped", "no-utf-8", "surrogate"],
)
def test_claims_are_written_in_one_way_only(
    before: bytes, after: bytes, token: str, key: SigningKey, intake: KeyRing
) -> None:
    header, claims = parts(token)
    written = exact(claims).replace(before, after, 1)
    assert written != exact(claims)
    assert "does not say" in refusal(signed(exact(header), written, key), intake)


@pytest.mark.parametrize(
    "header",
    [b'{"alg":"none",%s', b"{ %s", b'{"alg":"EdDSA",%s'],
    ids=["twice", "space", "again"],
)
def test_a_header_is_written_in_one_way_only(
    header: bytes, token: str, key: SigningKey, intake: KeyRing
) -> None:
    was, claims = parts(token)
    refusal(signed(header % exact(was)[1:], exact(claims), key), intake)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"[" * 700, b"\xff"])
def test_what_is_no_json_object_opens_nothing(
    content: bytes, token: str, key: SigningKey, intake: KeyRing
) -> None:
    header, claims = parts(token)
    refusal(signed(exact(header), content, key), intake)
    refusal(signed(content, exact(claims), key), intake)


def test_base64url_is_written_in_one_way_only(token: str, intake: KeyRing) -> None:
    """The last character of 86 carries four bits that count and two that do not; padding is not ours."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    group = alphabet.index(token[-1]) & ~15
    for other in range(group, group + 16):
        if alphabet[other] != token[-1]:
            refusal(token[:-1] + alphabet[other], intake)
    header, claims, signature = token.split(".")
    for padded in (f"{header}=.{claims}.{signature}", f"{header}.{claims}==.{signature}", f"{token}=="):
        refusal(padded, intake)
    for altered in (token.replace("-", "+"), token.replace("_", "/"), f"{token}.", f".{token}", f"{token}.x"):
        if altered != token:
            refusal(altered, intake)


def test_the_secret_of_a_key_is_not_shown(key: SigningKey) -> None:
    assert repr(key) == f"SigningKey({key.kid})"
