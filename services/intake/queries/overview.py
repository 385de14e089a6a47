"""A self-assessment at a glance, for the agency's own people: how far it is, and what a seal would take."""

from services.intake import domain, store
from services.intake.domain import Agency, Cycle, EditionRecord, Participation
from services.intake.domain.earlier import Earlier, codes_then, earlier, last_before
from services.intake.domain.given import Given, as_sealed, filled_with, given_in, with_given
from services.intake.domain.progress import Progress, progress
from services.intake.domain.readiness import Holdings, Readiness, Round, draft_of, readiness
from services.intake.store import holdings
from services.intake.store.indices import list_indices_of
from shared.core.people import Caller
from shared.instrument import Edition
from shared.instrument.given import has_given
from shared.storage.reader import Reader


def get_progress(reader: Reader, caller: Caller, id: str) -> Progress:
    """How far a self-assessment is, and what index its answers would give."""
    round = get_round(reader, caller, id)
    return progress(round.edition, id, filled_with(store.find_filled(reader, id), round.given), reader.now)


def get_readiness(reader: Reader, caller: Caller, id: str) -> Readiness:
    """What a seal would take now, and what stands against it."""
    round = get_round(reader, caller, id)
    codes = round.edition.codes
    written = store.find_answers(reader, id, codes)
    answers = domain.valued(with_given(id, written, round.given, codes))
    owned = store.find_ownerships(reader, round.agency.id, domain.named_hashes(answers))
    draft = draft_of(round, answers, {sha256: file.size for sha256, file in owned.items()})
    held = Holdings(
        domain.arrived_in_time(draft, owned),
        holdings.find_refusals(reader, draft),
        holdings.get_kept_bytes(reader, draft),
        store.count_open_uploads(reader, draft.agency, draft.cycle),
    )
    return readiness(caller, round, answers, (draft, held), reader.now)


def get_earlier(reader: Reader, caller: Caller, id: str, indicator: str) -> Earlier | None:
    """What the agency sealed of an indicator in the last cycle before; None where there is nothing of it."""
    round = get_round(reader, caller, id)
    found = [one for one in store.list_participations_of(reader, round.agency.id) if one.submission]
    sealed = [(one, store.require(reader, Cycle, one.cycle)) for one in found]
    last = last_before(round.cycle, sealed)
    if last is None or last.submission is None:
        return None
    submission = store.require_submission(reader, last.submission)
    codes = codes_then(round.edition, indicator, submission.edition)
    return earlier(last, submission, store.get_sealed_answers(reader, submission, codes))


def get_round(reader: Reader, caller: Caller, id: str) -> Round:
    """A participation with its cycle, agency and edition, for the agency's own people."""
    participation = domain.may_answer(caller, store.find(reader, Participation, id))
    cycle = store.require(reader, Cycle, participation.cycle)
    agency = store.require(reader, Agency, participation.agency)
    edition = store.get_edition(reader, store.require(reader, EditionRecord, cycle.edition))
    return Round(cycle, participation, agency, edition, find_given(reader, participation, cycle, edition))


def find_given(reader: Reader, participation: Participation, cycle: Cycle, edition: Edition) -> Given:
    """The values of a self-assessment that nobody types: of now, or as they were sealed."""
    if not has_given(edition):
        return {}
    given = given_in(cycle, edition, list_indices_of(reader, participation.agency))
    sealed = participation.submission
    return as_sealed(given, store.require_submission(reader, sealed) if sealed else None)
