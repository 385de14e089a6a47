"""Cases, what the agency handed in for them, and how their stages ended."""

from collections.abc import Iterable

from services.review.domain import Case, CaseFilter, CompletedStage, Material, StageCount
from shared.storage.documents import from_document, save, to_document
from shared.storage.reader import Doc, Page, Reader
from shared.storage.transaction import Transaction


def find_case(reader: Reader, id: str) -> Case | None:
    """A case by its id, which is its submission's."""
    doc = reader.get("cases", id)
    return from_document(Case, doc) if doc else None


def require_case(reader: Reader, id: str) -> Case:
    """The case of a task, which has one for sure."""
    case = find_case(reader, id)
    assert case is not None, f"no case {id}"
    return case


def find_cases(reader: Reader, ids: Iterable[str]) -> dict[str, Case]:
    """The cases of these ids, by id."""
    docs = reader.find("cases", {"_id": {"$in": sorted(ids)}})
    return {doc["_id"]: from_document(Case, doc) for doc in docs}


def list_cases(reader: Reader, wanted: CaseFilter, after: str | None, limit: int) -> Page[Case]:
    """The cases that match, by id, after that id."""
    equal = {"cycle": wanted.cycle, "state": wanted.state, "assessors": wanted.assessor}
    where: Doc = {name: value for name, value in equal.items() if value is not None}
    if wanted.stage is not None:
        where["stage"] = wanted.stage
    only = {} if wanted.agencies is None else {"$in": sorted(wanted.agencies)}
    where["agency"] = {"$nin": sorted(wanted.barred), **only}
    if after:
        where["_id"] = {"$gt": after}
    return reader.find_page("cases", where, [("_id", 1)], limit).map(lambda doc: from_document(Case, doc))


def list_stage_counts(reader: Reader, cycle: str) -> list[StageCount]:
    """How many cases of a cycle are in each stage, of each activity of each edition."""
    alike = {name: f"${name}" for name in ("stage", "activity", "edition", "edition_hash")}
    pipeline: list[Doc] = [
        {"$match": {"cycle": cycle}},
        {"$group": {"_id": alike, "count": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]
    return [StageCount(count=row["count"], **row["_id"]) for row in reader.aggregate("cases", pipeline)]


def save_case(tx: Transaction, case: Case) -> Case:
    """Keep a case; gives it as stored."""
    return save(tx, "cases", case, state=case.state)


def require_material(reader: Reader, case: str) -> Material:
    """What the agency handed in for a case, which is kept from its opening on."""
    doc = reader.get("materials", case)
    assert doc is not None, f"no material of case {case}"
    return from_document(Material, doc)


def add_material(tx: Transaction, case: str, material: Material) -> None:
    """Keep what the agency handed in, apart from the case, which changes often."""
    tx.insert("materials", to_document(material, _id=case))


def list_completed_stages(reader: Reader, case: str) -> list[CompletedStage]:
    """How the stages of a case ended so far, in order."""
    docs = reader.find("completed_stages", {"case": case}, [("number", 1)])
    return [from_document(CompletedStage, doc) for doc in docs]


def find_last_stage(reader: Reader, case: str) -> CompletedStage:
    """How the last completed stage of a case ended; the agency's own is one from its opening on."""
    (doc,) = reader.find("completed_stages", {"case": case}, [("number", -1)], 1)
    return from_document(CompletedStage, doc)


def add_completed_stage(tx: Transaction, stage: CompletedStage) -> None:
    """Keep how a stage ended, which nothing ever changes."""
    tx.insert("completed_stages", to_document(stage))
