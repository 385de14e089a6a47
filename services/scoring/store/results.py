"""Results: each names its score, which is kept apart and never changes."""

from collections.abc import Collection, Iterable, Sequence

from services.scoring.domain import FINAL, Result, ResultFilter, score_id
from services.scoring.store.scores import SUMMARY, matching
from shared.storage import documents
from shared.storage.reader import Doc, Page, Reader
from shared.storage.transaction import Transaction


def find_result(reader: Reader, submission: str) -> Result | None:
    """The result of a submission, or None while its review goes on."""
    doc = reader.get("results", submission)
    score = reader.get("scores", score_id(submission, FINAL))
    return _result(doc, score) if doc and score else None


def list_results(reader: Reader, wanted: ResultFilter, after: str | None, limit: int) -> Page[Result]:
    """The results that are wanted, by id, after that id, without their nodes."""
    where = matching(wanted.agencies, {"cycle": wanted.cycle}, after)
    if wanted.published:
        where["published_at"] = {"$ne": None}
    docs = reader.find_page("results", where, [("_id", 1)], limit)
    return Page(_without_nodes(reader, docs.rows), docs.more)


def find_results(reader: Reader, submissions: Collection[str]) -> dict[str, Result]:
    """The results of submissions, as far as there are, without their nodes, by submission."""
    docs = reader.find("results", {"_id": {"$in": list(submissions)}})
    return {result.id: result for result in _without_nodes(reader, docs)}


def save_result(tx: Transaction, result: Result) -> Result:
    """Keep a result; gives it as stored."""
    score = result.score
    keys = {"cycle": score.basis.cycle, "agency": score.basis.agency, "score": score.id}
    return documents.save(tx, "results", result, _id=result.id, **keys)


def _without_nodes(reader: Reader, docs: Sequence[Doc]) -> list[Result]:
    scores = _score_summaries(reader, (doc["score"] for doc in docs))
    return [_result(doc, scores[doc["score"]]) for doc in docs]


def _score_summaries(reader: Reader, ids: Iterable[str]) -> dict[str, Doc]:
    docs = reader.find("scores", {"_id": {"$in": list(ids)}}, fields=SUMMARY)
    return {doc["_id"]: doc for doc in docs}


def _result(doc: Doc, score: Doc) -> Result:
    return documents.from_document(Result, {**doc, "score": score})
