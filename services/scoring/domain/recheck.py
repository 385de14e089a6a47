"""Computing anew what is kept, so that nobody has to trust the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from services.scoring.domain.results import Result, result_receipt
from services.scoring.domain.scores import Instrument, Score, compute, rows_hash, score_receipt
from shared.core.errors import AppError
from shared.instrument.copies import Contradiction
from shared.signing import receipts

if TYPE_CHECKING:
    from shared.signing.keys import PublicKey


def differences(
    one: Score, rows: Sequence[Mapping[str, Any]], instrument: Instrument, publics: "Mapping[str, PublicKey]"
) -> Iterator[str]:
    """Say each way in which a score is not what its set, its edition and its receipt say."""
    if (found := rows_hash(rows)) != one.basis.set_hash:
        yield f"its set has the hash {found}, not {one.basis.set_hash}"
    yield from _computed_anew(one, rows, instrument)
    if one.basis.kind == "final":
        yield from _attested("its receipt", one.receipt, score_receipt(one), publics)


def result_differences(one: Result, publics: "Mapping[str, PublicKey]") -> Iterator[str]:
    """Say each way in which a published result is not what its receipt says."""
    if one.published_at:
        yield from _attested(
            "its result's receipt", one.receipt, result_receipt(one, one.published_at), publics
        )


def _computed_anew(one: Score, rows: Sequence[Mapping[str, Any]], instrument: Instrument) -> Iterator[str]:
    try:
        values = [(row["indicator"], row["value"]) for row in rows]
        anew = compute(one.basis, instrument, one.agency_name, values, one.computed_at)
    except (AppError, Contradiction) as problem:
        yield f"its set cannot be scored: {problem}"
        return
    anew = replace(anew, receipt=one.receipt)
    wrong = [part.name for part in fields(Score) if getattr(anew, part.name) != getattr(one, part.name)]
    if wrong:
        yield f"computed anew, it differs in {', '.join(wrong)}"


def _attested(
    what: str,
    receipt: Mapping[str, Any] | None,
    document: Mapping[str, Any],
    publics: "Mapping[str, PublicKey]",
) -> Iterator[str]:
    if receipt is None:
        yield f"{what} is gone"
        return
    if {**receipt, **document} != dict(receipt):
        yield f"{what} says something else"
    try:
        receipts.verify(receipt, publics)
    except receipts.ReceiptInvalid as problem:
        yield f"{what} does not hold: {problem.detail}"
