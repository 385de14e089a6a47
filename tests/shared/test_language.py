"""Which language a reader gets, and how it is changed."""

import pytest
from flask.testing import FlaskClient

from shared.web.language import chosen
from tests.shared.webapp import app_running


@pytest.mark.parametrize(
    ("query", "cookie", "wishes", "lang"),
    [
        ("", "", "", "id"),
        ("", "", "fr", "id"),
        ("", "", "en-GB,en;q=0.9,id;q=0.8", "en"),
        ("", "", "id-ID,en;q=0.9", "id"),
        ("", "id", "en", "id"),
        ("?lang=en", "id", "id", "en"),
        ("?lang=xx", "xx", "en", "en"),
    ],
)
def test_an_address_comes_before_a_choice_and_that_before_what_a_browser_wishes(
    query: str, cookie: str, wishes: str, lang: str
) -> None:
    headers = {"Accept-Language": wishes, "Cookie": f"lang={cookie}"}
    with app_running() as app, app.test_request_context(f"/{query}", headers=headers):
        assert chosen() == lang


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/intake/ui?a=b", "/intake/ui?a=b"),
        ("", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example/", "/"),
        ("/a\r\nSet-Cookie: b", "/"),
    ],
)
def test_a_choice_is_remembered_and_leads_back_here(client: FlaskClient, back: str, to: str) -> None:
    answer = client.post("/intake/language", data={"lang": "en", "back": back})
    assert (answer.status_code, answer.headers["Location"]) == (303, to)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("lang=en;")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_a_language_that_nobody_speaks_here_changes_nothing(client: FlaskClient) -> None:
    answer = client.post("/intake/language", data={"lang": "fr", "back": "/"})
    assert (answer.status_code, answer.json and answer.json["code"]) == (400, "bad-language")
    assert "Set-Cookie" not in answer.headers


def test_over_https_the_choice_goes_over_https_only() -> None:
    with app_running(NILAI_MODE="production") as app:
        answer = app.test_client().post("/intake/language", data={"lang": "en"})
    assert "Secure" in answer.headers["Set-Cookie"]
