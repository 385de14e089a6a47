"""Access tokens as identity providers of all kinds make them, and what is no access token."""

import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from shared.auth.tokens import Tokens
from shared.core.errors import TryLater, Unauthenticated
from shared.core.settings import load
from tests.support.provider import Provider, provider_running

Json = dict[str, Any]
ISSUER = "https://id.example"
CURVES: dict[str, ec.EllipticCurve] = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
}


@cache
def private(algorithm: str, bits: int = 2048) -> Any:
    """A key that signs with an algorithm."""
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm])
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(key: Any, algorithm: str, **more: Any) -> Json:
    """What a provider publishes of a key."""
    made: Any = get_default_algorithms()[algorithm]
    found = made.to_jwk(key.public_key(), as_dict=True)
    return {**found, **more}


def token(algorithm: str = "ES256", key: Any = None, headers: Json | None = None, **claims: Any) -> str:
    """A token as the provider signs it; None takes a claim or a header away."""
    now = time.time()
    said = {"iss": ISSUER, "aud": "nilai", "sub": "ani", "iat": now, "exp": now + 300} | claims
    head: Json = {"typ": "at+jwt", "kid": "k"} | (headers or {})
    return jwt.encode(
        {name: value for name, value in said.items() if value is not None},
        key or private(algorithm),
        algorithm,
        headers={name: value for name, value in head.items() if value is not None},
    )


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with provider_running() as found:
        yield found


Make = Callable[..., Tokens]


@pytest.fixture
def make(provider: Provider) -> Make:
    def tokens(*keys: Json, **environ: str) -> Tokens:
        provider.answers["/keys"] = {"keys": list(keys)}
        settings = {"MONGO_URI": "mongodb://127.0.0.1:1/", "NILAI_KEYS": "/nowhere", "OIDC_ISSUER": ISSUER}
        return Tokens(load("intake", settings | {"OIDC_JWKS_URL": f"{provider.url}/keys"} | environ))

    return tokens


@pytest.fixture
def tokens(make: Make) -> Tokens:
    return make(jwk(private("ES256"), "ES256", kid="k"))


def refusal(tokens: Tokens, sent: str) -> tuple[str, str]:
    with pytest.raises(Unauthenticated) as refused:
        tokens.subject(sent)
    return refused.value.cause_code, refused.value.detail


ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", *CURVES, "EdDSA"]


@pytest.mark.parametrize("says_alg", [True, False])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_verifies_what_it_is_for(make: Make, algorithm: str, says_alg: bool) -> None:
    more = {"alg": algorithm} if says_alg else {}
    checked = make(jwk(private(algorithm), algorithm, kid="k", **more))
    assert checked.subject(token(algorithm)) == "ani"


@pytest.mark.parametrize("sent_kid", [None, "k", "other"])
def test_a_single_key_without_an_id_is_meant_by_every_token(make: Make, sent_kid: str | None) -> None:
    checked = make(jwk(private("RS256"), "RS256"))
    assert checked.subject(token("RS256", headers={"kid": sent_kid})) == "ani"


def test_a_token_without_an_id_means_the_only_key(make: Make) -> None:
    first, second = jwk(private("ES256"), "ES256", kid="k"), jwk(private("RS256"), "RS256", kid="m")
    assert make(first).subject(token(headers={"kid": None})) == "ani"
    assert make(first, second).subject(token("RS256", headers={"kid": None})) == "ani"
    two = make(first, jwk(ec.generate_private_key(ec.SECP256R1()), "ES256", kid="m"))
    assert refusal(two, token(headers={"kid": None}))[0] == "token-unknown-key"
    assert refusal(two, token(headers={"kid": "other"}))[0] == "token-unknown-key"


def test_an_algorithm_that_the_key_is_not_for_is_named(make: Make) -> None:
    checked = make(jwk(private("RS256"), "RS256", kid="k", alg="RS256"))
    code, said = refusal(checked, token("PS256", private("RS256")))
    assert (code, "PS256" in said, "RS256" in said) == ("token-wrong-algorithm", True, True)
    code, said = refusal(checked, token("ES384"))
    assert (code, "ES384" in said) == ("token-wrong-algorithm", True)


def test_an_algorithm_with_a_shared_secret_is_named(tokens: Tokens) -> None:
    code, said = refusal(tokens, token("HS256", "x" * 64))
    assert (code, "HS256" in said) == ("token-wrong-algorithm", True)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("bits", [1024, 2047])
def test_a_short_rsa_key_is_refused(make: Make, bits: int) -> None:
    short = private("RS256", bits)
    code, said = refusal(make(jwk(short, "RS256", kid="k")), token("RS256", short))
    assert (code, f"{bits} bits" in said) == ("token-weak-key", True)


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_the_type_of_an_access_token_may_be_written_so(tokens: Tokens, typ: str) -> None:
    assert tokens.subject(token(headers={"typ": typ})) == "ani"


@pytest.mark.parametrize("typ", ["JWT", "dpop+jwt", "logout+jwt", "secevent+jwt", "id+jwt", ""])
def test_another_type_of_token_is_refused_in_production(tokens: Tokens, typ: str) -> None:
    code, said = refusal(tokens, token(headers={"typ": typ or None}))
    assert (code, "at+jwt" in said) == ("token-wrong-type", True)


NOT_FOR_ACCESS: list[Json] = [
    {"nonce": "n"},
    {"at_hash": "h"},
    {"c_hash": "h"},
    {"typ": "ID"},
    {"typ": "Refresh"},
    {"typ": "Logout"},
    {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    {"htm": "GET", "htu": "https://nilai.example/"},
]


@pytest.mark.parametrize("typ", ["JWT", None])
def test_a_provider_may_write_plain_types_when_a_setting_says_so(make: Make, typ: str | None) -> None:
    checked = make(jwk(private("ES256"), "ES256", kid="k"), OIDC_TOKEN_TYPES="JWT, at+jwt")
    assert checked.subject(token(headers={"typ": typ}, typ="Bearer")) == "ani"
    for claims in NOT_FOR_ACCESS:
        assert refusal(checked, token(headers={"typ": typ}, **claims))[0] == "token-wrong-type"
    assert refusal(checked, token(headers={"typ": "dpop+jwt"}))[0] == "token-wrong-type"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iat": 50, "nbf": 50}, None),
        ({"iat": 90}, "token-not-yet-valid"),
        ({"nbf": 90}, "token-not-yet-valid"),
        ({"exp": -5}, None),
        ({"exp": -30}, "token-expired"),
        ({"exp": 24 * 3600}, None),
        ({"exp": 25 * 3600}, "token-too-long"),
        ({"exp": 10**12}, "token-too-long"),
    ],
)
def test_times_are_taken_with_the_leeway_that_clocks_need(
    tokens: Tokens, claims: dict[str, float], code: str | None
) -> None:
    moments: Json = {name: time.time() + seconds for name, seconds in claims.items()}
    sent = token(**moments)
    if code is None:
        assert tokens.subject(sent) == "ani"
    else:
        assert refusal(tokens, sent)[0] == code


def test_a_token_that_never_expires_is_refused(tokens: Tokens) -> None:
    payload = json.dumps({"iss": ISSUER, "aud": "nilai", "sub": "ani"})[:-1] + ', "exp": 1e400}'
    head = {"typ": "at+jwt", "kid": "k"}
    sent = jwt.api_jws.encode(payload.encode(), private("ES256"), "ES256", headers=head)
    assert refusal(tokens, sent)[0] == "token-invalid"


@pytest.mark.parametrize(
    ("iss", "hint"),
    [
        (f"{ISSUER}/", "differ only by the slash at the end"),
        ("https://ID.example", "differ only by capitals"),
        ("https://elsewhere.example", "elsewhere"),
    ],
)
def test_another_issuer_is_named_with_how_it_differs(tokens: Tokens, iss: str, hint: str) -> None:
    code, said = refusal(tokens, token(iss=iss))
    assert (code, hint in said, f"not from {ISSUER}." in said) == ("token-wrong-issuer", True, True)


@pytest.mark.parametrize("aud", ["account", ["account", "other"]])
def test_another_audience_is_named(tokens: Tokens, aud: Any) -> None:
    code, said = refusal(tokens, token(aud=aud))
    assert (code, "account" in said, "not for nilai" in said) == ("token-wrong-audience", True, True)


def test_a_provider_that_calls_itself_otherwise_is_named(provider: Provider) -> None:
    where = "/.well-known/openid-configuration"
    provider.answers[where] = {"issuer": f"{provider.url}/", "jwks_uri": f"{provider.url}/keys"}
    settings = {"MONGO_URI": "mongodb://127.0.0.1:1/", "NILAI_KEYS": "/nowhere", "OIDC_ISSUER": provider.url}
    with pytest.raises(TryLater, match="differ only by the slash at the end"):
        Tokens(load("intake", settings)).subject(token())
