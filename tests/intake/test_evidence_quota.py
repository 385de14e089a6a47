"""Quotas count what an agency keeps and has promised in a cycle, also when uploads begin at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.intake.domain import EvidenceRules
from services.intake.sweeps.evidence import delete_orphaned_chunks
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, TYPES, open_round
from tests.intake.files import pdf
from tests.intake.tus import TUS, Tus
from tests.support.stage import Stage

RULES = EvidenceRules(4000, 10_000, TYPES)


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, RULES)
    on.person("ani", "clerk", "kota-a")
    return on


@pytest.fixture
def tus(intake: Stage) -> Tus:
    return Tus(intake.as_("ani"))


def begins(tus: Tus, length: int) -> bool:
    answer = tus.begin("a.pdf", length)
    assert answer.status_code in {201, 413}, answer.text
    return answer.status_code == 201


def test_promises_count_until_they_are_ended(tus: Tus) -> None:
    first = tus.place("a.pdf", 4000)
    assert begins(tus, 4000)
    assert not begins(tus, 2001)
    assert begins(tus, 2000)
    tus.who.delete(first, headers=TUS)
    assert begins(tus, 4000)
    assert not begins(tus, 1)


def test_the_refusal_says_how_much_is_left(tus: Tus) -> None:
    tus.place("a.pdf", 4000)
    tus.place("b.pdf", 4000)
    told = tus.begin("c.pdf", 3000).json
    assert told is not None
    assert (told["code"], told["left_bytes"], told["quota_bytes"]) == ("quota-exceeded", 2000, 10_000)


def test_kept_files_count_once_and_refused_ones_go_as_soon_as_room_is_needed(intake: Stage, tus: Tus) -> None:
    data = pdf(size=4000)
    for _ in range(2):
        assert tus.send("a.pdf", data).status_code == 204
        delete_orphaned_chunks(intake.store)
    assert tus.send("b.pdf", b"x" * 4000).status_code == 422
    assert begins(tus, 4000)
    assert begins(tus, 2000)
    assert not begins(tus, 1)


def test_each_cycle_has_its_own_quota(intake: Stage, tus: Tus) -> None:
    intake.run(open_round, RULES, "2027")
    data = pdf(size=4000)
    later = Tus(tus.who, "2027.kota-a")
    for of in (tus, later):
        assert of.send("a.pdf", data).status_code == 204
        delete_orphaned_chunks(intake.store)
        assert begins(of, 4000)
        assert begins(of, 2000)
        assert not begins(of, 1)


def test_uploads_that_begin_at_once_do_not_exceed_the_quota(intake: Stage) -> None:
    each = [Tus(intake.as_("ani")) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda of: begins(of, 3000), each))
    assert begun.count(True) == 3
