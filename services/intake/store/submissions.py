"""Sealed submissions, which stand for ever, and apart from each how its files come, which changes."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pymongo import IndexModel

from services.intake.domain import Answer, SealedAnswer, Submission, answer_id
from services.intake.store.clarifications import list_answers_naming
from shared.core.settings import Settings
from shared.storage.documents import from_document, to_document
from shared.storage.mongo import Store
from shared.storage.reader import Doc, Reader
from shared.storage.rights import APPEND, Right
from shared.storage.transaction import Transaction

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "submissions": (
        IndexModel([("participation", 1), ("version", 1)], unique=True),
        IndexModel([("cycle", 1), ("sealed_at", 1)]),
    ),
    "completions": (IndexModel([("completed_at", 1), ("bytes_until", 1)]),),
}
RIGHTS: Mapping[str, Right] = {"submissions": APPEND}

_CHANGING = ("bytes_until", "completed_at", "missing", "replacements")
"""What of a submission is kept as its completion."""


def find_submission(reader: Reader, id: str) -> Submission | None:
    """A submission, as it was sealed and as far as it has come, or None."""
    sealed, completion = reader.get("submissions", id), reader.get("completions", id)
    return from_document(Submission, {**sealed, **completion}) if sealed and completion else None


def require_submission(reader: Reader, id: str) -> Submission:
    """A submission that must be there, since a participation names it."""
    found = find_submission(reader, id)
    if found is None:
        raise LookupError(f"submission {id} is named and not kept")
    return found


def add_submission(tx: Transaction, submission: Submission) -> Submission:
    """Keep what was sealed for ever, and how its files come; gives it with its `rev`."""
    sealed = to_document(submission)
    tx.insert("submissions", {name: value for name, value in sealed.items() if name not in _CHANGING})
    return save_completion(tx, submission)


def save_completion(tx: Transaction, submission: Submission) -> Submission:
    """Keep until when the files of a submission may come, and which are missing; gives it with its new `rev`."""
    doc = to_document(submission)
    stored = tx.put("completions", {"_id": submission.id, **{name: doc[name] for name in _CHANGING}})
    return replace(submission, rev=stored["rev"])


def get_sealed_answers(
    reader: Reader, submission: Submission, codes: Container[str] | None = None
) -> dict[str, Answer]:
    """The answers as they were sealed, their explanations included, by indicator; all, or those of some codes."""
    ids = {
        f"{answer_id(submission.participation, answer.indicator)}.{answer.rev}": answer
        for answer in submission.answers
        if codes is None or answer.indicator in codes
    }
    given = {id for id, answer in ids.items() if answer.rev == 0}
    rows = {
        row["_id"]: row for row in reader.find("answer_versions", {"_id": {"$in": [*ids.keys() - given]}})
    }
    return {
        answer.indicator: _unwritten(submission, answer) if id in given else _sealed(rows[id], answer)
        for id, answer in ids.items()
    }


def _sealed(row: Doc, answer: SealedAnswer) -> Answer:
    """A saved answer with the value that was sealed, which nobody types where it is given."""
    return replace(from_document(Answer, row), value=answer.value)


def _unwritten(submission: Submission, answer: SealedAnswer) -> Answer:
    id = answer_id(submission.participation, answer.indicator)
    return Answer(id, submission.participation, answer.indicator, answer.value, "", "")


def list_naming(reader: Reader, participations: Sequence[str], sha256: str) -> list[str]:
    """Which answers and submissions below these participations name a file, as "answer ID" and so on."""
    within = {"participation": {"$in": list(participations)}}
    answers = reader.find("answers", {**within, "evidence.sha256": sha256}, [("_id", 1)], fields=["_id"])
    sealed = reader.find("submissions", {**within, "files.sha256": sha256}, [("_id", 1)], fields=["_id"])
    own = reader.find("submissions", within, fields=["_id"])
    instead = {"_id": {"$in": [row["_id"] for row in own]}, "replacements.by": sha256}
    sealed += reader.find("completions", instead, [("_id", 1)], fields=["_id"])
    named = [f"answer {row['_id']}" for row in answers] + [f"submission {row['_id']}" for row in sealed]
    return named + list_answers_naming(reader, participations, sha256)


def count_seals(reader: Reader, cycle: str) -> list[tuple[datetime, int]]:
    """On which days of WIB there were how many seals in a cycle, the earliest first."""
    day = {"$dateTrunc": {"date": "$sealed_at", "unit": "day", "timezone": "+07:00"}}
    pipeline: list[Mapping[str, object]] = [
        {"$match": {"cycle": cycle}},
        {"$group": {"_id": day, "count": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]
    return [(row["_id"], row["count"]) for row in reader.aggregate("submissions", pipeline)]


def list_overdue(reader: Reader, until: datetime, limit: int) -> list[str]:
    """The ids of submissions not completed whose time for bytes was over before that moment."""
    where = {"completed_at": None, "bytes_until": {"$lt": until}}
    return [row["_id"] for row in reader.find("completions", where, [("bytes_until", 1)], limit, ["_id"])]


def split_submissions(settings: Settings, store: Store) -> None:
    """Give the submissions of Nilai 0.2, each all in one document, their completions; again is harmless."""
    changing = dict.fromkeys((*_CHANGING, "rev"), 1)
    older = {"$match": {"bytes_until": {"$exists": True}}}
    store.db["submissions"].aggregate(
        [older, {"$project": changing}, {"$merge": {"into": "completions", "whenMatched": "keepExisting"}}]
    )
