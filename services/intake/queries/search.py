"""What somebody finds: of their own agencies all that these have, as an officer of the ministry who there is."""

from collections.abc import Iterator
from dataclasses import replace

from services.intake import store
from services.intake.domain import Agency, EditionRecord, Person, named_hashes, search
from services.intake.domain.search import MOST_HITS, MOST_ROUNDS, Hit, Hits, Sought
from services.intake.queries.workspace import OwnRound, list_own_rounds
from services.intake.store import comments
from shared.core.people import Caller
from shared.instrument import in_language
from shared.storage.reader import Reader


def find_all(reader: Reader, caller: Caller, query: str, lang: str) -> tuple[Hits, ...]:
    """What says all the words of a query, kind by kind; indicators in that language."""
    sought = Sought.of(query)
    return search.by_kind(_found(reader, caller, sought, lang)) if sought.words else ()


def _found(reader: Reader, caller: Caller, sought: Sought, lang: str) -> Iterator[Hit]:
    for own in list_own_rounds(reader, caller)[:MOST_ROUNDS]:
        yield from _in_round(reader, own, sought, lang)
    if caller.has("ministry"):
        for agency in store.list_named(reader, Agency, sought.words, MOST_HITS + 1):
            yield search.found_agency(sought, agency)
        for person in store.list_named(reader, Person, sought.words, MOST_HITS + 1):
            yield search.found_person(sought, person)


def _in_round(reader: Reader, own: OwnRound, sought: Sought, lang: str) -> Iterator[Hit]:
    id = own.participation.id
    edition = store.get_edition(reader, store.require(reader, EditionRecord, own.cycle.edition))
    nodes = {code: edition.node(code) for code in edition.codes}
    titles = {code: f"{code}. {in_language(node.name, lang)}" for code, node in nodes.items()}
    answers = store.find_answers(reader, id, edition.codes)
    said, named = comments.list_comments(reader, id), named_hashes(answers)
    sent = store.list_files_named(
        reader, own.agency.id, own.cycle.id, sought.words, MOST_HITS + 1 + len(named)
    )
    maybe = (
        *(search.found_indicator(sought, id, node, lang) for node in nodes.values()),
        *(search.found_answer(sought, one, titles[one.indicator]) for one in answers.values()),
        *(
            file
            for one in answers.values()
            for file in search.found_files(sought, one, titles[one.indicator])
        ),
        *search.found_unnamed(sought, id, sent, named),
        *(search.found_comment(sought, one, titles[one.indicator]) for one in said),
    )
    yield from (replace(hit, cycle=own.cycle.title) for hit in maybe if hit)
