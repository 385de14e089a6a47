"""What an agency's people wrote to each other, for them alone."""

from collections.abc import Iterable

from services.intake import domain, store
from services.intake.domain import Participation
from services.intake.domain.comments import Comment, Discussion
from services.intake.queries.together import shown_names
from services.intake.store import comments as kept
from shared.core.people import Caller
from shared.storage.reader import Page, Reader


def list_comments(
    reader: Reader, caller: Caller, id: str, indicator: str | None, after: str | None, limit: int
) -> Page[Comment]:
    """The notes of a self-assessment, or those at one indicator, by id, after that id."""
    domain.may_answer(caller, store.find(reader, Participation, id))
    return kept.list_comments_page(reader, id, indicator, after, limit)


def get_discussion(reader: Reader, caller: Caller, id: str, indicator: str) -> Discussion:
    """The notes at an indicator in their order."""
    domain.may_answer(caller, store.find(reader, Participation, id))
    return discussion_of(reader, kept.list_comments(reader, id, indicator))


def discussion_of(reader: Reader, found: Iterable[Comment]) -> Discussion:
    """Notes with how the people in them are called."""
    rows = tuple(found)
    people = {person for one in rows for person in (one.by, one.settled_by) if person}
    return Discussion(rows, shown_names(reader, people))
