"""What the ministry sees of a cycle: every submission with the indices of its stages."""

from collections.abc import Sequence

from services.scoring.domain import Score, ScoredCase, StageIndex, score_id
from services.scoring.store.scores import SUMMARY
from shared.instrument.model.activities import STAGES
from shared.storage.documents import from_document
from shared.storage.reader import Doc, Reader

_STAGE = {name: f"${name}" for name in ("index", "exact", "predicate")}


def list_cases(reader: Reader, cycle: str) -> list[ScoredCase]:
    """Every submission of a cycle of which something is scored; as many questions for many as for few."""
    pipeline: Sequence[Doc] = (
        {"$match": {"basis.cycle": cycle}},
        {"$project": dict.fromkeys(SUMMARY, 1)},
        {
            "$group": {
                "_id": "$basis.submission",
                "agency": {"$first": "$basis.agency"},
                "edition": {"$first": "$basis.edition"},
                "name": {"$last": "$agency_name"},
                "stages": {"$push": {"stage": "$basis.stage", **_STAGE}},
            }
        },
    )
    docs = reader.aggregate("scores", pipeline)
    decided = reader.find("results", {"cycle": cycle}, fields=("published_at", "decisions.what"))
    agencies = reader.find("agencies", {"_id": {"$in": [doc["agency"] for doc in docs]}}, fields=("group",))
    states = {doc["_id"]: doc for doc in decided}
    groups = {doc["_id"]: doc["group"] for doc in agencies}
    return [_case(doc, groups.get(doc["agency"], ""), states.get(doc["_id"])) for doc in docs]


def _case(doc: Doc, group: str, result: Doc | None) -> ScoredCase:
    stages = {row["stage"]: from_document(StageIndex, row) for row in doc["stages"]}
    known = {"group": group, "stages": stages, **({"state": _state(result)} if result else {})}
    return from_document(ScoredCase, {**doc, **known})


def _state(result: Doc) -> str:
    return "published" if result["published_at"] else "approved" if result["decisions"] else "computed"


def find_scores(reader: Reader, submission: str) -> dict[str, Score]:
    """The scores of a submission with their nodes, by stage."""
    ids = [score_id(submission, stage) for stage in STAGES]
    docs = reader.find("scores", {"_id": {"$in": ids}})
    return {doc["basis"]["stage"]: from_document(Score, doc) for doc in docs}
