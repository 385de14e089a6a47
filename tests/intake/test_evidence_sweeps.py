"""What is left behind is swept up, and nothing that somebody needs."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from services.intake import commands
from services.intake.blobs.chunks import ChunkStore
from services.intake.domain import IDLE, EvidenceRules
from services.intake.sweeps import evidence as sweeps
from shared.core.ids import utcnow
from shared.service import Service
from shared.storage.transaction import Transaction
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import digest, pdf
from tests.intake.tus import ROOT, TUS, Tus
from tests.support.stage import Stage

FILE = pdf(size=MIB)
NO_AGE = timedelta()


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(2 * MIB, 20 * MIB, TYPES))
    on.person("ani", "clerk", "kota-a")
    return on


@pytest.fixture
def tus(intake: Stage) -> Tus:
    return Tus(intake.as_("ani"))


def let_pass(intake: Stage, place: str, time: timedelta) -> None:
    """Make an upload as old as if that time had passed."""
    id = place.rpartition("/")[2]
    intake.db["uploads"].update_one(
        {"_id": id}, {"$set": {"expires": utcnow() + IDLE - time}, "$inc": {"rev": 1}}
    )


def chunks(intake: Stage) -> int:
    return intake.db["chunks"].count_documents({})


def disown(tx: Transaction, agency: str, sha256: str) -> None:
    tx.delete("file_ownerships", f"{agency}.{sha256}")
    tx.audit(f"agency:{agency}", "ownership.ended")


def test_an_upload_that_nobody_goes_on_with_ends(intake: Stage, tus: Tus) -> None:
    old, young = tus.place("a.pdf", len(FILE)), tus.place("b.pdf", len(FILE))
    for place in (old, young):
        tus.patch(place, 0, FILE[:100])
    let_pass(intake, old, IDLE)
    let_pass(intake, young, IDLE - timedelta(minutes=1))
    sweeps.expire_uploads(intake.store)
    assert tus.who.head(old, headers=TUS).status_code == 410
    assert tus.patch(old, 100, FILE[100:]).status_code == 410
    assert tus.patch(young, 100, FILE[100:]).status_code == 204
    assert intake.audited("participation:2026.kota-a")[-1:] == ["file.arrived"]
    assert intake.audited("participation:2026.kota-a").count("upload.expired") == 1


def test_an_upload_is_over_at_its_time_even_before_the_sweep(intake: Stage, tus: Tus) -> None:
    place = tus.place("a.pdf", len(FILE))
    let_pass(intake, place, IDLE)
    assert tus.who.head(place, headers=TUS).status_code == 410
    assert tus.patch(place, 0, FILE).status_code == 410


def test_an_upload_that_goes_on_meanwhile_does_not_expire(intake: Stage, tus: Tus) -> None:
    id = tus.place("a.pdf", len(FILE)).rpartition("/")[2]
    assert intake.run(commands.expire_upload, id) is False


def test_chunks_of_ended_and_refused_uploads_go_soon_and_late_ones_after_a_while(
    intake: Stage, tus: Tus
) -> None:
    ended = tus.place("a.pdf", len(FILE))
    tus.patch(ended, 0, FILE[:-1])
    tus.who.delete(ended, headers=TUS)
    tus.send("b.png", FILE)
    assert tus.send("c.pdf", FILE).status_code == 204
    assert chunks(intake) == 6
    sweeps.delete_orphaned_chunks(intake.store)
    assert (chunks(intake), intake.state()["orphaned_chunks"]) == (2, 2)
    ChunkStore(intake.store.db).put(ended.rpartition("/")[2], 0, 1, b"late")
    sweeps.delete_orphaned_chunks(intake.store)
    assert chunks(intake) == 3
    sweeps.delete_orphaned_chunks(intake.store, NO_AGE)
    assert (chunks(intake), intake.state().get("orphaned_chunks")) == (2, None)
    assert tus.who.get(f"{ROOT}/evidence/2026.kota-a/{digest(FILE)}").data == FILE


def test_bytes_that_nobody_owns_go(intake: Stage, tus: Tus) -> None:
    tus.send("a.pdf", FILE)
    tus.send("b.pdf", pdf("lain"))
    sweeps.delete_unowned_blobs(intake.store)
    assert intake.state()["blobs"] == 2
    intake.run(disown, "kota-a", digest(FILE))
    sweeps.delete_unowned_blobs(intake.store)
    sweeps.delete_orphaned_chunks(intake.store, NO_AGE)
    assert (intake.state()["blobs"], chunks(intake)) == (1, 1)
    assert intake.audited(f"blob:{digest(FILE)}") == ["blob.deleted"]
    assert tus.send("c.pdf", FILE).status_code == 204
    assert tus.who.get(f"{ROOT}/evidence/2026.kota-a/{digest(FILE)}").data == FILE


def test_a_blob_is_dropped_or_owned_again_never_both(intake: Stage, tus: Tus) -> None:
    """The sweep has seen that nobody owns the bytes; before it commits, somebody comes to own them."""
    sha256 = digest(FILE)
    tus.send("a.pdf", FILE)
    intake.run(disown, "kota-a", sha256)
    met, outcomes = Barrier(2, timeout=10), []

    def drop(tx: Transaction) -> None:
        outcomes.append(commands.delete_blob(tx, sha256))
        if len(outcomes) == 1:
            met.wait()
            met.wait()

    sweeper = Thread(target=intake.run, args=(drop,))
    sweeper.start()
    met.wait()
    assert tus.send("b.pdf", FILE).status_code == 204
    met.wait()
    sweeper.join()
    assert outcomes == [True, False]
    sweeps.delete_orphaned_chunks(intake.store, NO_AGE)
    assert tus.who.get(f"{ROOT}/evidence/2026.kota-a/{sha256}").data == FILE
