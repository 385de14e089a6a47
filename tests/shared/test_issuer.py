"""The local issuer: who may run it, and what its tokens say."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

import jwt
import pytest
import requests
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.demo.plan import load
from deploy.local.config import SetupError
from deploy.local.issuer import create_app, main
from deploy.local.issuerkey import load_key
from deploy.local.login import s256
from deploy.local.processes import OFFICERS
from deploy.local.tokens import TokenRefusedError, fetch, token
from tests.support.issuer import issuer_process, issuer_running


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with issuer_running(tmp_path_factory.mktemp("issuer")) as url:
        yield url


def _json(url: str) -> Any:
    with urlopen(url, timeout=5) as answer:
        return json.load(answer)


def test_a_token_verifies_with_the_keys_that_discovery_leads_to(issuer: str) -> None:
    found = _json(f"{issuer}/.well-known/openid-configuration")
    assert found["issuer"] == issuer
    keys = jwt.PyJWKSet.from_dict(_json(found["jwks_uri"]))
    text = fetch("coordinator-kemenkeu", issuer, seconds=60)
    header = jwt.get_unverified_header(text)
    claims = jwt.decode(text, keys[header["kid"]], audience="nilai", issuer=issuer)
    assert header["alg"] == "ES256"
    assert claims["sub"] == "coordinator-kemenkeu"
    assert claims["exp"] - claims["iat"] == 60


def test_the_command_prints_a_token_and_nothing_else(issuer: str) -> None:
    command = [sys.executable, "-m", "deploy.local.tokens", "--as", "ministry", "--issuer", issuer]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.count("\n") == 1
    assert jwt.decode(run.stdout.strip(), options={"verify_signature": False})["sub"] == "ministry"


def test_the_command_says_that_the_issuer_is_not_up() -> None:
    result = CliRunner().invoke(token, ["--as", "ministry", "--issuer", "http://127.0.0.1:9"])
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert "make up" in result.output


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"as": "ministry"}, "unsupported_grant_type"),
        ({"grant_type": "password", "as": "ministry"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
        ({"grant_type": "client_credentials", "as": "Big Name"}, "invalid_client"),
        ({"grant_type": "client_credentials", "as": "ministry", "expires_in": "-1"}, "invalid_request"),
        ({"grant_type": "client_credentials", "as": "ministry", "expires_in": "99999999"}, "invalid_request"),
    ],
)
def test_a_token_request_that_is_not_right_is_refused(form: dict[str, str], error: str) -> None:
    app = create_app("http://issuer.test", ec.generate_private_key(ec.SECP256R1()))
    answer = app.test_client().post("/token", data=form)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"] == error
    assert "access_token" not in answer.json


def test_a_standard_client_names_itself_by_client_id() -> None:
    app = create_app("http://issuer.test", ec.generate_private_key(ec.SECP256R1()))
    form = {"grant_type": "client_credentials", "client_id": "officer-kemenkeu"}
    answer = app.test_client().post("/token", data=form).json
    assert answer is not None
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["sub"] == "officer-kemenkeu"


def test_a_refused_name_is_said_in_the_issuers_words(issuer: str) -> None:
    with pytest.raises(TokenRefusedError, match="small letters"):
        fetch("Big Name", issuer)


def test_an_address_that_is_not_http_is_never_opened() -> None:
    with pytest.raises(TokenRefusedError, match="not an http address"):
        fetch("ministry", "file:///etc")


def test_another_server_than_the_local_issuer_is_named_as_such(issuer: str) -> None:
    with pytest.raises(TokenRefusedError, match="answered with 404"):
        fetch("ministry", f"{issuer}/elsewhere")


def test_a_key_of_another_kind_is_not_used(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    with pytest.raises(SetupError, match="delete it"):
        load_key(tmp_path)


@pytest.mark.parametrize("mode", ["", "production"])
def test_it_refuses_to_start_outside_the_modes_for_trying_out(mode: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--mode", mode, "--folder", str(tmp_path / "keys")])
    assert result.exit_code == 1
    assert "OIDC_ISSUER" in result.output
    assert not (tmp_path / "keys").exists()


def test_it_refuses_to_be_reached_from_outside_in_local_mode(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--mode", "local", "--host", "0.0.0.0", "--folder", str(tmp_path)])
    assert result.exit_code == 1
    assert "loopback only" in result.output


def test_the_key_outlives_the_process_and_is_its_owners_alone(tmp_path: Path) -> None:
    first, second = load_key(tmp_path), load_key(tmp_path)
    assert first.private_numbers() == second.private_numbers()
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600


def test_it_ends_by_itself_when_it_is_told_to(tmp_path: Path) -> None:
    with issuer_process(tmp_path) as (process, _):
        process.terminate()
        assert process.wait(10) == 0


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(load_key, [tmp_path / "new"] * 8))
    assert len({key.private_numbers().private_value for key in keys}) == 1
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["key.pem"]


RETURN = "http://127.0.0.1:1/intake/signed-in"
ASKED = {
    "client_id": "nilai",
    "redirect_uri": RETURN,
    "response_type": "code",
    "scope": "openid profile",
    "state": "st",
    "nonce": "no",
    "code_challenge": s256("v" * 43),
    "code_challenge_method": "S256",
}


def _code(issuer: str, name: str = "koordinator-kota-denpasar", **changes: str) -> str:
    answer = requests.post(
        f"{issuer}/authorize", {**ASKED, **changes, "as": name}, allow_redirects=False, timeout=5
    )
    assert answer.status_code == 303, answer.text
    said = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert (said["state"], said["iss"]) == ("st", issuer)
    return said["code"]


def _redeem(issuer: str, given: str, /, **changes: str) -> Any:
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": RETURN, "client_id": "nilai"}
    return requests.post(f"{issuer}/token", {**form, "code_verifier": "v" * 43, **changes}, timeout=5).json()


def test_the_login_page_offers_everybody_of_the_demo(issuer: str) -> None:
    page = requests.get(f"{issuer}/authorize", ASKED, timeout=5).text
    plan = load()
    agencies = {f"{title}-{part.agency}" for part in plan.parts for title in ("koordinator", "entri")}
    assessors = {one["id"] for one in plan.assessors}
    assert set(re.findall(r'<button name="as" value="([^"]+)"', page)) == {*OFFICERS, *agencies, *assessors}


def test_a_code_gives_an_id_token_once(issuer: str) -> None:
    code = _code(issuer)
    found = _redeem(issuer, code)
    keys = jwt.PyJWKSet.from_dict(_json(f"{issuer}/jwks.json"))
    claims = jwt.decode(found["id_token"], next(iter(keys.keys)), audience="nilai", issuer=issuer)
    assert (claims["sub"], claims["name"]) == ("koordinator-kota-denpasar", "Koordinator Kota Denpasar")
    assert claims["nonce"] == "no"
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    told = requests.get(f"{issuer}/userinfo", headers=headers, timeout=5).json()
    assert told == {"sub": claims["sub"], "name": claims["name"]}
    assert _redeem(issuer, code)["error"] == "invalid_grant"


def test_a_client_may_say_who_it_is_in_the_header(issuer: str) -> None:
    form = {"grant_type": "authorization_code", "code": _code(issuer, "budi"), "redirect_uri": RETURN}
    form["code_verifier"] = "v" * 43
    sent = requests.post(f"{issuer}/token", form, auth=("nilai", "secret"), timeout=5).json()
    assert jwt.decode(sent["id_token"], options={"verify_signature": False})["name"] == "budi"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"redirect_uri": RETURN + "x"},
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"code": "guessed"},
    ],
)
def test_a_code_counts_for_whom_it_was_given_only(issuer: str, changes: dict[str, str]) -> None:
    assert _redeem(issuer, _code(issuer), **changes)["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"redirect_uri": "http://evil.example/"}, "redirect_uri"),
        ({"redirect_uri": "javascript:/intake/signed-in"}, "redirect_uri"),
        ({"response_type": "token"}, "response_type=code"),
        ({"scope": "profile"}, "openid"),
        ({"code_challenge_method": "plain"}, "PKCE"),
        ({"code_challenge": ""}, "PKCE"),
    ],
)
def test_a_login_that_is_asked_for_wrongly_leads_nowhere(
    issuer: str, changes: dict[str, str], says: str
) -> None:
    answer = requests.get(f"{issuer}/authorize", {**ASKED, **changes}, allow_redirects=False, timeout=5)
    assert (answer.status_code, says in answer.text) == (400, True)


def test_a_name_that_is_none_is_said_on_the_page(issuer: str) -> None:
    answer = requests.post(f"{issuer}/authorize", {**ASKED, "as": "<b>"}, allow_redirects=False, timeout=5)
    assert (answer.status_code, "&lt;b&gt;" in answer.text, "<b>" in answer.text) == (200, True, False)


def test_nobody_is_signed_in_without_the_page(issuer: str) -> None:
    asked = {**ASKED, "prompt": "none"}
    answer = requests.get(f"{issuer}/authorize", asked, allow_redirects=False, timeout=5)
    assert "error=login_required" in answer.headers["Location"]
    back = {"post_logout_redirect_uri": "http://127.0.0.1:1/intake/"}
    ended = requests.get(f"{issuer}/end-session", back, allow_redirects=False, timeout=5)
    assert ended.headers["Location"] == back["post_logout_redirect_uri"]
    assert requests.get(f"{issuer}/userinfo", timeout=5).json()["error"] == "invalid_token"
