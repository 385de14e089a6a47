"""What can be asked about rounds, self-assessments and submissions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from services.intake import store
from services.intake.domain import (
    Agency,
    Answer,
    Cycle,
    EditionRecord,
    Participation,
    Person,
    Submission,
    UploadRules,
    check_exists,
    check_uploading,
    leaves,
    may_answer,
    may_see,
    place_of,
    windows,
    words_of,
)
from services.intake.store.holdings import find_arrived_hashes
from shared.core.errors import NotFound
from shared.core.people import AGENCY_ROLES, Caller
from shared.instrument import to_dict
from shared.signing import receipts
from shared.storage.reader import Reader

T = TypeVar("T", Agency, Person, Cycle)


def one(reader: Reader, kind: type[T], id: str) -> T:
    """One agency, person or cycle; NotFound."""
    found = store.get(reader, kind, id)
    if found is None:
        raise NotFound(f"There is no {kind.__name__.lower()} {id}.")
    return found


def many(reader: Reader, kind: type[T], after: str | None, limit: int) -> Sequence[T]:
    """Agencies, people or cycles, by id, after that id."""
    return store.page(reader, kind, {}, after, limit)


# editions


def editions(reader: Reader, caller: Caller, after: str | None, limit: int) -> Sequence[EditionRecord]:
    """The published editions, for the ministry the drafts too."""
    where = {} if caller.has("ministry") else {"published_at": {"$ne": None}}
    return store.page(reader, EditionRecord, where, after, limit)


def edition(reader: Reader, caller: Caller, id: str) -> dict[str, Any]:
    """An edition with all that it says; a draft is there for the ministry only."""
    record = store.get(reader, EditionRecord, id)
    if record is None or not (record.published_at or caller.has("ministry")):
        raise NotFound(f"There is no edition {id}, or it is not published yet.")
    return {"record": record, "content": to_dict(store.edition(reader, record))}


# participations


def participation(reader: Reader, caller: Caller, id: str) -> dict[str, Any]:
    """How an agency takes part, for its own people and the ministry."""
    return _shown(reader, [_participation(reader, caller, id)])[0]


def participations(
    reader: Reader, caller: Caller, query: Mapping[str, str | None], after: str | None, limit: int
) -> Sequence[dict[str, Any]]:
    """Who takes part: all for the ministry, their own for an agency's people."""
    where: dict[str, Any] = {name: value for name, value in query.items() if value is not None}
    if not caller.has("ministry"):
        own, asked = caller.agencies(*AGENCY_ROLES), query["agency"]
        where["agency"] = {"$in": sorted(own & {asked} if asked else own)}
    return _shown(reader, store.page(reader, Participation, where, after, limit))


def _participation(reader: Reader, caller: Caller, id: str) -> Participation:
    found = store.get(reader, Participation, id)
    may_see(caller, found.agency if found else None)
    assert found is not None
    return found


def _shown(reader: Reader, found: Sequence[Participation]) -> list[dict[str, Any]]:
    cycles = {id: store.need(reader, Cycle, id) for id in {one.cycle for one in found}}
    return [{"of": one, "windows": windows(cycles[one.cycle], one)} for one in found]


# the self-assessment


def self_assessment(reader: Reader, caller: Caller, id: str) -> dict[str, Any]:
    """How far a self-assessment is; its answers are shown to the agency's own people only."""
    found = _participation(reader, caller, id)
    cycle = store.need(reader, Cycle, found.cycle)
    codes = store.edition(reader, store.need(reader, EditionRecord, cycle.edition)).codes
    answers = store.answers(reader, id, codes)
    progress = {
        "participation": id,
        "edition": cycle.edition,
        "state": found.state,
        "deadline": windows(cycle, found).deadline,
        "answered": len(answers),
        "of": len(codes),
    }
    return progress | (_own_part(reader, found, codes, answers) if _is_own(caller, found) else {})


def _is_own(caller: Caller, found: Participation) -> bool:
    return caller.has(*AGENCY_ROLES, agency=found.agency)


def _own_part(
    reader: Reader, found: Participation, codes: Sequence[str], answers: Mapping[str, Answer]
) -> dict[str, Any]:
    files = {file.sha256: file for answer in answers.values() for file in answer.evidence}
    held = find_arrived_hashes(reader, found.agency, files)
    return {
        "codes": codes,
        "answers": list(answers.values()),
        "missing": [code for code in codes if code not in answers],
        "files": [
            {"sha256": file.sha256, "name": file.name, "size": file.size, "arrived": file.sha256 in held}
            for file in files.values()
        ],
    }


def answer_versions(
    reader: Reader, caller: Caller, id: str, indicator: str, after: int, limit: int
) -> Sequence[Answer]:
    """Every saved version of one answer, for the agency's own people."""
    found = store.get(reader, Participation, id)
    may_answer(caller, found.agency if found else None)
    return store.answer_versions(reader, id, indicator, after, limit)


def upload_rules(reader: Reader, participation_id: str, caller: Caller, arrived: datetime) -> UploadRules:
    """What the caller may upload for a participation by a request of that arrival; NotFound, Forbidden, Conflict."""
    found = store.get(reader, Participation, participation_id)
    may_answer(caller, found.agency if found else None)
    assert found is not None
    cycle = store.need(reader, Cycle, found.cycle)
    check_uploading(cycle, found, arrived)
    if not found.submission:  # what was sealed while the agency existed may still come
        check_exists(store.need(reader, Agency, found.agency), arrived)
    sealed = store.need(reader, Submission, found.submission) if found.submission else None
    return UploadRules(
        participation=found.id,
        agency=found.agency,
        cycle=found.cycle,
        max_file_bytes=cycle.evidence.max_file_bytes,
        quota_bytes=cycle.evidence.quota_bytes,
        types=cycle.evidence.types,
        until=windows(cycle, found).bytes_until,
        only={file.sha256: file.size for file in sealed.files} if sealed else None,
    )


# submissions


def submission(reader: Reader, caller: Caller, id: str) -> Submission:
    """A sealed submission, for the agency's own people and the ministry."""
    found = store.get(reader, Submission, id)
    may_see(caller, found.agency if found else None, "submission")
    assert found is not None
    return found


def submission_words(reader: Reader, caller: Caller, id: str) -> dict[str, Any]:
    """A sealed submission with the words of its answers."""
    found = submission(reader, caller, id)
    return {"of": found, "answers": with_words(found, store.sealed_words(reader, found))}


def with_words(submission: Submission, words: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """The sealed answers, each with what it says."""
    return [
        {"indicator": each.indicator, "value": each.value, "evidence": each.evidence}
        | {"words_sha256": each.words_sha256, **words_of(words[each.indicator])}
        for each in submission.answers
    ]


def proof(reader: Reader, caller: Caller, id: str, answer: str | None, file: str | None) -> dict[str, Any]:
    """The proof that one answer (with its words) or one file is under the receipt's root; NotFound."""
    found = submission(reader, caller, id)
    place = place_of(found, answer, file)
    if place >= len(found.answers):
        return receipts.proof(leaves(found), place)
    words = store.sealed_words(reader, found)[found.answers[place].indicator]
    return receipts.proof(leaves(found), place, explanation=words_of(words))


def overdue(reader: Reader, until: datetime, limit: int = 100) -> Sequence[str]:
    """The submissions that wait for bytes whose time was over before that moment."""
    return store.overdue(reader, until, limit)
