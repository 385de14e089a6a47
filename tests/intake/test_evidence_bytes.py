"""Bytes in the chunk store, and the lease under which they are written, without HTTP around them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256

import pytest

from services.intake import commands
from services.intake.blobs.chunks import CHUNK, ChunkStore
from services.intake.blobs.leases import UploadLease, UploadLeases
from services.intake.blobs.receiving import Body, ConnectionBroken, look_at, receive
from services.intake.domain import Checksum, EvidenceRules, LeaseLost, Upload
from shared.core.errors import AppError, Conflict, Locked, NotFound, TooLarge
from shared.core.ids import utcnow
from shared.core.people import Caller
from shared.service import Service
from tests.intake.evidence_app import DEADLINE, EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import digest, pdf
from tests.intake.tus import ROOT, TUS, Tus
from tests.support.stage import Stage

FILE = pdf(size=2 * CHUNK + 1000)
NO_TIME = 0.0


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(8 * MIB, 20 * MIB, TYPES))
    return on


@pytest.fixture
def ani(intake: Stage) -> Caller:
    return intake.person("ani", "clerk", "kota-a")


@pytest.fixture
def tus(intake: Stage, ani: Caller) -> Tus:
    return Tus(intake.as_("ani"))


@pytest.fixture
def upload(tus: Tus) -> str:
    return tus.place("a.pdf", len(FILE)).rpartition("/")[2]


@pytest.fixture
def chunk_store(intake: Stage) -> ChunkStore:
    return ChunkStore(intake.store.db)


def leases(intake: Stage, seconds: float = 60.0) -> UploadLeases:
    return UploadLeases(intake.store.db, seconds)


def stored(intake: Stage, upload: str) -> int:
    doc = intake.db["uploads"].find_one({"_id": upload})
    assert doc is not None
    return int(doc["offset"])


def pieces(data: bytes, then: Callable[[], None] = lambda: None) -> Iterator[bytes]:
    for start in range(0, len(data), 30_000):
        yield data[start : start + 30_000]
    then()


def break_off() -> None:
    raise ConnectionBroken("gone")


def finish(intake: Stage, lease: UploadLease, chunk_store: ChunkStore, caller: Caller) -> Upload:
    return intake.run(
        commands.receive_upload, lease.upload, look_at(chunk_store, lease), utcnow(), caller=caller
    )


def test_only_one_holds_an_upload(intake: Stage, upload: str) -> None:
    with leases(intake).acquire(upload, 0) as lease:
        assert lease.upload.fence == 1
        with pytest.raises(Locked), leases(intake).acquire(upload, 0):
            pass
    with leases(intake).acquire(upload, 0) as again:
        assert again.upload.fence == 2


def test_what_is_not_there_cannot_be_held(intake: Stage) -> None:
    with pytest.raises(NotFound), leases(intake).acquire("nothing", 0):
        pass


def test_a_holder_whose_time_ran_out_acknowledges_nothing_any_more(intake: Stage, upload: str) -> None:
    with leases(intake, NO_TIME).acquire(upload, 0) as first:
        with leases(intake).acquire(upload, 0) as second:
            second.advance(10)
            with pytest.raises(LeaseLost):
                first.advance(20)
        assert stored(intake, upload) == 10


def test_a_holder_whose_time_ran_out_goes_on_when_nobody_came(intake: Stage, upload: str) -> None:
    with leases(intake, NO_TIME).acquire(upload, 0) as lease:
        lease.advance(20)
    assert stored(intake, upload) == 20


def test_a_lease_is_renewed_with_what_has_come_by_then(
    intake: Stage, upload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with leases(intake).acquire(upload, 0) as lease:
        lease.renew(10)
        assert stored(intake, upload) == 0
        monkeypatch.setattr("services.intake.blobs.leases.RENEW_SECONDS", NO_TIME)
        lease.renew(20)
        assert stored(intake, upload) == 20
        lease.renew()
        assert stored(intake, upload) == 20


def test_the_last_byte_is_acknowledged_with_the_order_to_inspect_it_only(
    intake: Stage, upload: str, chunk_store: ChunkStore, ani: Caller
) -> None:
    with leases(intake).acquire(upload, 0) as lease:
        assert receive(chunk_store, lease, Body(pieces(FILE), None)) == len(FILE)
        lease.advance(len(FILE))
        assert stored(intake, upload) == len(FILE) - 1
        assert finish(intake, lease, chunk_store, ani).state == "inspecting"
    assert stored(intake, upload) == len(FILE)


def test_a_file_is_finished_from_its_last_byte_on(
    intake: Stage, upload: str, chunk_store: ChunkStore, ani: Caller
) -> None:
    """The process died after the last byte had come and before that was written down."""
    with leases(intake).acquire(upload, 0) as lease:
        lease.advance(receive(chunk_store, lease, Body(pieces(FILE), None)))
    with leases(intake).acquire(upload, len(FILE) - 1) as lease:
        receive(chunk_store, lease, Body(pieces(FILE[-1:]), None))
        found = look_at(chunk_store, lease)
        assert (found.sha256, found.signature.type) == (digest(FILE), "pdf")
        assert finish(intake, lease, chunk_store, ani).state == "inspecting"


def test_the_time_for_files_is_held_against_the_arrival_whenever_the_last_byte_comes(
    intake: Stage, upload: str, chunk_store: ChunkStore, ani: Caller
) -> None:
    hours_later = DEADLINE + timedelta(hours=3)
    with leases(intake).acquire(upload, 0) as lease:
        receive(chunk_store, lease, Body(pieces(FILE), None))
        found = look_at(chunk_store, lease)
        late = DEADLINE + timedelta(seconds=1)
        with pytest.raises(Conflict) as refused:
            intake.run(commands.receive_upload, lease.upload, found, late, caller=ani, at=hours_later)
        assert refused.value.cause_code == "uploads-closed"
        in_time = DEADLINE + timedelta(milliseconds=999)
        done = intake.run(commands.receive_upload, lease.upload, found, in_time, caller=ani, at=hours_later)
    assert done.state == "inspecting"
    intake.store.db["jobs"].update_many({}, {"$set": {"due": utcnow()}})
    intake.run_jobs()
    (file,) = own_files(intake)
    assert file["at"] == "2100-01-01T00:00:00.999Z"


def own_files(intake: Stage) -> list[dict[str, object]]:
    answered = intake.as_("ani").get(f"{ROOT}/evidence/2026.kota-a")
    assert answered.json is not None
    return list(answered.json["items"])


def test_who_lost_the_upload_finishes_nothing(
    intake: Stage, upload: str, chunk_store: ChunkStore, ani: Caller
) -> None:
    with leases(intake, NO_TIME).acquire(upload, 0) as first:
        receive(chunk_store, first, Body(pieces(FILE), None))
        found = look_at(chunk_store, first)
        with leases(intake).acquire(upload, 0), pytest.raises(LeaseLost):
            intake.run(commands.receive_upload, first.upload, found, utcnow(), caller=ani)
    assert "file_ownerships" not in intake.state()


def test_an_upload_that_was_ended_meanwhile_finishes_nothing(
    intake: Stage, tus: Tus, upload: str, chunk_store: ChunkStore, ani: Caller
) -> None:
    with leases(intake).acquire(upload, 0) as lease:
        receive(chunk_store, lease, Body(pieces(FILE), None))
        assert tus.who.delete(f"{tus.url}/{upload}", headers=TUS).status_code == 204
        with pytest.raises(LeaseLost):
            finish(intake, lease, chunk_store, ani)


@pytest.mark.parametrize(("checked", "kept"), [(False, CHUNK + 5), (True, 0)])
def test_a_broken_part_is_kept_unless_it_has_a_checksum(
    intake: Stage, upload: str, chunk_store: ChunkStore, checked: bool, kept: int
) -> None:
    checksum = Checksum("sha256", sha256(FILE).digest()) if checked else None
    with leases(intake).acquire(upload, 0) as lease, pytest.raises(ConnectionBroken):
        receive(chunk_store, lease, Body(pieces(FILE[: CHUNK + 5], break_off), checksum))
    assert stored(intake, upload) == kept


def test_a_broken_part_that_had_all_bytes_leaves_one_to_send(
    intake: Stage, upload: str, chunk_store: ChunkStore
) -> None:
    with leases(intake).acquire(upload, 0) as lease, pytest.raises(ConnectionBroken):
        receive(chunk_store, lease, Body(pieces(FILE, break_off), None))
    assert stored(intake, upload) == len(FILE) - 1


def test_more_bytes_than_promised_are_not_written(
    intake: Stage, upload: str, chunk_store: ChunkStore
) -> None:
    with leases(intake).acquire(upload, 0) as lease, pytest.raises(TooLarge):
        receive(chunk_store, lease, Body(pieces(FILE + b"x"), None))
    assert stored(intake, upload) == 0


def test_a_late_writer_writes_over_nobody(chunk_store: ChunkStore) -> None:
    chunk_store.put("u", 0, 2, b"new")
    with pytest.raises(LeaseLost):
        chunk_store.put("u", 0, 1, b"old")
    assert chunk_store.get("u", 0) == b"new"


def test_a_file_can_be_sought_in_like_any_other(chunk_store: ChunkStore) -> None:
    for n, start in enumerate(range(0, len(FILE), CHUNK)):
        chunk_store.put("u", n, 1, FILE[start : start + CHUNK])
    with chunk_store.open("u", len(FILE)) as file:
        assert (file.read(5), file.tell()) == (FILE[:5], 5)
        for where, whence, at in ((CHUNK - 3, 0, CHUNK - 3), (-10, 2, len(FILE) - 10), (0, 0, 0)):
            assert file.seek(where, whence) == at
            assert file.read(100) == FILE[at : at + 100]
        file.seek(0)
        assert file.read() == FILE
        assert file.read() == b""
        with pytest.raises(ValueError, match="before the beginning"):
            file.seek(-1)


def test_bytes_that_are_not_there_are_never_made_up(chunk_store: ChunkStore) -> None:
    chunk_store.put("u", 0, 1, b"short")
    with pytest.raises(EOFError):
        list(chunk_store.read("u", 0, 6))
    with pytest.raises(AppError):
        list(chunk_store.read("nobody", 0, 6))
