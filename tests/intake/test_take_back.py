"""Unlinking a file is taken back for ten minutes, while its bytes are here; its room goes to what is sent meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.intake import store
from services.intake.commands import discarding
from services.intake.domain import EvidenceRules
from services.intake.domain.discarded import TAKE_BACK
from services.intake.sweeps import evidence as sweeps
from shared.core.ids import utcnow
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, TYPES, open_round
from tests.intake.files import digest, pdf
from tests.intake.rounds import A, Round, exhibit, good, keep_unlinked_no_longer, problem
from tests.intake.tus import ROOT, Tus
from tests.support.stage import Stage

RULES = EvidenceRules(4000, 10_000, TYPES)
FILE = pdf("Peraturan", 4000)
SHA256 = digest(FILE)


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, RULES)
    on.person("ani", "clerk", "kota-a")
    on.person("budi", "clerk", "kota-b")
    return on


@pytest.fixture
def tus(intake: Stage) -> Tus:
    tus = Tus(intake.as_("ani"))
    assert tus.send("a.pdf", FILE).status_code == 204
    return tus


def url(cycle: str = "2026", agency: str = "kota-a") -> str:
    return f"{ROOT}/evidence/{cycle}.{agency}/{SHA256}"


def unlink(tus: Tus, cycle: str = "2026") -> None:
    assert tus.who.delete(url(cycle)).status_code == 204


def take_back(tus: Tus, cycle: str = "2026") -> TestResponse:
    answered: TestResponse = tus.who.post(f"{url(cycle)}/take-back")
    return answered


def listed(tus: Tus) -> Any:
    return good(tus.who.get(f"{ROOT}/evidence/2026.kota-a"))["items"]


def sweep(intake: Stage) -> None:
    sweeps.release_files(intake.store)
    sweeps.delete_orphaned_chunks(intake.store)


def used(intake: Stage, cycle: str = "2026") -> int:
    return intake.store.query(store.get_used_bytes, "kota-a", cycle)


def test_a_file_that_is_taken_back_is_as_it_was(intake: Stage, tus: Tus) -> None:
    before = listed(tus)
    unlink(tus)
    assert (listed(tus), used(intake)) == ([], 4000)
    sweep(intake)
    assert [good(take_back(tus))] == before == listed(tus)
    assert good(take_back(tus)) == before[0]
    keep_unlinked_no_longer(intake)
    sweep(intake)
    assert (tus.who.get(url()).data, used(intake)) == (FILE, 4000)
    assert intake.audited("participation:2026.kota-a").count("file.taken-back") == 1


def test_after_its_time_the_bytes_are_gone_and_that_is_said(intake: Stage, tus: Tus) -> None:
    unlink(tus)
    keep_unlinked_no_longer(intake)
    sweep(intake)
    before = intake.state()
    assert problem(take_back(tus)) == (410, "file-gone")
    assert (used(intake), intake.state()) == (0, before)
    assert "chunks" not in before


def test_who_needs_the_room_gets_it_and_only_the_agencys_own_goes(intake: Stage, tus: Tus) -> None:
    other = Tus(intake.as_("budi"), "2026.kota-b")
    more = pdf("Lain", 3000)
    assert other.send("b.pdf", more).status_code == 204
    assert other.who.delete(f"{ROOT}/evidence/2026.kota-b/{digest(more)}").status_code == 204
    unlink(tus)
    assert tus.begin("c.pdf", 4000).status_code == 201
    assert good(take_back(tus))
    unlink(tus)
    assert tus.begin("d.pdf", 4000).status_code == 201
    assert problem(take_back(tus)) == (410, "file-gone")
    assert used(intake) == 8000
    assert other.who.post(f"{ROOT}/evidence/2026.kota-b/{digest(more)}/take-back").status_code == 200


def test_what_is_sent_again_meanwhile_counts_once(intake: Stage, tus: Tus) -> None:
    unlink(tus)
    assert tus.send("a.pdf", FILE).status_code == 204
    discarding.delete_discarded(intake.store)
    assert (used(intake), intake.state().get("released_files")) == (4000, None)


def test_a_file_of_two_cycles_comes_back_to_the_one_that_it_left_if_there_is_room(
    intake: Stage, tus: Tus
) -> None:
    intake.run(open_round, RULES, "2027")
    later = Tus(tus.who, "2027.kota-a")
    assert later.send("a.pdf", FILE).status_code == 204
    discarding.delete_discarded(intake.store)
    unlink(tus)
    assert (used(intake), used(intake, "2027")) == (0, 4000)
    tus.place("b.pdf", 4000)
    tus.place("c.pdf", 4000)
    assert problem(take_back(tus)) == (413, "quota-exceeded")
    assert good(later.who.get(f"{ROOT}/evidence/2027.kota-a"))["items"][0]["cycles"] == ["2027"]
    intake.db["uploads"].update_many({"state": "open"}, {"$set": {"state": "ended"}})
    assert good(take_back(tus))["cycles"] == ["2026", "2027"]


def test_bytes_that_another_one_may_still_take_back_stay(intake: Stage, tus: Tus) -> None:
    other = Tus(intake.as_("budi"), "2026.kota-b")
    assert other.send("b.pdf", FILE).status_code == 204
    unlink(tus)
    intake.db["released_files"].update_many({}, {"$set": {"since": utcnow() - TAKE_BACK}})
    assert other.who.delete(url(agency="kota-b")).status_code == 204
    sweep(intake)
    sweeps.delete_unowned_blobs(intake.store)
    sweep(intake)
    assert problem(take_back(tus)) == (410, "file-gone")
    assert other.who.post(f"{url(agency='kota-b')}/take-back").status_code == 200
    assert other.who.get(url(agency="kota-b")).data == FILE


def test_others_take_nothing_back(intake: Stage, tus: Tus) -> None:
    unlink(tus)
    theirs = intake.as_("budi").post(f"{url()}/take-back")
    nothing = intake.as_("budi").post(f"{url('2026', 'kota-x')}/take-back")
    assert problem(theirs) == problem(nothing) == (404, "not-found")


def test_a_seal_that_waits_for_the_file_is_complete_when_it_is_taken_back(open_round: Round) -> None:
    data = pdf("Bukti", 900)
    open_round.upload(data)
    path = f"{ROOT}/evidence/{A}/{digest(data)}"
    assert open_round.as_("clerk-a").delete(path).status_code == 204
    open_round.answer_all(A, {"1": [exhibit(data)]})
    submission = open_round.seal()["submission"]
    assert open_round.get("clerk-a", f"/submissions/{submission}")["state"] == "sealed"
    assert open_round.as_("clerk-a").post(f"{path}/take-back").status_code == 200
    assert open_round.get("clerk-a", f"/submissions/{submission}")["state"] == "completed"
