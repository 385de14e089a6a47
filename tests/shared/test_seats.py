"""Large answers: they take seats, so that those who read them slowly leave threads for everybody else."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient

from shared.web import seats
from shared.web.seats import LARGE
from tests.shared.webapp import BUILDING, URL


def test_a_large_answer_takes_a_seat_until_it_is_read_and_others_are_asked_to_wait(
    client: FlaskClient,
) -> None:
    path = f"{URL}/large"
    with ExitStack() as reading:
        for _ in range(client.application.config["WEB_THREADS"] // 8):
            assert reading.enter_context(client.get(path)).status_code == 200
        refused = client.get(path)
        assert (refused.status_code, (refused.json or {})["code"]) == (503, "try-later")
        assert client.get(URL).status_code == 200
    whole = client.get(path)
    assert (whole.status_code, whole.content_length, len(whole.json or "")) == (200, LARGE + 3, LARGE)
    whole.close()
    assert all(client.get(path, buffered=True).status_code == 200 for _ in range(20))


def test_answers_that_may_be_large_are_made_a_few_at_a_time_and_all_get_their_turn(
    client: FlaskClient,
) -> None:
    app = client.application
    with ThreadPoolExecutor(12) as many:
        found = list(many.map(lambda _: app.test_client().get(f"{URL}/built/5").status_code, range(12)))
    assert found == [200] * 12
    assert BUILDING.most == app.config["WEB_THREADS"] // 8


def test_a_large_answer_keeps_its_seat_until_it_is_read(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "PATIENCE", 0.1)
    with ExitStack() as reading:
        for _ in range(client.application.config["WEB_THREADS"] // 8):
            assert reading.enter_context(client.get(f"{URL}/built/{LARGE}")).status_code == 200
        refused = client.get(f"{URL}/built/5")
        assert (refused.status_code, (refused.json or {})["code"]) == (503, "try-later")
    assert client.get(f"{URL}/built/5").status_code == 200
