"""Conditional requests (RFC 9110, section 13), with ETags as clients and proxies hand them on."""

import flask
import pytest
from flask.testing import FlaskClient
from jinja2 import Template

from shared.storage.versions import EVERY
from tests.shared.webapp import URL


@pytest.mark.parametrize(
    ("header", "revs"),
    [
        ('"7"', 7),
        (' "7" ', 7),
        ('W/"7"', 7),
        ('"0"', 0),
        ('"3", "5"', [3, 5]),
        ('W/"3","5" , "x"', [3, 5]),
        (', "3",, "5",', [3, 5]),
        ('"3", W/"3"', 3),
        ("*", [1, 2, 3, 4, 5, 6, 7, 8]),
        ('"x"', []),
        ('"07"', []),
        ('"7-0a1b2c3d"', 7),
        ('"7-gzip"', []),
        ('""', []),
    ],
)
def test_the_versions_that_a_change_may_meet_are_those_of_the_header(
    client: FlaskClient, header: str, revs: object
) -> None:
    answer = client.put(f"{URL}/1", headers={"If-Match": header, "Idempotency-Key": "k"})
    assert answer.json is not None
    assert answer.json["rev"] == revs


@pytest.mark.parametrize(
    "header", ["7", "", '"7', '7"', 'w/"7"', '"7" "8"', '*, "7"', '"7", *', '"a\tb"', "W/7"]
)
def test_a_header_that_is_no_list_of_etags_is_refused(client: FlaskClient, header: str) -> None:
    answer = client.put(f"{URL}/1", headers={"If-Match": header, "Idempotency-Key": "k"})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (400, "bad-if-match")


def test_any_version_is_none_of_nothing() -> None:
    assert (0 in EVERY, 1 in EVERY, 10**17 in EVERY) == (False, True, True)


def test_who_wants_to_make_something_new_says_so_too(client: FlaskClient) -> None:
    headers = {"If-None-Match": "*", "Idempotency-Key": "k"}
    answer = client.put(f"{URL}/1", headers=headers)
    assert answer.json is not None
    assert answer.json["rev"] == 0


@pytest.mark.parametrize("header", ['"7"', 'W/"7"', '"3", W/"7"', "*", ' "7" '])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_the_version_already_is_not_sent_it_again(
    client: FlaskClient, header: str, method: str
) -> None:
    answer = client.open(f"{URL}/versions/7", method=method, headers={"If-None-Match": header})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"7"')
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("header", ['"6"', 'W/"6"', '"77"', '"x", "y"', "7-"])
def test_who_has_another_version_is_sent_this_one(client: FlaskClient, header: str) -> None:
    answer = client.get(f"{URL}/versions/7", headers={"If-None-Match": header})
    assert (answer.status_code, answer.json) == (200, {"id": 7})


def test_a_version_that_is_shown_with_more_has_another_etag_when_that_changes(client: FlaskClient) -> None:
    first = client.get(f"{URL}/joined/ani").headers["ETag"]
    second = client.get(f"{URL}/joined/budi").headers["ETag"]
    assert first != second
    assert client.get(f"{URL}/joined/ani", headers={"If-None-Match": first}).status_code == 304
    assert client.get(f"{URL}/joined/budi", headers={"If-None-Match": first}).status_code == 200
    for etag in (first, second):
        answer = client.put(f"{URL}/1", headers={"If-Match": etag, "Idempotency-Key": "k"})
        assert answer.json is not None
        assert answer.json["rev"] == 7


@pytest.mark.parametrize(
    ("header", "status"), [('"7"', 200), ('W/"7"', 200), ("*", 200), ('"6"', 412), ('"x"', 412)]
)
def test_who_reads_may_insist_on_a_version(client: FlaskClient, header: str, status: int) -> None:
    answer = client.get(f"{URL}/versions/7", headers={"If-Match": header})
    assert answer.status_code == status
    if status == 412:
        assert answer.json is not None
        assert answer.json["code"] == "another-version"


def test_a_condition_that_nobody_looks_at_is_refused(client: FlaskClient) -> None:
    answer = client.post(URL, json={}, headers={"If-Match": '"7"'})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (400, "if-match-not-taken")


@pytest.mark.parametrize("path", ["/intake/api/v1/openapi.json", "/intake/api/v1/docs"])
def test_who_has_the_description_of_the_api_is_not_sent_it_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "no-cache"


def test_the_page_of_the_api_is_written_once_for_all_readers(client: FlaskClient) -> None:
    client.get("/intake/api/v1/docs")
    written: list[str | None] = []

    def note(_: flask.Flask, template: Template, **__: object) -> None:
        written.append(template.name)

    with flask.template_rendered.connected_to(note, client.application):
        pages = [client.get(f"/intake/api/v1/docs?lang={wished}") for wished in ("id", "en", "id")]
    assert written == ["docs.html"] * 3
    assert [page.headers["ETag"] == pages[0].headers["ETag"] for page in pages] == [True, False, True]
    assert {"Cookie", "Accept-Language"} <= set(pages[0].vary)
