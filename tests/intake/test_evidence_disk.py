"""The quota bounds the disk: what lies on it counts until it is gone, and what is written of openings is bounded."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake import commands
from services.intake.blobs.leases import UploadLeases
from services.intake.commands.discarding import AT_ONCE
from services.intake.domain import Answer, EvidenceRules
from services.intake.domain.answers import MOST_WRITTEN, Exhibit, next_version
from services.intake.sweeps import evidence as sweeps
from shared.core.errors import Conflict
from shared.core.ids import utcnow
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import PNG, digest, pdf
from tests.intake.rounds import keep_unlinked_no_longer
from tests.intake.tus import ROOT, TUS, Tus
from tests.support.stage import Stage

QUOTA = 5 * MIB
FILE = pdf(size=2 * MIB)


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(2 * MIB, QUOTA, TYPES))
    on.person("ani", "clerk", "kota-a")
    on.person("budi", "clerk", "kota-b")
    return on


@pytest.fixture
def tus(intake: Stage) -> Tus:
    return Tus(intake.as_("ani"))


def on_disk(intake: Stage) -> int:
    (row,) = intake.db["chunks"].aggregate(
        [{"$group": {"_id": None, "sum": {"$sum": {"$binarySize": "$data"}}}}]
    )
    return int(row["sum"])


def begins(tus: Tus, length: int = 2 * MIB) -> bool:
    return tus.begin("a.pdf", length).status_code == 201


def sweep(intake: Stage) -> None:
    sweeps.release_files(intake.store)
    sweeps.delete_orphaned_chunks(intake.store)


@pytest.mark.parametrize(
    "how", ["ended", "refused at once", "refused by inspection", "unlinked", "sent again"]
)
def test_nobody_fills_the_disk_beyond_the_quota_and_nobody_has_to_wait_for_room(
    intake: Stage, tus: Tus, how: str
) -> None:
    most = 0
    for number in range(8):
        begun = tus.begin("a.png" if how == "refused at once" else "a.pdf", len(FILE))
        assert begun.status_code == 201
        data = pdf(str(number), 2 * MIB) if how == "unlinked" else FILE
        if how == "refused by inspection":
            data = data[:-100] + b"Rar!\x1a\x07".ljust(100)
        tus.patch(begun.headers["Location"], 0, data[:-1] if how == "ended" else data)
        if how == "ended":
            tus.who.delete(begun.headers["Location"], headers=TUS)
        if how == "unlinked":
            assert tus.who.delete(f"{ROOT}/evidence/2026.kota-a/{digest(data)}").status_code == 204
        most = max(most, on_disk(intake))
    assert MIB < most <= QUOTA


def test_an_ended_upload_of_which_nothing_came_counts_no_more(tus: Tus) -> None:
    for _ in range(9):
        tus.who.delete(tus.place("a.pdf", 2 * MIB), headers=TUS)


def test_an_ended_upload_counts_while_a_request_may_still_write(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE))
    with UploadLeases(intake.store.db, 0.5).acquire(place.rpartition("/")[2], 0):
        assert tus.who.delete(place, headers=TUS).status_code == 204
        sweep(intake)
        assert [row["bytes"] for row in intake.db["orphaned_chunks"].find()] == [len(FILE)]
    intake.db["orphaned_chunks"].update_many({}, {"$set": {"writable_until": utcnow()}})
    sweep(intake)
    assert [row["bytes"] for row in intake.db["orphaned_chunks"].find()] == [0]


def test_a_file_that_somebody_else_owns_is_released_in_the_same_way_and_stays(
    intake: Stage, tus: Tus
) -> None:
    other = Tus(intake.as_("budi"), "2026.kota-b")
    for each in (tus, other):
        each.send("a.pdf", FILE)
        sweep(intake)
    tus.who.delete(f"{ROOT}/evidence/2026.kota-a/{digest(FILE)}")
    assert [row["bytes"] for row in intake.db["released_files"].find()] == [len(FILE)]
    keep_unlinked_no_longer(intake)
    sweep(intake)
    assert "released_files" not in intake.state()
    assert other.who.get(f"{ROOT}/evidence/2026.kota-b/{digest(FILE)}").data == FILE


def test_what_is_released_already_is_left(intake: Stage) -> None:
    assert intake.run(commands.release_file, "kota-a.x") is False


def test_chunks_that_two_workers_delete_at_once_are_discounted_once(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE))
    tus.patch(place, 0, FILE[:-1])
    tus.who.delete(place, headers=TUS)
    upload = place.rpartition("/")[2]
    sweep(intake)
    told = intake.audited(f"upload:{upload}")
    assert told.count("chunks.deleted") == 1
    intake.run(commands.discount_orphan, upload)
    assert intake.audited(f"upload:{upload}") == told


def test_sweeps_run_until_nothing_is_left(intake: Stage, tus: Tus) -> None:
    many = 2 * AT_ONCE + 1
    tus.place("a.pdf", 10)
    doc = intake.db["uploads"].find_one({}) or {}
    over = {"expires": utcnow() - timedelta(days=9)}
    intake.db["uploads"].insert_many([{**doc, **over, "_id": f"u{number}"} for number in range(many)])
    sweeps.expire_uploads(intake.store)
    assert intake.db["uploads"].count_documents({"state": "expired"}) == many
    sweeps.delete_orphaned_chunks(intake.store, timedelta())
    assert "orphaned_chunks" not in intake.state()


def opened(intake: Stage) -> list[str]:
    return intake.audited(f"evidence:kota-a.{digest(PNG)}")


def test_an_opening_is_written_down_once_and_not_for_each_range(intake: Stage, tus: Tus) -> None:
    tus.send("a.png", PNG)
    url = f"{ROOT}/evidence/2026.kota-a/{digest(PNG)}"
    for start in range(9):
        assert tus.who.get(url, headers={"Range": f"bytes={start}-"}).status_code == 206
    assert opened(intake) == ["evidence.opened"]
    intake.person("cici", "officer", "kota-a")
    intake.as_("cici").get(url)
    assert opened(intake) == ["evidence.opened"] * 2
    intake.db["openings"].update_many({}, [{"$set": {"at": {"$subtract": ["$at", 600_000]}}}])
    tus.who.get(url)
    assert opened(intake) == ["evidence.opened"] * 3


def test_the_versions_of_an_answer_are_bounded() -> None:
    answer = Answer("a", "p", "1", "3", "é" * 20_000, "", (Exhibit("f" * 64, "a.pdf"),))
    first = next_version(None, answer)
    assert (first.written, next_version(first, answer).written) == (40_405, 80_810)
    last = next_version(replace(first, written=MOST_WRITTEN - 40_405), answer)
    with pytest.raises(Conflict) as refused:
        next_version(last, answer)
    assert (last.written, refused.value.cause_code) == (MOST_WRITTEN, "too-many-versions")
