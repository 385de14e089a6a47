"""The values that no agency types: what it wrote beside them stays its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.intake.domain.answers import Answer, answer_id
from services.intake.domain.indices import ExternalIndex
from services.intake.domain.progress import Filled
from services.intake.domain.rounds import Cycle
from services.intake.domain.submissions import Submission
from shared.instrument import Edition, Node
from shared.instrument.given import GivenValue, KnownIndex, given_values, newest_index

Given = Mapping[str, GivenValue]
"""The values that nobody types, by indicator."""


def given_in(cycle: Cycle, edition: Edition, indices: Iterable[ExternalIndex]) -> Given:
    """The values that an agency's indices give in a cycle, or its edition assumes until they come."""
    return given_values(edition, _known(indices), cycle.opens.year)


def gated_by(cycle: Cycle, node: Node, indices: Iterable[ExternalIndex]) -> KnownIndex | None:
    """The index that gates the levels of an indicator in a cycle; None where none does, or it has not come."""
    if node.source is None or not node.source.gates:
        return None
    return newest_index(node.source, _known(indices), cycle.opens.year)


def _known(indices: Iterable[ExternalIndex]) -> list[KnownIndex]:
    return [KnownIndex(one.source, one.year, one.index, one.provenance) for one in indices]


def as_sealed(given: Given, submission: Submission | None) -> Given:
    """The values as they were sealed, once they are."""
    sealed = {one.indicator: one.value for one in submission.answers} if submission else {}
    return {code: replace(one, value=sealed.get(code, one.value)) for code, one in given.items()}


def with_given(
    participation: str, answers: Mapping[str, Answer], given: Given, codes: Sequence[str]
) -> dict[str, Answer]:
    """The answers with the values that nobody types, in the order of the codes."""
    blank = Answer("", participation, "", "", "", "")
    filled = {
        code: replace(
            answers.get(code) or replace(blank, id=answer_id(participation, code), indicator=code),
            value=one.value,
        )
        for code, one in given.items()
    }
    every = {**answers, **filled}
    return {code: every[code] for code in codes if code in every}


def filled_with(filled: Mapping[str, Filled], given: Given) -> dict[str, Filled]:
    """What is answered, with the values that nobody types: these need no evidence."""
    return {**filled, **{code: Filled(one.value, 0, needs_files=False) for code, one in given.items()}}
