"""Seals at once with each other and with saves: one receipt, and never an answer that is not sealed as saved."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from services.intake import commands, store
from services.intake.domain import Answer
from services.intake.schemas import SealInput
from shared.core.errors import Conflict
from shared.core.ids import utcnow
from shared.events.intake import SubmissionSealed
from shared.signing.keys import KeyRing
from shared.storage.transaction import Transaction
from tests.intake.rounds import (
    CODES,
    A,
    B,
    Json,
    Round,
    answer,
)

T = TypeVar("T")


def at_once(number: int, work: Callable[[int], T]) -> list[T]:
    """The same work in so many threads that start together."""
    gate = threading.Barrier(number)

    def run(place: int) -> T:
        gate.wait(30)
        return work(place)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_fifty_equal_calls_at_once_give_one_receipt_and_fifty_equal_answers(ready: Round) -> None:
    order = ready.order()
    answered = at_once(50, lambda _: ready.seal_raw(order))
    assert {response.status_code for response in answered} == {201}
    assert len({response.data for response in answered}) == 1
    assert len(ready.stage.published(SubmissionSealed)) == 1
    assert ready.stage.db["submissions"].count_documents({}) == 1


def test_of_two_different_seals_at_once_one_wins(ready: Round) -> None:
    order = ready.order()
    answered = at_once(8, lambda place: ready.seal_raw(order, key=f"key-{place}"))
    assert sorted(response.status_code for response in answered) == [201] + [409] * 7
    assert len(ready.stage.published(SubmissionSealed)) == 1


def test_a_seal_and_a_save_at_once_never_both_count_on_the_old_answer(open_round: Round) -> None:
    """Either the save comes first and the seal is refused, or the seal comes first and the save is."""
    for id in (A, B):
        letter = id[-1]
        open_round.answer_all(id)
        order = open_round.order(id)

        def save(place: int, id: str = id, letter: str = letter) -> int:
            path = f"/self-assessments/{id}/answers/{CODES[place % 4]}"
            return open_round.put_raw(f"clerk-{letter}", path, answer(3), 1).status_code

        def seal(id: str = id, order: Json = order) -> int:
            return open_round.seal_raw(order, id).status_code

        done = at_once(5, lambda place: seal() if place == 4 else save(place))
        shown = open_round.get(f"officer-{letter}", f"/self-assessments/{id}")
        saved = [saved_answer["value"] for saved_answer in shown["answers"]]
        if done[4] == 201:
            assert (saved, done[:4]) == (["2"] * 4, [409] * 4)
        else:
            assert (done[4], saved.count("3")) == (409, done[:4].count(200))
            assert saved.count("3") >= 1
    assert open_round.stage.published_types().count("submission.sealed.v1") <= 2


def test_a_save_between_the_seals_reading_and_its_commit_is_seen(ready: Round) -> None:
    """Write skew, forced: the answer changes after the seal has read it and before it commits."""
    order = SealInput().load(ready.order())
    signing = KeyRing.load(ready.stage.settings.keys, "intake").signing("receipts", utcnow())
    tries: list[str] = []

    def seal_slowly(tx: Transaction) -> bytes:
        tries.append(store.require(tx, Answer, f"{A}.2").value)
        if len(tries) == 1:
            ready.put("clerk-a", f"/self-assessments/{A}/answers/2", answer(3), 1)
        return commands.seal(tx, A, order, signing, "k")

    with pytest.raises(Conflict) as refused:
        ready.stage.run(seal_slowly, caller=ready.stage.person("officer-a", "officer", "kota-a"))
    assert (refused.value.cause_code, refused.value.extra) == ("changed-meanwhile", {"differing": ["2"]})
    assert ready.stage.published(SubmissionSealed) == []
