"""Sessions at the doors: who they are, what they need to change something, and where those without one are led."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.test import TestResponse

from deploy.local.tokens import fetch
from shared.auth import guard
from shared.auth.guard import ANYONE, PUBLIC, Guard, audience
from shared.auth.sessions import Cookies, checked_path, origin_of, session
from shared.core.ids import utcnow
from shared.core.people import Caller, Grant
from shared.core.settings import load
from shared.web import problems, requests
from tests.support.signedin import cookies_of, session_of

URL = "https://nilai.test"
SAME = {"Sec-Fetch-Site": "same-origin"}
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ENDED = {"s-ended"}
Send = Callable[..., TestResponse]


def _find(issuer: str, subject: str) -> Caller:
    grants = (Grant("ministry"),) if subject == "budi" else ()
    return Caller(issuer, subject, f"person:{subject}", grants)


def make_app(issuer: str, keys: Path, url: str = "http://nilai.test") -> flask.Flask:
    environ = {
        "MONGO_URI": "mongodb://127.0.0.1:1/",
        "NILAI_KEYS": str(keys),
        "OIDC_ISSUER": issuer,
        "NILAI_URL": url,
    }
    app = flask.Flask(__name__, static_folder=None)
    requests.init_app(app, secure=False)
    problems.register(app)

    @app.route("/review/any", methods=["GET", "POST"])
    @audience(ANYONE)
    def any_() -> str:
        found = session()
        return f"{guard.caller().subject} {found.name if found else '-'}"

    @app.route("/review/ministry", methods=["GET", "POST", "DELETE"])
    @audience("ministry")
    def ministry() -> str:
        return guard.caller().id

    @app.get("/review/open")
    @audience(PUBLIC)
    def open_() -> str:
        return guard.caller().subject

    Guard(load("intake", environ), _find, lambda *_: 0, ENDED.__contains__).protect(app)
    return app


@pytest.fixture
def send(issuer: str, key_folder: Path) -> Send:
    def open_(
        path: str, who: str | None = "budi", method: str = "GET", headers: Any = None, **changes: Any
    ) -> TestResponse:
        url = changes.pop("url", "http://nilai.test")
        client, session = make_app(issuer, key_folder, url).test_client(), changes.pop("session", {})
        found = cookies_of(session_of(issuer, who, **session), key_folder) if who else {}
        found |= changes.pop("cookies", {})
        for name, value in found.items():
            client.set_cookie(name, value)
        return client.open(path, method=method, headers=headers, **changes)

    return open_


def csrf(issuer: str, keys: Path, who: str = "budi", **changes: Any) -> str:
    return cookies_of(session_of(issuer, who, **changes), keys)["nilai-form"]


def code(answer: TestResponse) -> str:
    assert answer.json is not None, answer.text
    return f"{answer.status_code} {answer.json['code']}"


def test_a_session_says_who_somebody_is_and_nothing_of_what_they_may(send: Send) -> None:
    assert send("/review/any").text == "budi Nama budi"
    assert send("/review/ministry").text == "person:budi"
    assert code(send("/review/ministry", "siti")) == "403 role-needed"


def test_a_token_goes_before_a_session_and_needs_nothing_more(send: Send, issuer: str) -> None:
    headers = {"Authorization": f"Bearer {fetch('siti', issuer)}"}
    assert send("/review/any", headers=headers, method="POST").text == "siti -"
    assert code(send("/review/any", headers={"Authorization": "Bearer x"})) == "401 token-invalid"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_changes_something_needs_the_pages_own_token(
    send: Send, issuer: str, key_folder: Path, method: str
) -> None:
    good = csrf(issuer, key_folder)
    assert send("/review/ministry", method=method, headers=SAME | {"X-CSRF-Token": good}).status_code == 200
    assert code(send("/review/ministry", method=method, headers=SAME)) == "403 csrf-needed"
    cut = SAME | {"X-CSRF-Token": good[:-1]}
    assert code(send("/review/ministry", method=method, headers=cut)) == "403 csrf-invalid"
    others = SAME | {"X-CSRF-Token": csrf(issuer, key_folder, "siti")}
    assert code(send("/review/ministry", method=method, headers=others)) == "403 csrf-other-person"


def test_a_form_carries_the_token_as_a_field(send: Send, issuer: str, key_folder: Path) -> None:
    data = {"csrf_token": csrf(issuer, key_folder), "x": "1"}
    assert send("/review/ministry", method="POST", headers=SAME, data=data).text == "person:budi"


def test_a_form_of_an_older_session_of_the_same_person_counts(
    send: Send, issuer: str, key_folder: Path
) -> None:
    data = {"csrf_token": csrf(issuer, key_folder, sid="s-yesterday")}
    assert send("/review/ministry", method="POST", headers=SAME, data=data).status_code == 200


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://nilai.test"}, False),
        ({"Origin": "http://nilai.test"}, True),
        ({"Origin": "https://nilai.test"}, False),
        ({"Origin": "http://nilai.test.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_only_pages_of_ours_may_have_a_browser_change_something(
    send: Send, issuer: str, key_folder: Path, headers: dict[str, str], passes: bool
) -> None:
    answer = send("/review/any", method="POST", headers=headers | {"X-CSRF-Token": csrf(issuer, key_folder)})
    assert answer.status_code == 200 if passes else code(answer) == "403 cross-site"


def test_over_tls_only_the_cookie_counts_that_no_other_host_can_set(
    send: Send, issuer: str, key_folder: Path
) -> None:
    assert code(send("/review/any", url=URL)) == "401 unauthenticated"
    token = cookies_of(session_of(issuer, "siti"), key_folder)["nilai"]
    assert send("/review/any", url=URL, cookies={"__Host-nilai": token}).text == "siti Nama siti"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"until": utcnow() - timedelta(minutes=1)}, "401 session-over"),
        ({"end": utcnow() - timedelta(seconds=1)}, "401 session-over"),
        ({"sid": "s-ended"}, "401 session-ended"),
    ],
)
def test_a_session_that_is_over_is_none(send: Send, changes: dict[str, Any], expected: str) -> None:
    assert code(send("/review/any", session=changes)) == expected
    assert send("/review/open", session=changes).text == "nobody"


def test_a_changed_session_is_none(send: Send) -> None:
    assert code(send("/review/any", None, cookies={"nilai": "x"})) == "401 session-invalid"


def test_whoever_looks_at_pages_is_led_to_sign_in_and_back(send: Send) -> None:
    answer = send("/review/any?a=1&b=%2F", None, headers=PAGE)
    assert (answer.status_code, answer.location) == (
        303,
        "/intake/sign-in?next=%2Freview%2Fany%3Fa%3D1%26b%3D%252F",
    )
    over = send("/review/any", headers=PAGE, session={"until": utcnow() - timedelta(minutes=1)})
    assert (over.status_code, over.location) == (303, "/intake/session?next=%2Freview%2Fany")


def test_a_form_goes_along_where_a_session_is_renewed(send: Send) -> None:
    for who in ("budi", None):
        over = {"until": utcnow() - timedelta(minutes=1)}
        answer = send("/review/any", who, "POST", PAGE | SAME, session=over, data={"a": "b"})
        assert (answer.status_code, answer.location) == (307, "/intake/session?next=%2Freview%2Fany")


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "//evil.example/",
        "https://evil.example/intake/",
        "/\\evil.example",
        "/intake\\..\\",
        "/intake/\\evil",
        "/evil/",
        "intake/",
        "/intake/a b",
        "/intake/\r\nSet-Cookie: a=b",
        "/intake/" + "a" * 2000,
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_to_another_place(said: str | None) -> None:
    assert checked_path(said) == "/intake/"


def test_a_path_of_ours_is_led_to() -> None:
    assert checked_path("/review/tasks?state=open#a") == "/review/tasks?state=open#a"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://nilai.test/", "https://nilai.test"),
        ("https://Nilai.test:443", "https://nilai.test"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_cookies_go_over_tls_only_where_there_is_tls() -> None:
    assert Cookies.of(URL) == Cookies("__Host-nilai", "__Host-nilai-form", "__Host-nilai-signing-in", True)
    assert Cookies.of("http://127.0.0.1:8080").secure is False
