"""Opening a case, closing its stages one after the other, freezing its last set of ratings."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from services.review import domain, store
from services.review.commands.events import root, stage_rows, tell_finalised, tell_stage
from services.review.domain import Case, Mark, Material, Rating, Task
from shared.core.errors import NotFound
from shared.events.intake import SubmissionCompleted
from shared.events.review import CaseOpened, StageRating
from shared.events.sets import set_hash
from shared.instrument import Edition
from shared.messaging.inbox import MissingDependency, Superseded
from shared.signing.links import WORDS, Link
from shared.storage.transaction import Transaction

LINK_LASTS = timedelta(minutes=5)


def open_case(tx: Transaction, event: SubmissionCompleted) -> None:
    """Open the case of a completed submission; its first stage is the agency's own and over at once."""
    if store.case(tx, event.submission):
        raise Superseded(f"the case of {event.submission} is open already")
    edition, visit = _ground(tx, event)
    case = Case(
        id=event.submission,
        participation=event.participation,
        cycle=event.cycle,
        agency=event.agency,
        edition=event.edition,
        edition_hash=edition.hash,
        activity=event.activity,
        stages=edition.stages(event.activity),
        stage=edition.stages(event.activity)[0],
        opened_at=tx.now,
    )
    answers = {one.indicator: asdict(one) for one in event.answers}
    files, missing = [asdict(one) for one in event.files], [asdict(one) for one in event.missing]
    store.save_material(tx, case.id, Material([*answers.values()], files, missing, event.words_included))
    tx.audit(root(case.id), "case.opened", submission=event.submission, agency=event.agency)
    expected = domain.expected_stages(case, edition, visit)
    tx.emit(
        root(case.id),
        CaseOpened(case=case.id, submission=case.id, cycle=case.cycle, agency=case.agency, stages=expected),
    )
    rows = [domain.from_agency(tx.new_id(), case, answers[code]) for code in edition.codes]
    close_stage(tx, case, rows, "agency")


def _ground(tx: Transaction, event: SubmissionCompleted) -> tuple[Edition, bool]:
    """What must have been heard before: the edition, the agency, and whether a visit is wanted now.

    The copy decides on the visit, not the event: the ministry may have changed its mind after the seal.
    """
    if not store.knows_agency(tx, event.agency):
        raise MissingDependency(f"agency:{event.agency}")
    edition, participation = store.edition(tx, event.edition), store.participation(tx, event.participation)
    if participation.heard < event.participation_sequence:
        raise MissingDependency(f"participation:{participation.id}")
    return edition, participation.visit


def close_stage(
    tx: Transaction, case: Case, rows: Sequence[Rating], by: str, marks: Sequence[Mark] = ()
) -> None:
    """End the present stage with these ratings and begin the next with the marked indicators, or finalise."""
    told = stage_rows(rows)
    hash = set_hash(told)
    store.add_ratings(tx, [one for one in rows if one.task is None])
    store.save_set(tx, case, by, hash, rows)
    tx.audit(root(case.id), "stage.completed", stage=case.stage, by=by, set_hash=hash)
    tell_stage(tx, case, hash, told)
    edition = store.edition(tx, case.edition, case.edition_hash)
    stage = domain.following(case, edition, store.participation(tx, case.participation).visit)
    if stage is None:
        _finalise(tx, case, hash, told)
        return
    _begin(tx, replace(case, stage=stage), edition, rows, marks)


def _begin(
    tx: Transaction, case: Case, edition: Edition, before: Sequence[Rating], marks: Sequence[Mark]
) -> None:
    stage = case.stage or ""
    asked = edition.codes if domain.rates_all(stage) else tuple(one.indicator for one in marks)
    if not asked:
        rows = [domain.carried(tx.new_id(), one, stage, tx.now) for one in before]
        close_stage(tx, case, rows, "carry-over")
        return
    task = Task(tx.new_id(), case.id, case.cycle, case.agency, stage, asked, tx.now, questions=tuple(marks))
    store.save_task(tx, task)
    store.save_case(tx, case)
    tx.audit(root(case.id), "task.opened", task=task.id, stage=stage, indicators=len(asked))


def _finalise(tx: Transaction, case: Case, hash: str, told: tuple[StageRating, ...]) -> None:
    store.save_case(tx, replace(case, stage=None, finalised_at=tx.now))
    tx.audit(root(case.id), "review.finalised", stage=case.stage, set_hash=hash)
    tell_finalised(tx, case, hash, told)


def link_file(tx: Transaction, id: str, sha256: str) -> Link:
    """Let the caller fetch one file of a case that it holds a task of, for five minutes."""
    case = _held_case(tx, id)
    if sha256 not in store.material(tx, case.id).readable:
        raise NotFound(
            "No such file that can be opened came with this submission: see `files` and `missing` of the case."
        )
    return _link(tx, case, sha256)


def link_words(tx: Transaction, id: str) -> Link:
    """Let the caller read the words of a case that it holds a task of, for five minutes, however long they are."""
    return _link(tx, _held_case(tx, id), WORDS)


def _held_case(tx: Transaction, id: str) -> Case:
    me = store.caller_assessor(tx, tx.caller)
    held = store.held_task(tx, id, me.id, tx.now) if me else None
    return domain.check_holds(store.case(tx, id), held, me)


def _link(tx: Transaction, case: Case, what: str) -> Link:
    tx.audit(f"access:{case.id}", "link.given", opens=what)
    return Link(what, case.id, tx.caller.subject, tx.caller.issuer, tx.now + LINK_LASTS)
