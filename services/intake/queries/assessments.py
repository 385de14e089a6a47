"""What can be asked about rounds, self-assessments and submissions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from services.intake import domain, store
from services.intake.domain import (
    Agency,
    Answer,
    Contents,
    Cycle,
    EditionContent,
    EditionRecord,
    Participation,
    ParticipationFilter,
    ParticipationView,
    Person,
    SelfAssessment,
    Submission,
    SubmissionView,
    UploadRules,
    replacements,
)
from services.intake.domain.clarifications import answer_rules
from services.intake.domain.given import with_given
from services.intake.queries.clarifications import get_asked
from services.intake.queries.overview import find_given
from services.intake.store import holdings, rounds
from services.intake.store.participations import list_wanted
from shared.core.people import Caller
from shared.instrument import to_dict
from shared.signing import receipts
from shared.storage.reader import Page, Reader

E = TypeVar("E", Agency, Person, Cycle)


def get_entity(reader: Reader, kind: type[E], id: str) -> E:
    """One agency, person or cycle; NotFound."""
    return domain.existing(store.find(reader, kind, id), f"{kind.__name__.lower()} {id}")


def list_entities(reader: Reader, kind: type[E], after: str | None, limit: int) -> Page[E]:
    """Agencies, people or cycles, by id, after that id."""
    return store.list_page(reader, kind, {}, after, limit)


def list_people(reader: Reader, proposed: bool, after: str | None, limit: int) -> Page[Person]:
    """The people by id, after that id; only those for whom a role is proposed, or all."""
    return store.list_people(reader, proposed, after, limit)


# editions


def list_editions(reader: Reader, caller: Caller, after: str | None, limit: int) -> Page[EditionRecord]:
    """The published editions, for the ministry the drafts too."""
    where = {} if caller.has("ministry") else {"published_at": {"$ne": None}}
    return store.list_page(reader, EditionRecord, where, after, limit)


def get_edition(reader: Reader, caller: Caller, id: str) -> EditionContent:
    """An edition with all that it says; a draft is there for the ministry only."""
    record = domain.may_see_edition(caller, store.find(reader, EditionRecord, id), id)
    return EditionContent(record, to_dict(store.get_edition(reader, record)))


# participations


def get_participation(reader: Reader, caller: Caller, id: str) -> ParticipationView:
    """How an agency takes part, for its own people and the ministry."""
    participation = domain.may_see(caller, store.find(reader, Participation, id))
    cycle = store.require(reader, Cycle, participation.cycle)
    return ParticipationView(participation, domain.windows(cycle, participation))


def list_participations(
    reader: Reader, caller: Caller, wanted: ParticipationFilter, after: str | None, limit: int
) -> Page[ParticipationView]:
    """Who takes part: all for the ministry, their own for an agency's people."""
    agencies = domain.visible_agencies(caller, wanted.agency)
    participations = list_wanted(reader, wanted, agencies, after, limit)
    cycles = rounds.list_cycles(reader, (one.cycle for one in participations.rows))
    return participations.map(
        lambda found: ParticipationView(found, domain.windows(cycles[found.cycle], found))
    )


# the self-assessment


def get_self_assessment(reader: Reader, caller: Caller, id: str) -> SelfAssessment:
    """How far a self-assessment is; its answers are shown to the agency's own people only."""
    participation = domain.may_see(caller, store.find(reader, Participation, id))
    cycle = store.require(reader, Cycle, participation.cycle)
    edition = store.get_edition(reader, store.require(reader, EditionRecord, cycle.edition))
    codes, given = edition.codes, find_given(reader, participation, cycle, edition)
    answers = with_given(id, store.find_answers(reader, id, codes), given, codes)
    contents: Contents | None = None
    if domain.is_own(caller, participation):
        hashes = domain.named_hashes(answers)
        arrived = holdings.find_arrived_hashes(reader, participation.agency, hashes)
        contents = domain.contents(codes, answers, arrived, store.find_ticks(reader, id))
    return domain.self_assessment(cycle, participation, len(domain.valued(answers)), len(codes), contents)


def list_answer_versions(
    reader: Reader, caller: Caller, id: str, indicator: str, after: int, limit: int
) -> Page[Answer]:
    """Every saved version of one answer, for the agency's own people."""
    domain.may_answer(caller, store.find(reader, Participation, id))
    return store.list_answer_versions(reader, id, indicator, after, limit)


def get_upload_rules(
    reader: Reader, participation_id: str, caller: Caller, arrived: datetime, clarification: str | None = None
) -> UploadRules:
    """What the caller may upload for a participation by a request of that arrival; NotFound, Forbidden, Conflict.

    With a question: what may come with the answer to it, after the seal.
    """
    participation = domain.may_answer(caller, store.find(reader, Participation, participation_id))
    cycle = store.require(reader, Cycle, participation.cycle)
    if clarification is not None:
        return answer_rules(cycle, participation, get_asked(reader, participation, clarification, arrived))
    sealed = participation.submission
    submission = store.require_submission(reader, sealed) if sealed else None
    replaceable = _replaceable(reader, submission, cycle) if submission else frozenset()
    rules = domain.upload_rules(cycle, participation, submission, replaceable, arrived)
    domain.check_taking_part(store.require(reader, Agency, participation.agency), participation, arrived)
    return rules


def _replaceable(reader: Reader, submission: Submission, cycle: Cycle) -> frozenset[str]:
    arrived = holdings.find_arrived_files(reader, submission).keys()
    refused = holdings.find_refusals(reader, submission)
    return replacements.replaceable(submission, arrived, refused, cycle.evidence.types)


# submissions


def get_submission(reader: Reader, caller: Caller, id: str) -> Submission:
    """A sealed submission, for the agency's own people and the ministry."""
    return domain.may_see(caller, store.find_submission(reader, id), "submission")


def get_submission_view(reader: Reader, caller: Caller, id: str) -> SubmissionView:
    """A sealed submission with the explanations of its answers."""
    submission = get_submission(reader, caller, id)
    return domain.submission_view(submission, store.get_sealed_answers(reader, submission))


def get_proof(
    reader: Reader, caller: Caller, id: str, answer: str | None, file: str | None
) -> dict[str, Any]:
    """The proof that one answer (with its explanation) or one file is under the receipt's root; NotFound.

    Its shape is that of `shared.signing.receipts.proof`.
    """
    submission = get_submission(reader, caller, id)
    place = domain.place_of(submission, answer, file)
    if answer is None:
        return receipts.proof(domain.leaves(submission), place)
    saved = store.get_sealed_answers(reader, submission)[answer]
    return receipts.proof(domain.leaves(submission), place, explanation=domain.explanation_of(saved))


def list_overdue(reader: Reader, limit: int = 100) -> Sequence[str]:
    """The ids of submissions that wait for bytes whose time, and the grace after it, is over."""
    return store.list_overdue(reader, reader.now - domain.GRACE, limit)
