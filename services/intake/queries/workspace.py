"""What the pages of an agency's people show: each question is asked once for a whole page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.intake import domain, store
from services.intake.domain import Agency, Answer, Cycle, Exhibit, FileOwnership, Participation, Submission
from services.intake.domain.acts import Acts
from services.intake.domain.answers import used_at
from services.intake.domain.assessments import indicator_of
from services.intake.domain.clarifications import Asked, only_at, only_open
from services.intake.domain.comments import Discussion
from services.intake.domain.earlier import Earlier
from services.intake.domain.given import filled_with, gated_by
from services.intake.domain.participations import Windows
from services.intake.domain.progress import Progress, progress
from services.intake.domain.readiness import Round
from services.intake.domain.team import Colleague
from services.intake.queries.clarifications import get_asked, list_asked, with_answers
from services.intake.queries.comments import get_discussion
from services.intake.queries.overview import get_earlier, get_round
from services.intake.queries.together import get_acts, get_team, shown_names
from services.intake.store.comments import count_open_comments
from services.intake.store.indices import list_indices_of
from shared.core.people import AGENCY_ROLES, Caller
from shared.instrument.given import KnownIndex
from shared.storage.reader import Reader

MOST_LISTED = 200
MOST_VERSIONS = 20


@dataclass(frozen=True)
class Workspace:
    """A self-assessment as every page of its agency frames it; `commented` counts the open comments by indicator.

    `questions` are those of the assessors, the open ones first, without their answers.
    """

    round: Round
    windows: Windows
    progress: Progress
    commented: Mapping[str, int]
    questions: tuple[Asked, ...]

    @property
    def waiting(self) -> tuple[Asked, ...]:
        """The questions that can be answered now."""
        return only_open(self.questions)

    def asked_at(self, indicator: str) -> tuple[Asked, ...]:
        """The questions about an indicator."""
        return only_at(self.questions, indicator)


@dataclass(frozen=True)
class Overview(Workspace):
    """The home of an agency: what was done last, who works on it, and what was sealed, if anything."""

    acts: Acts
    team: tuple[Colleague, ...]
    submission: Submission | None


@dataclass(frozen=True)
class Desk(Workspace):
    """One indicator with all that its page shows; `files` are those that the agency has of the answer's, by SHA-256.

    `refused` says by which code others of them were refused when they came; `exhibits` are the files that all
    answers name, by indicator; `gate` is the index that gates the levels, once it has come.
    """

    answer: Answer | None
    files: Mapping[str, FileOwnership]
    ticked: frozenset[str]
    earlier: Earlier | None
    refused: Mapping[str, str]
    inspecting: frozenset[str]
    exhibits: Mapping[str, tuple[Exhibit, ...]]
    used_bytes: int
    discussion: Discussion
    gate: KnownIndex | None

    def used_at(self, indicator: str) -> Mapping[str, tuple[str, ...]]:
        """At which other indicators each file is named, by SHA-256."""
        in_order = {code: self.exhibits.get(code, ()) for code in self.round.edition.codes}
        return used_at(in_order, indicator)

    def others(self, indicator: str) -> list[Exhibit]:
        """The files that other answers name and this one does not, by name."""
        here = {exhibit.sha256 for exhibit in self.exhibits.get(indicator, ())}
        found = {
            each.sha256: each for named in self.exhibits.values() for each in named if each.sha256 not in here
        }
        return sorted(found.values(), key=lambda exhibit: exhibit.name.casefold())


@dataclass(frozen=True)
class History(Workspace):
    """Versions of one answer, the latest first, and what their savers are called; below `older` are more."""

    answer: Answer
    versions: tuple[Answer, ...]
    names: Mapping[str, str]
    older: int | None


@dataclass(frozen=True)
class Questions(Workspace):
    """All questions of the assessors, with what was answered so far."""

    answered: tuple[Asked, ...]


@dataclass(frozen=True)
class QuestionDesk(Workspace):
    """One question with all that its page shows; `files` are those that the agency has of the answer's, by SHA-256.

    `refused` says by which code others of them were refused when they came; `names` how people are called.
    """

    asked: Asked
    files: Mapping[str, FileOwnership]
    refused: Mapping[str, str]
    inspecting: frozenset[str]
    used_bytes: int
    names: Mapping[str, str]


@dataclass(frozen=True)
class OwnRound:
    """A participation of one of the caller's agencies."""

    participation: Participation
    agency: Agency
    cycle: Cycle

    @property
    def deadline(self) -> datetime:
        """Until when the agency may seal."""
        return domain.windows(self.cycle, self.participation).deadline


def list_own_rounds(reader: Reader, caller: Caller) -> list[OwnRound]:
    """The participations of the caller's agencies: those to be sealed first, then by cycle, the latest first."""
    agencies = caller.agencies(*AGENCY_ROLES)
    found = store.list_participations(reader, None, agencies, None, MOST_LISTED).rows if agencies else []
    cycles = {id: store.require(reader, Cycle, id) for id in {one.cycle for one in found}}
    named = {id: store.require(reader, Agency, id) for id in {one.agency for one in found}}
    own = [OwnRound(one, named[one.agency], cycles[one.cycle]) for one in found]
    own.sort(key=lambda one: (one.cycle.opens, one.agency.name), reverse=True)
    return sorted(own, key=lambda one: one.participation.submission is not None)


def get_overview(reader: Reader, caller: Caller, id: str) -> Overview:
    """All that the home of an agency shows."""
    round = get_round(reader, caller, id)
    sealed = round.participation.submission
    return Overview(
        *_frame(reader, round),
        get_acts(reader, caller, id),
        get_team(reader, caller, id),
        store.require_submission(reader, sealed) if sealed else None,
    )


def get_desk(reader: Reader, caller: Caller, id: str, indicator: str) -> Desk:
    """All that the page of an indicator shows; NotFound where the edition has no such indicator."""
    round = get_round(reader, caller, id)
    node = indicator_of(round.edition, indicator)
    answer = store.find_answers(reader, id, [indicator]).get(indicator)
    hashes = domain.named_hashes({indicator: answer}) if answer else set()
    return Desk(
        *_frame(reader, round),
        answer,
        store.find_ownerships(reader, round.agency.id, hashes),
        frozenset(store.find_ticks(reader, id).get(indicator, ())),
        get_earlier(reader, caller, id, indicator),
        store.list_refusal_codes(reader, id, hashes),
        store.find_inspecting(reader, id, hashes),
        store.find_exhibits(reader, id),
        store.get_kept_bytes(reader, round.agency.id, round.cycle.id),
        get_discussion(reader, caller, id, indicator),
        gated_by(round.cycle, node, list_indices_of(reader, round.agency.id)) if node.source else None,
    )


def get_history(reader: Reader, caller: Caller, id: str, indicator: str, below: int | None) -> History:
    """The last versions of an answer, or the last below one; NotFound where it was never saved."""
    round = get_round(reader, caller, id)
    indicator_of(round.edition, indicator)
    answer = domain.existing(store.find_answers(reader, id, [indicator]).get(indicator), "answer")
    last = min(answer.rev, (below or answer.rev + 1) - 1)
    after = max(0, last - MOST_VERSIONS)
    found = store.list_answer_versions(reader, id, indicator, after, MOST_VERSIONS).rows
    versions = tuple(reversed([version for version in found if version.rev <= last]))
    return History(
        *_frame(reader, round),
        answer,
        versions,
        shown_names(reader, (version.saved_by for version in versions)),
        after + 1 if after else None,
    )


def get_questions(reader: Reader, caller: Caller, id: str) -> Questions:
    """All questions of the assessors to a participation, with the answers."""
    framed = _frame(reader, get_round(reader, caller, id))
    return Questions(*framed, with_answers(reader, id, framed[-1]))


def get_question_desk(reader: Reader, caller: Caller, id: str, question: str) -> QuestionDesk:
    """All that the page of a question shows; NotFound where the participation was not asked it."""
    round = get_round(reader, caller, id)
    asked = get_asked(reader, round.participation, question, reader.now)
    hashes = asked.draft.hashes
    return QuestionDesk(
        *_frame(reader, round),
        asked,
        store.find_ownerships(reader, round.agency.id, hashes),
        store.list_refusal_codes(reader, id, hashes),
        store.find_inspecting(reader, id, hashes),
        store.get_kept_bytes(reader, round.agency.id, round.cycle.id),
        shown_names(reader, asked.people),
    )


def get_workspace(reader: Reader, caller: Caller, id: str) -> Workspace:
    """What frames every page of a self-assessment."""
    return Workspace(*_frame(reader, get_round(reader, caller, id)))


def _frame(
    reader: Reader, round: Round
) -> tuple[Round, Windows, Progress, Mapping[str, int], tuple[Asked, ...]]:
    id = round.participation.id
    filled = filled_with(store.find_filled(reader, id), round.given)
    return (
        round,
        domain.windows(round.cycle, round.participation),
        progress(round.edition, id, filled, reader.now),
        count_open_comments(reader, id),
        list_asked(reader, round.participation, round.edition),
    )
