"""A small service over HTTP, for the tests of what all services share."""

from collections.abc import Iterator

import flask
import pytest
from flask.testing import FlaskClient

from tests.shared.webapp import Lines, app_running, log_lines


@pytest.fixture(scope="module")
def app() -> Iterator[flask.Flask]:
    """The small service, its database away."""
    with app_running() as made:
        yield made


@pytest.fixture
def client(app: flask.Flask) -> FlaskClient:
    """A client without a token."""
    return app.test_client()


@pytest.fixture
def log() -> Iterator[Lines]:
    """What is logged while the test lasts."""
    with log_lines() as lines:
        yield lines
