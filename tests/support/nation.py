"""A country's worth of data in intake: one agency's round played through the commands, copied for all others."""

from datetime import datetime
from typing import Any

from services.intake import commands
from services.intake.domain import FileOwnership, Participation
from services.intake.schemas import AgencyInput, AnswerInput, CommentInput, CycleInput
from services.intake.store import save_ownership
from shared.core.people import Caller, Grant
from shared.instrument import shipped
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction
from tests.intake.files import digest
from tests.intake.rounds import MINISTER, agency, cycle
from tests.support.stage import Stage

EDITION = "spbe-59-2020"
CYCLE = "2026"
FIRST = "kota-0000"
WORDS = (
    "Peraturan Wali Kota Nomor 12 Tahun 2025 tentang penyelenggaraan pemerintahan berbasis elektronik. " * 8
)
OF_AGENCY = (
    "agencies",
    "participations",
    "answers",
    "answer_versions",
    "file_ownerships",
    "comments",
    "heads",
    "audit",
    "people",
)
"""The collections in which an agency has documents of its own."""
IDLE = ("agencies", "participations", "people")


def id_of(number: int) -> str:
    """The id of an agency of the nation, of the same length for each."""
    return f"kota-{number:04}"


def settle(
    stage: Stage, agencies: int, files: int = 2, comments: int = 1, people: int = 1, idle: bool = False
) -> None:
    """Have so many agencies answer everything, with so many files and comments at each indicator.

    `idle`: all but the first have done nothing yet.
    """
    stage.run(_open, caller=MINISTER)
    stage.person("minister", "ministry")
    for number in range(people):
        stage.person(f"officer-{number}-{FIRST}", "officer", FIRST)
    officer = Caller("", "", f"p-officer-0-{FIRST}", (Grant("officer", FIRST),))
    for code in shipped(EDITION).codes:
        stage.run(_answer, code, files, comments, caller=officer)
    first = {
        name: [doc for doc in stage.db[name].find() if FIRST in repr(doc)]
        for name in (IDLE if idle else OF_AGENCY)
    }
    for number in range(1, agencies):
        for name, docs in first.items():
            if docs:
                stage.db[name].insert_many([_of(doc, id_of(number)) for doc in docs], ordered=False)


def _open(tx: Transaction) -> None:
    commands.load_edition(tx, shipped(EDITION))
    commands.publish_edition(tx, EDITION)
    rules = {"max_file_bytes": 8_000_000, "quota_bytes": 2_000_000_000, "types": ["pdf", "image"]}
    commands.set_cycle(tx, CycleInput().load(cycle(edition=EDITION, evidence=rules)).of(CYCLE))
    commands.open_cycle(tx, CYCLE)
    commands.set_agency(tx, AgencyInput().load(agency(f"Pemerintah {FIRST}")).of(FIRST))
    commands.set_participation(tx, Participation(f"{CYCLE}.{FIRST}", CYCLE, FIRST, "monitoring", visit=False))


def _answer(tx: Transaction, code: str, files: int, comments: int) -> None:
    id = f"{CYCLE}.{FIRST}"
    evidence = [_exhibit(code, number) for number in range(files)]
    sent = {"value": 3, "facts": WORDS, "analysis": WORDS, "evidence": evidence}
    draft = AnswerInput().load(sent)
    commands.save_answer(tx, draft.of(id, code), draft.value, 0)
    for exhibit in evidence:
        save_ownership(tx, _ownership(exhibit, tx.now))
    for number in range(comments):
        said = CommentInput().load({"indicator": code, "text": f"Catatan {number}: {WORDS[:200]}"})
        commands.add_comment(tx, id, said, f"catatan-{code}-{number}")


def _exhibit(code: str, number: int) -> Doc:
    name = f"lampiran-{code}-{number}.pdf"
    return {"sha256": digest(f"{FIRST} {name}".encode()), "name": name, "size": 120_000}


def _ownership(exhibit: Doc, at: datetime) -> FileOwnership:
    return FileOwnership(FIRST, exhibit["sha256"], exhibit["size"], "pdf", exhibit["name"], at, (CYCLE,), 12)


def _of(doc: Doc, agency: str) -> Doc:
    """A document of the first agency as another one's."""
    of_other: Doc = _renamed(doc, agency)
    return of_other if of_other["_id"] != doc["_id"] else {**of_other, "_id": f"{doc['_id']}-{agency[-4:]}"}


def _renamed(value: Any, agency: str) -> Any:
    if isinstance(value, str):
        return value.replace(FIRST, agency)
    if isinstance(value, dict):
        return {_renamed(key, agency): _renamed(each, agency) for key, each in value.items()}
    return [_renamed(each, agency) for each in value] if isinstance(value, list) else value
