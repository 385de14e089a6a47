"""A round in intake, made and played through its blueprints: two agencies, their people, a small edition."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from services.intake import commands
from services.intake.domain import AnswerDraft, Participation
from services.intake.domain.discarded import TAKE_BACK
from services.intake.schemas import AgencyInput, AnswerInput, CycleInput
from services.intake.sweeps import evidence as sweeps
from shared.core.ids import utcnow
from shared.core.people import AGENCY_ROLES, Caller, Grant
from shared.instrument import load
from shared.storage.transaction import Transaction
from tests.instrument.builders import WITH_TEXTS, changed
from tests.intake.files import digest, pdf
from tests.intake.tus import ROOT, Tus
from tests.support.stage import Requests, Stage

OPENS = datetime(2021, 1, 1, tzinfo=UTC)
DEADLINE = datetime(2100, 1, 1, tzinfo=UTC)
BYTES_UNTIL = DEADLINE + timedelta(days=14)
SMALL = changed(WITH_TEXTS)
CODES = ("1", "2", "3", "4-1")
A, B = "2026.kota-a", "2026.kota-b"
FILE = pdf("Peraturan", 3000)
SECOND = pdf("Laporan", 500)

Json = dict[str, Any]


def cycle(**changes: Any) -> Json:
    """What a cycle is planned with."""
    rules = {"max_file_bytes": 8_000_000, "quota_bytes": 20_000_000, "types": ["pdf", "image"]}
    return {
        "title": "Putaran 2026",
        "edition": "small-1",
        "opens": OPENS.isoformat(),
        "deadline": DEADLINE.isoformat(),
        "bytes_until": BYTES_UNTIL.isoformat(),
        "evidence": rules,
        **changes,
    }


def agency(name: str = "Kota A", **changes: Any) -> Json:
    """What an agency is set with."""
    return {"name": name, "group": "Kota", "since": "2001-01-01T00:00:00Z", **changes}


def answer(value: Any = 2, **changes: Any) -> Json:
    """What an answer is saved with."""
    return {"value": value, "facts": "Peraturan 1/2020, pasal 3", "analysis": "Sesuai", **changes}


def exhibit(data: bytes = FILE, name: str = "peraturan.pdf") -> Json:
    """A file that an answer rests on."""
    return {"sha256": digest(data), "name": name, "size": len(data)}


def problem(answered: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal, which must be a problem document that says what to do."""
    assert answered.content_type.startswith("application/problem+json"), answered.text
    assert answered.json is not None
    assert len(answered.json["detail"]) > 10
    return answered.status_code, answered.json["code"]


def good(answered: TestResponse, status: int = 200) -> Any:
    """The content of an answer with this status."""
    assert answered.status_code == status, answered.text
    return answered.json


def keep_unlinked_no_longer(stage: Stage) -> None:
    """Let the time be over in which what was unlinked may be taken back, and its bytes go."""
    stage.db["released_files"].update_many({}, {"$set": {"since": utcnow() - TAKE_BACK}})
    sweeps.release_files(stage.store)


@dataclass
class Round:
    """A stage of intake with its people: `minister`, and ROLE-a, ROLE-b for the two agencies' roles."""

    stage: Stage

    def as_(self, name: str | None) -> Requests:
        """A client in somebody's name."""
        return self.stage.as_(name)

    def put(self, name: str, path: str, body: Json, rev: int | None = None, status: int = 200) -> Any:
        """PUT in somebody's name."""
        return good(self.put_raw(name, path, body, rev), status)

    def put_raw(self, name: str, path: str, body: Json, rev: int | None = None) -> TestResponse:
        """PUT in somebody's name, whatever comes of it."""
        headers = {} if rev is None else {"If-Match": f'"{rev}"'}
        return self.as_(name).put(f"{ROOT}{path}", json=body, headers=headers)

    def post(self, name: str, path: str, body: Json | None = None, status: int = 200) -> Any:
        """POST in somebody's name."""
        return good(self.as_(name).post(f"{ROOT}{path}", json=body), status)

    def get(self, name: str, path: str) -> Any:
        """GET in somebody's name."""
        return good(self.as_(name).get(f"{ROOT}{path}"))

    def load_edition(self, text: str = SMALL) -> None:
        """Load an edition and publish it."""
        loaded = self.post("minister", "/editions", {"yaml": text}, 201)
        self.post("minister", f"/editions/{loaded['id']}/publish")

    def open(self, **changes: Any) -> None:
        """Edition, agencies, cycle, participations, in one transaction: agencies may answer."""
        self.stage.run(_open, {"edition": "small-1", **changes}, caller=MINISTER)

    def another_cycle(self, id: str = "2027") -> str:
        """Open another cycle for the first agency; gives the participation."""
        self.put("minister", f"/cycles/{id}", cycle(), status=201)
        self.post("minister", f"/cycles/{id}/open")
        taking = {"activity": "monitoring", "visit": False}
        made = self.put("minister", f"/participations/{id}.kota-a", taking, status=201)
        return str(made["id"])

    def answer_all(self, id: str = A, evidence: Mapping[str, list[Json]] | None = None) -> None:
        """Answer every indicator, in one transaction; `evidence` by indicator."""
        clerk = Caller("", "", f"p-clerk-{id[-1]}", (Grant("clerk", id.partition(".")[2]),))
        self.stage.run(_answer_all, id, evidence or {}, caller=clerk)

    def order(self, id: str = A) -> Json:
        """A seal for exactly what is saved."""
        shown = self.get(f"officer-{id[-1]}", f"/self-assessments/{id}")
        answers = [
            {
                "indicator": saved["indicator"],
                "value": saved["value"],
                "evidence": [each["sha256"] for each in saved["evidence"]],
                "rev": saved["rev"],
            }
            for saved in shown["answers"]
        ]
        files = [{key: file[key] for key in ("sha256", "name", "size")} for file in shown["files"]]
        return {"manifest": {"answers": answers, "files": files}, "minutes": MINUTES, "consent": CONSENT}

    def seal_raw(self, order: Json, id: str = A, key: str = "key-1", who: str = "officer") -> TestResponse:
        """Seal, whatever comes of it."""
        path = f"{ROOT}/self-assessments/{id}/seal"
        return self.as_(f"{who}-{id[-1]}").post(path, json=order, headers={"Idempotency-Key": key})

    def seal(self, id: str = A) -> Json:
        """Seal what is saved; gives submission, receipt and proofs_url."""
        sealed: Json = good(self.seal_raw(self.order(id), id), 201)
        return sealed

    def begin_upload(self, who: str, id: str = A) -> TestResponse:
        """Begin to send a file, whatever comes of it."""
        return Tus(self.as_(who), id).begin("peraturan.pdf", 100)

    def upload(self, data: bytes, name: str = "peraturan.pdf", id: str = A) -> TestResponse:
        """Send a whole file."""
        tus = Tus(self.as_(f"clerk-{id[-1]}"), id)
        return tus.patch(tus.place(name, len(data), sha256=digest(data)), 0, data)


MINUTES = {
    "number": "BA-7/2026",
    "date": "2026-07-01",
    "place": "Kota A",
    "coordinator_name": "Sekretaris Daerah",
    "coordinator_position": "Koordinator SPBE",
}
CONSENT = {"publication": True, "name": "Sekretaris Daerah", "position": "Koordinator SPBE"}


MINISTER = Caller("", "", "p-minister", (Grant("ministry"),))


def _open(tx: Transaction, changes: Json) -> None:
    commands.load_edition(tx, load(SMALL))
    commands.publish_edition(tx, "small-1")
    commands.set_cycle(tx, CycleInput().load(cycle(**changes)).of("2026"))
    commands.open_cycle(tx, "2026")
    for id in ("kota-a", "kota-b"):
        commands.set_agency(tx, AgencyInput().load(agency(id)).of(id))
        commands.set_participation(tx, Participation(f"2026.{id}", "2026", id, "monitoring", visit=False))


def _answer_all(tx: Transaction, id: str, evidence: Mapping[str, list[Json]]) -> None:
    for code in CODES:
        draft: AnswerDraft = AnswerInput().load(answer(2, evidence=evidence.get(code, [])))
        commands.save_answer(tx, draft.of(id, code), draft.value, 0)


def people(stage: Stage) -> None:
    """Everybody of a round, a known machine, and a stranger whom only the identity provider knows."""
    stage.person("minister", "ministry")
    stage.person("robot", "machine")
    for role in AGENCY_ROLES:
        for letter in "ab":
            stage.person(f"{role}-{letter}", role, f"kota-{letter}")
