"""Errors over HTTP: one shape for programs, a page for people."""

from typing import Any

import flask
import pytest
from flask.testing import FlaskClient

from shared.core.errors import AppError, Conflict, Invalid, TryLater
from shared.web.problems import MEDIA_TYPE, of_app_error
from tests.shared.webapp import URL, Lines

FULL = {"type", "title", "status", "detail", "instance", "code", "correlation"}


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("GET", "/intake/api/v1/nowhere", {}, 404, "not-found"),
        ("GET", "/", {}, 404, "not-found"),
        ("DELETE", URL, {}, 405, "method-not-allowed"),
        ("BREW", URL, {}, 405, "method-not-allowed"),
        ("POST", URL, {"data": "{", "content_type": "application/json"}, 400, "not-json"),
        ("POST", URL, {"data": b"\xff", "content_type": "application/json"}, 400, "not-json"),
        ("POST", URL, {"data": "[" * 1900, "content_type": "application/json"}, 400, "not-json"),
        ("POST", URL, {"data": '{"answers": NaN}', "content_type": "application/json"}, 400, "not-json"),
        ("POST", URL, {"data": '"\\ud800"', "content_type": "application/json"}, 400, "not-json"),
        ("POST", URL, {"data": "a=b", "content_type": "text/plain"}, 415, "unsupported-media-type"),
        ("POST", URL, {"data": "a=b"}, 415, "unsupported-media-type"),
        ("POST", URL, {"json": {"answers": "x" * 3000}}, 413, "too-large"),
        ("POST", URL, {"json": {}}, 422, "invalid"),
        ("POST", URL, {"json": []}, 422, "invalid"),
        ("POST", URL, {}, 422, "invalid"),
        ("GET", f"{URL}?limit=0", {}, 422, "invalid"),
        ("GET", f"{URL}?after=forged", {}, 400, "bad-cursor"),
        ("PUT", f"{URL}/1", {}, 428, "precondition-needed"),
        ("PUT", f"{URL}/1", {"headers": {"If-Match": "7"}}, 400, "bad-if-match"),
        ("GET", f"{URL}/raise/conflict", {}, 409, "sealed-already"),
        ("GET", f"{URL}/raise/invalid", {}, 422, "invalid"),
        ("GET", f"{URL}/raise/later", {}, 503, "try-later"),
        ("GET", f"{URL}/raise/unsure", {}, 503, "outcome-unknown"),
        ("GET", f"{URL}/raise/app", {}, 500, "internal"),
        ("GET", f"{URL}/raise/surprise", {}, 500, "internal"),
        ("GET", f"{URL}/closed", {}, 401, "unauthenticated"),
    ],
)
def test_every_error_has_one_shape(
    client: FlaskClient, method: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    answer = client.open(path, method=method, **sent)
    assert answer.content_type == MEDIA_TYPE
    problem = answer.json
    assert problem is not None
    assert problem.keys() >= FULL
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"urn:nilai:problem:{code}"
    assert problem["instance"] == path.partition("?")[0]
    assert problem["correlation"] == answer.headers["X-Request-Id"]
    assert problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "unknown", "known"),
    [
        ("GET", f"{URL}?limt=5", "limt", ["after", "limit"]),
        ("GET", f"{URL}?limit=5&LIMIT=5", "LIMIT", ["after", "limit"]),
        ("PUT", f"{URL}/1?limit=5", "limit", []),
        ("GET", f"{URL}/when?=", "", []),
    ],
)
def test_a_parameter_that_nobody_reads_is_refused_by_name(
    client: FlaskClient, method: str, path: str, unknown: str, known: list[str]
) -> None:
    problem = client.open(path, method=method).json
    assert problem is not None
    assert (problem["status"], problem["code"], problem["known"]) == (400, "unknown-parameter", known)
    assert repr(unknown) in problem["detail"]


def test_who_may_not_call_is_not_told_of_parameters(client: FlaskClient) -> None:
    assert client.get(f"{URL}/closed?limt=5").status_code == 401


def test_wrong_fields_are_pointed_at(client: FlaskClient) -> None:
    form = {
        "answers": {"1": {"value": 9, "note": "x" * 11}, "a/b~": {}},
        "parts": [{"value": 1}, {}],
        "extra": 1,
    }
    problem = client.post(URL, json=form).json
    assert problem is not None
    assert {error["in"] for error in problem["errors"]} == {"json"}
    assert {error["pointer"]: error["detail"] for error in problem["errors"]} == {
        "/answers/1/value": "Must be greater than or equal to 1 and less than or equal to 5.",
        "/answers/1/note": "Longer than maximum length 10.",
        "/answers/a~1b~0/value": "Is missing, and needed.",
        "/parts/1/value": "Is missing, and needed.",
        "/extra": "There is no such field; known are answers, parts.",
    }


def test_a_rule_of_the_whole_points_at_the_whole(client: FlaskClient) -> None:
    problem = client.post(URL, json={"answers": {}}).json
    assert problem is not None
    assert problem["errors"] == [{"in": "json", "pointer": "", "detail": "Give one answer at least."}]


def test_an_errors_extras_stand_beside_and_never_over_its_members(client: FlaskClient) -> None:
    conflict = client.get(f"{URL}/raise/conflict").json
    assert conflict is not None
    assert (conflict["rev"], conflict["detail"]) == (7, "Already sealed.")
    invalid = client.get(f"{URL}/raise/invalid").json
    assert invalid is not None
    assert invalid["status"] == 422
    assert invalid["errors"] == [{"pointer": "/a", "detail": "b"}]


def test_a_surprise_says_nothing_of_the_inside_and_is_found_in_the_log(
    client: FlaskClient, log: Lines
) -> None:
    answer = client.get(f"{URL}/raise/surprise", headers={"X-Request-Id": "incident-7"})
    assert "hunter2" not in answer.text
    assert "incident-7" in answer.text
    found = [line for line in log() if "hunter2" in line.get("traceback", "")]
    assert [line["correlation"] for line in found] == ["incident-7"]


def test_what_another_system_keeps_away_is_no_error_of_ours(client: FlaskClient, log: Lines) -> None:
    client.get(f"{URL}/raise/later", headers={"X-Request-Id": "incident-9"})
    (line,) = [record for record in log() if record.get("code") == "try-later"]
    assert (line["level"], "traceback" in line) == ("warning", False)


@pytest.mark.parametrize("path", ["/intake", "/intake/"])
def test_a_redirect_is_not_an_error_and_stays_here(client: FlaskClient, path: str) -> None:
    answer = client.get(path, base_url="http://evil.test")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/intake/api/v1/docs")


@pytest.mark.parametrize("path", ["//intake/page", "/intake//page", "/intake/page//"])
def test_an_address_with_two_slashes_leads_nowhere(client: FlaskClient, path: str) -> None:
    answer = client.get(path, base_url="http://evil.test")
    assert (answer.status_code, "Location" in answer.headers) == (404, False)


def test_a_405_says_what_is_allowed(client: FlaskClient) -> None:
    assert {"GET", "POST"} <= set(client.delete(URL).headers["Allow"].split(", "))


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", MEDIA_TYPE),
        ("", MEDIA_TYPE),
        ("application/json", MEDIA_TYPE),
        ("application/json, text/html;q=0.9", MEDIA_TYPE),
        ("image/png", MEDIA_TYPE),
    ],
)
def test_a_page_is_for_those_who_prefer_it(client: FlaskClient, accept: str, kind: str) -> None:
    answer = client.get("/intake/nowhere", headers={"Accept": accept})
    assert (answer.status_code, answer.content_type) == (404, kind)
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("error", "unchanged"),
    [
        (Conflict("It is sealed."), True),
        (Invalid("It does not fit."), True),
        (TryLater("It is away."), True),
        (AppError("It broke."), False),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_error_page_says_that_nothing_changed_only_where_that_is_certain(
    client: FlaskClient, error: AppError, unchanged: bool, method: str
) -> None:
    headers = {"Accept": "text/html", "Accept-Language": "id"}
    with client.application.test_request_context("/intake/x", method=method, headers=headers):
        flask.g.correlation = "a-correlation-id"
        page = of_app_error(error).get_data(as_text=True)
    assert ("Tidak ada yang berubah" in page, "mungkin sudah dijalankan" in page) == (
        unchanged and method == "POST",
        not unchanged,
    )


@pytest.mark.parametrize(
    ("kind", "status", "indonesian", "english"),
    [
        ("conflict", 409, "Keadaannya sudah berubah", "It has changed meanwhile"),
        ("invalid", 422, "Isian tidak sesuai", "Something does not fit"),
        ("later", 503, "Silakan coba beberapa saat lagi", "Please try again in a moment"),
        ("surprise", 500, "Terjadi kesalahan", "Something went wrong"),
    ],
)
def test_an_error_page_is_in_the_readers_language_and_says_the_systems_words_apart(
    client: FlaskClient, kind: str, status: int, indonesian: str, english: str
) -> None:
    for lang, words in (("id", indonesian), ("en", english)):
        headers = {"Accept": "text/html", "Accept-Language": lang}
        answer = client.get(f"{URL}/raise/{kind}", headers=headers)
        assert (answer.status_code, f"{words}</h1>" in answer.text) == (status, True)
        assert f'<html lang="{lang}"' in answer.text
        assert ("<details" in answer.text) == (lang == "id")


def test_the_error_page_speaks_both_languages_and_escapes(client: FlaskClient) -> None:
    path = "/intake/api/v1/things?limit=<script>"
    answer = client.get(path, headers={"Accept": "text/html", "X-Request-Id": "incident-8"})
    assert "Isian tidak sesuai" in answer.text
    assert 'lang="en"' in answer.text
    assert "incident-8" in answer.text
    assert "limit=<script" not in answer.text
    assert "limit=%3Cscript%3E" in answer.text
    assert '<link rel="stylesheet" href="/assets/nilai.' in answer.text
