"""The virus scanner: a real clamd with a signature of our own."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.intake.apart.process import Bounds
from services.intake.domain import EvidenceRules
from services.intake.domain.inspection import Mark
from services.intake.inspection.scanning import Scanner, ScannerAway
from services.intake.jobs import InspectionJob, jobs_of
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import archive, digest, pdf
from tests.intake.tus import ROOT, Tus
from tests.support.stage import Stage

VIRUS = b"NILAI-TEST-VIRUS"
TOO_MUCH = Mark("not-scanned", "it is larger, or nested deeper, than the scanner looks")
CONFIGURATION = """DatabaseDirectory {home}
LocalSocket {home}/clamd.sock
TCPSocket {port}
TCPAddr 127.0.0.1
Foreground yes
User root
StreamMaxLength 2M
AlertExceedsMax {alert}
"""


@contextmanager
def clamd(home: Path, alert: str = "yes") -> Iterator[int]:
    """A clamd that knows one signature; gives its port, its socket is `clamd.sock`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (home / "nilai.ndb").write_text(f"Nilai.Test:0:*:{VIRUS.hex()}\n")
    (home / "clamd.conf").write_text(CONFIGURATION.format(home=home, port=port, alert=alert))
    command = ["/usr/sbin/clamd", "-c", str(home / "clamd.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not _answers(port):
                assert process.poll() is None
            yield port
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as line:
        if line.connect_ex(("127.0.0.1", port)) == 0:
            return True
    return threading.Event().wait(0.05)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clamd")


@pytest.fixture(scope="module")
def port(home: Path) -> Iterator[int]:
    with clamd(home) as found:
        yield found


def pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), 100_000):
        yield data[start : start + 100_000]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"harmless", None),
        (pdf() + VIRUS, Mark("file-infected", "Nilai.Test.UNOFFICIAL")),
        (archive({"a.txt": VIRUS}, packed=8), Mark("file-infected", "Nilai.Test.UNOFFICIAL")),
        (bytes(3 * MIB), TOO_MUCH),
        (bytes(30 * MIB), TOO_MUCH),
    ],
)
def test_a_scanner_says_what_it_found_and_what_it_did_not_look_at(
    port: int, data: bytes, said: Mark | None
) -> None:
    assert Scanner(f"127.0.0.1:{port}").scan(pieces(data)) == said


def test_a_scanner_is_reached_by_its_socket_too(home: Path, port: int) -> None:
    assert Scanner(str(home / "clamd.sock")).scan([VIRUS]) == Mark("file-infected", "Nilai.Test.UNOFFICIAL")


def test_a_scanner_that_keeps_its_limits_to_itself_is_not_believed(tmp_path: Path) -> None:
    with clamd(tmp_path, alert="no") as port, pytest.raises(ScannerAway, match="AlertExceedsMax yes"):
        Scanner(f"127.0.0.1:{port}").scan([b"harmless"])


@contextmanager
def answering(reply: bytes) -> Iterator[str]:
    """Something that is no clamd: it gives one answer to everybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.recv(10)
                line.sendall(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    "reply", [b"", b"stream: Can't allocate memory ERROR\0", b"HTTP/1.1 400 Bad Request\0"]
)
def test_what_is_no_answer_of_a_scanner_is_none(reply: bytes) -> None:
    with answering(reply) as address, pytest.raises(ScannerAway):
        Scanner(address, _believed=True).scan([b"x"])


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(ScannerAway, match="does not answer"):
        Scanner("127.0.0.1:1").scan([b"x"])


@pytest.fixture
def intake(stage: Callable[[Service], Stage], port: int) -> Stage:
    on = stage(EVIDENCE)
    on.jobs = jobs_of(InspectionJob(Bounds(), Scanner(f"127.0.0.1:{port}")))
    on.run(open_round, EvidenceRules(8 * MIB, 20 * MIB, TYPES))
    on.person("ani", "clerk", "kota-a")
    on.person("budi", "clerk", "kota-b")
    return on


def state(on: Stage, name: str, participation: str = "2026.kota-a") -> dict[str, object]:
    """How the last upload is."""
    uploads = on.as_(name).get(f"{ROOT}/uploads/{participation}").json["items"]  # type: ignore[index]
    last: dict[str, object] = uploads[-1]
    return last


def test_an_infected_file_is_refused_by_the_name_of_what_was_found(intake: Stage) -> None:
    infected = pdf(VIRUS.decode())
    assert Tus(intake.as_("ani")).send("a.pdf", infected).status_code == 204
    assert state(intake, "ani")["refusal"] == {
        "code": "file-infected",
        "detail": "'a.pdf' was refused: by its content it is a PDF, and the virus scanner found Nilai.Test.UNOFFICIAL.",
    }
    assert intake.as_("ani").get(f"{ROOT}/evidence/2026.kota-a/{digest(infected)}").status_code == 404


def test_what_the_scanner_did_not_look_through_says_so(intake: Stage) -> None:
    Tus(intake.as_("ani")).send("a.pdf", pdf(size=3 * MIB))
    assert [each["code"] for each in state(intake, "ani")["findings"]] == ["not-scanned"]  # type: ignore[attr-defined]


def test_a_file_waits_while_the_scanner_is_away_and_is_scanned_when_it_is_back(intake: Stage) -> None:
    back = intake.jobs
    intake.jobs = jobs_of(InspectionJob(Bounds(), Scanner("127.0.0.1:1")))
    Tus(intake.as_("ani")).send("a.pdf", pdf())
    assert state(intake, "ani")["state"] == "inspecting"
    (row,) = intake.store.db["jobs"].find()
    assert (row["state"], row["error"].startswith("clamd at 127.0.0.1:1 does not answer")) == ("retry", True)
    intake.store.db["jobs"].update_one({}, {"$set": {"due": row["due"].replace(year=2020)}})
    intake.jobs = back
    intake.run_jobs()
    assert state(intake, "ani")["state"] == "done"


def test_bytes_are_scanned_once_and_take_as_long_again(intake: Stage) -> None:
    Tus(intake.as_("ani")).send("a.pdf", pdf())
    examined = intake.store.db["blobs"].find_one({})["examined"]  # type: ignore[index]
    assert examined["scanned"] is True
    intake.jobs = jobs_of(InspectionJob(Bounds(memory=1), Scanner("127.0.0.1:1")))
    began = time.monotonic()
    Tus(intake.as_("budi"), "2026.kota-b").send("b.pdf", pdf())
    assert time.monotonic() - began >= examined["seconds"]
    assert state(intake, "budi", "2026.kota-b")["state"] == "done"
