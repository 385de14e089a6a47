"""Two agencies cannot see, guess or take each other's files."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from services.intake.domain import EvidenceRules
from services.intake.sweeps import evidence as sweeps
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import digest, pdf
from tests.intake.tus import ROOT, TUS, Tus
from tests.support.stage import Stage

FILE = pdf("rahasia", 4000)
NOWHERE = "0" * 32


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(MIB, 5000, TYPES))
    on.person("ani", "clerk", "kota-a")
    on.person("budi", "coordinator", "kota-b")
    on.person("menteri", "ministry")
    return on


@pytest.fixture
def ours(intake: Stage) -> Tus:
    return Tus(intake.as_("ani"), "2026.kota-a")


@pytest.fixture
def theirs(intake: Stage) -> Tus:
    return Tus(intake.as_("budi"), "2026.kota-b")


def said(answer: TestResponse) -> tuple[int, dict[str, object]]:
    """An answer without what differs between any two requests."""
    told = dict(answer.json or {})
    return answer.status_code, {key: told[key] for key in told if key not in {"instance", "correlation"}}


def test_an_upload_of_another_agency_is_as_if_it_were_not_there(
    intake: Stage, ours: Tus, theirs: Tus
) -> None:
    place = ours.place("a.pdf", len(FILE))
    ours.patch(place, 0, FILE[:100])
    id, before = place.rpartition("/")[2], intake.state()
    guessed = (place, f"{theirs.url}/{id}", f"{ours.url}/{NOWHERE}", f"{theirs.url}/{NOWHERE}")
    sends: list[Callable[[str], TestResponse]] = [
        lambda where: theirs.patch(where, 100, FILE[100:]),
        lambda where: theirs.who.delete(where, headers=TUS),
    ]
    for send in sends:
        answers = [said(send(where)) for where in guessed]
        assert answers == [answers[-1]] * len(guessed)
        assert answers[-1][0] == 404
    assert {theirs.who.head(where, headers=TUS).status_code for where in guessed} == {404}
    assert intake.state() == before
    assert ours.offset(place) == 100


def test_nobody_begins_an_upload_for_another_agency(intake: Stage, theirs: Tus) -> None:
    before = intake.state()
    for participation in ("2026.kota-a", "2026.nowhere"):
        answer = Tus(theirs.who, participation).begin("a.pdf", 10)
        assert (answer.status_code, answer.json and answer.json["code"]) == (404, "not-found")
    assert intake.state() == before


def test_knowing_a_hash_opens_nothing(ours: Tus, theirs: Tus) -> None:
    assert ours.send("a.pdf", FILE).status_code == 204
    here, nowhere = digest(FILE), digest(b"never sent")
    for participation in ("2026.kota-a", "2026.kota-b"):
        there = [theirs.who.get(f"{ROOT}/evidence/{participation}/{sha256}") for sha256 in (here, nowhere)]
        assert said(there[0]) == said(there[1])
        assert there[0].status_code == 404
    listed = theirs.who.get(f"{ROOT}/evidence/2026.kota-b").json
    assert listed == {"items": [], "next": None}
    for participation in ("2026.kota-a", "2026.nowhere"):
        assert theirs.who.get(f"{ROOT}/evidence/{participation}").status_code == 404


def test_the_ministry_does_not_read_what_an_agency_has_not_handed_in(intake: Stage, ours: Tus) -> None:
    ours.send("a.pdf", FILE)
    for path in ("", f"/{digest(FILE)}"):
        assert intake.as_("menteri").get(f"{ROOT}/evidence/2026.kota-a{path}").status_code == 403


def test_the_second_agency_sends_every_byte_and_learns_nothing(intake: Stage, ours: Tus, theirs: Tus) -> None:
    def whole_upload(of: Tus) -> list[tuple[int, frozenset[str], str]]:
        place = of.place("Surat.pdf", len(FILE), sha256=digest(FILE))
        answers = [
            of.who.head(place, headers=TUS),
            of.patch(place, 0, FILE[:2000]),
            of.patch(place, 2000, FILE[2000:]),
            of.who.head(place, headers=TUS),
        ]
        return [
            (response.status_code, frozenset(response.headers.keys()), response.headers["Upload-Offset"])
            for response in answers
        ]

    assert whole_upload(ours) == whole_upload(theirs)
    for of in (ours, theirs):
        answer = of.who.get(f"{ROOT}/evidence/{of.participation}/{digest(FILE)}")
        assert (answer.status_code, answer.data) == (200, FILE)
    assert intake.state()["blobs"] == 1


def test_bytes_are_stored_once_and_counted_for_each_agency(intake: Stage, ours: Tus, theirs: Tus) -> None:
    for of in (ours, theirs):
        assert of.send("a.pdf", FILE).status_code == 204
        assert of.begin("b.pdf", 1001).status_code == 413
    sweeps.delete_orphaned_chunks(intake.store, age=sweeps.ORPHAN_AGE * 0)
    assert intake.db["chunks"].count_documents({}) == 1
    for of in (ours, theirs):
        assert of.who.get(f"{ROOT}/evidence/{of.participation}/{digest(FILE)}").data == FILE


def test_names_stay_with_their_agency(ours: Tus, theirs: Tus) -> None:
    ours.send("rahasia kota a.pdf", FILE)
    theirs.send("b.pdf", FILE)
    headers = theirs.who.head(f"{ROOT}/evidence/2026.kota-b/{digest(FILE)}").headers
    assert headers["Content-Disposition"] == "attachment; filename=\"b.pdf\"; filename*=UTF-8''b.pdf"


@pytest.mark.parametrize("name", [None, "stranger"])
def test_who_has_no_role_reaches_nothing(intake: Stage, ours: Tus, name: str | None) -> None:
    place, who = ours.place("a.pdf", 10), intake.as_(name)
    status = 401 if name is None else 403
    stranger = Tus(who)
    answers = [
        stranger.begin("a.pdf", 10),
        stranger.patch(place, 0, b"x"),
        who.head(place, headers=TUS),
        who.delete(place, headers=TUS),
        who.get(f"{ROOT}/evidence/2026.kota-a"),
        who.get(f"{ROOT}/evidence/2026.kota-a/{digest(FILE)}"),
    ]
    assert [response.status_code for response in answers] == [status] * len(answers)
