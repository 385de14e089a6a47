"""Notify on its stage, and a receiver."""

from collections.abc import Callable, Iterator

import pytest

from shared.service import Service
from tests.notify import builders
from tests.notify.builders import Notify
from tests.notify.receiver import Receiver, receiving
from tests.support.stage import Stage


@pytest.fixture
def notify(stage: Callable[[Service], Stage]) -> Notify:
    """The service with its hands."""
    return builders.new(stage)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that answers 204 unless its script says otherwise."""
    with receiving() as server:
        yield server
