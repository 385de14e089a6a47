"""What the assessors wrote of a published case, for its agency."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.review import domain, store
from services.review.domain import Case, Words
from shared.core.people import Caller
from shared.instrument import Edition
from shared.storage.reader import Reader


@dataclass(frozen=True)
class WordsView:
    """The words of a case by indicator, with its edition and how its agency is called."""

    case: Case
    agency: str
    edition: Edition
    words: Mapping[str, Words]


def get_words(reader: Reader, caller: Caller, submission: str) -> WordsView:
    """What was written of the caller's agency, once its result is published; raises NotFound."""
    case = domain.check_reads_words(store.find_case(reader, submission), caller)
    final = store.list_ratings(reader, store.find_last_stage(reader, case.id).ratings)
    written = {row.id: row for row in store.list_ratings(reader, domain.sources(final))}
    return WordsView(
        case,
        store.agency_names(reader, [case.agency]).get(case.agency, case.agency),
        store.require_edition(reader, case.edition, case.edition_hash),
        {one.indicator: one for one in domain.words_of(final, written)},
    )
