"""Questions of the assessors to an agency, and the answers, of which every version stands for ever."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from services.intake.domain.awaited import StageQuestions
from services.intake.domain.clarification_answers import ClarificationAnswer
from services.intake.domain.clarifications import Clarification
from shared.storage import documents
from shared.storage.documents import from_document, to_document
from shared.storage.reader import Doc, Page, Reader
from shared.storage.rights import APPEND, Right
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "clarifications": (
        IndexModel([("participation", 1), ("_id", 1)]),
        IndexModel([("cycle", 1)]),
    ),
    "clarification_answers": (IndexModel([("participation", 1)]), IndexModel([("submission", 1)])),
    "clarification_answer_versions": (),
}
RIGHTS: Mapping[str, Right] = {"clarification_answer_versions": APPEND}


def find_clarification(reader: Reader, id: str) -> Clarification | None:
    """A question by its id."""
    row = reader.get("clarifications", id)
    return from_document(Clarification, row) if row else None


def list_clarifications(
    reader: Reader, participation: str, after: str | None, limit: int
) -> Page[Clarification]:
    """The questions of a participation by id, after that id."""
    where = {"participation": participation, **({"_id": {"$gt": after}} if after else {})}
    rows = reader.find_page("clarifications", where, [("_id", 1)], limit)
    return rows.map(lambda row: from_document(Clarification, row))


def list_stage_questions(reader: Reader, cycle: str) -> list[StageQuestions]:
    """The questions of a cycle that were answered or can be, by participation and stage."""
    is_answered = {"$ne": ["$answered_at", None]}
    in_time = {"$gte": ["$until", reader.now.replace(microsecond=0)]}
    pipeline: list[Doc] = [
        {"$match": {"cycle": cycle, "$or": [{"withdrawn_at": None}, {"answered_at": {"$ne": None}}]}},
        {
            "$group": {
                "_id": {"participation": "$participation", "stage": "$stage"},
                "is_open": {"$max": {"$and": [{"$not": [is_answered]}, in_time]}},
                "is_answered": {"$max": is_answered},
            }
        },
    ]
    rows = reader.aggregate("clarifications", pipeline)
    return [StageQuestions(**row.pop("_id"), **row) for row in rows]


def save_clarification(tx: Transaction, clarification: Clarification) -> Clarification:
    """Keep a question; gives it with its `rev`."""
    return documents.save(tx, "clarifications", clarification)


def find_clarification_answer(reader: Reader, id: str) -> ClarificationAnswer | None:
    """The answer to a question, as it was saved last."""
    row = reader.get("clarification_answers", id)
    return from_document(ClarificationAnswer, row) if row else None


def find_clarification_answers(reader: Reader, participation: str) -> dict[str, ClarificationAnswer]:
    """The answers of a participation by question."""
    rows = reader.find("clarification_answers", {"participation": participation}, [("_id", 1)])
    return {row["_id"]: from_document(ClarificationAnswer, row) for row in rows}


def save_clarification_answer(tx: Transaction, answer: ClarificationAnswer) -> ClarificationAnswer:
    """Keep an answer, and this version of it for ever."""
    saved = documents.save(tx, "clarification_answers", answer)
    tx.append("clarification_answer_versions", to_document(saved) | {"_id": f"{saved.id}.{saved.rev}"})
    return saved


def find_sent_name(reader: Reader, submission: str, sha256: str) -> str | None:
    """Under which name an answer that was sent names a file; None where none does."""
    where = {"submission": submission, "evidence.sha256": sha256, "sent_at": {"$ne": None}}
    rows = reader.find("clarification_answers", where, [("_id", 1)], 1, ["evidence"])
    return next((each["name"] for row in rows for each in row["evidence"] if each["sha256"] == sha256), None)


def list_answers_naming(reader: Reader, participations: Sequence[str], sha256: str) -> list[str]:
    """Which answers to questions below these participations name a file, as "answer to question ID"."""
    where = {"participation": {"$in": list(participations)}, "evidence.sha256": sha256}
    rows = reader.find("clarification_answers", where, [("_id", 1)], fields=["_id"])
    return [f"answer to question {row['_id']}" for row in rows]
