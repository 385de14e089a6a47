"""Versions, idempotency keys and cursors, as they travel in requests."""

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from shared import web
from shared.core.errors import BadRequest
from shared.storage.reader import Page
from tests.shared.webapp import URL


def test_versions_travel_as_strong_etags(client: FlaskClient) -> None:
    answer = client.put(f"{URL}/1", headers={"If-Match": web.etag(7), "Idempotency-Key": "k-1"})
    assert answer.json == {"rev": 7, "key": "k-1", "id": 1}
    assert answer.headers["ETag"] == '"8"'


def test_an_order_without_its_idempotency_key_is_refused(client: FlaskClient) -> None:
    answer = client.put(f"{URL}/1", headers={"If-Match": '"7"'})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (428, "idempotency-key-needed")


@pytest.mark.parametrize("given", ["", "with space", "x" * 256, "é"])
def test_a_malformed_idempotency_key_is_refused(client: FlaskClient, given: str) -> None:
    answer = client.put(f"{URL}/1", headers={"If-Match": '"1"', "Idempotency-Key": given})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (400, "bad-idempotency-key")


def test_cursors_lead_through_a_list_once(client: FlaskClient) -> None:
    seen, after, turns = [], "", 0
    while turns < 10:
        answer = client.get(f"{URL}?limit=3{after}").json
        assert answer is not None
        seen += [item["id"] for item in answer["items"]]
        turns += 1
        if answer["next"] is None:
            break
        after = f"&after={answer['next']}"
    assert (seen, turns) == ([0, 1, 2, 3, 4, 5, 6], 3)


@given(
    st.lists(
        st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**63), 2**63 - 1)),
        min_size=1,
    )
)
def test_a_cursor_gives_back_its_position(parts: list[str | int]) -> None:
    cursor = web.page(Page([0], more=True), lambda _: tuple(parts))["next"]
    assert web.parse_cursor(cursor, *(type(part) for part in parts)) == tuple(parts)


@given(st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("latin-1"))))
def test_any_other_cursor_is_a_bad_request(forged: str) -> None:
    with pytest.raises(BadRequest):
        web.parse_cursor(forged, str, int)


@pytest.mark.parametrize("parts", [("a",), (1, "a"), ("a", "b"), ("a", True), ("a", 1, 2)])
def test_a_cursor_of_another_list_is_a_bad_request(parts: tuple[str | int, ...]) -> None:
    cursor = web.page(Page([0], more=True), lambda _: parts)["next"]
    with pytest.raises(BadRequest):
        web.parse_cursor(cursor, str, int)
