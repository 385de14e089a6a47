"""Computing anew what is kept, so that nobody has to trust the database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from services.scoring.domain.results import Result, result_receipt
from services.scoring.domain.scores import (
    Instrument,
    Rows,
    Score,
    compute,
    rows_hash,
    score_receipt,
)
from shared.core.errors import AppError
from shared.instrument.copies import Contradiction
from shared.signing import receipts

if TYPE_CHECKING:
    from shared.signing.keys import PublicKey


@dataclass(frozen=True)
class RecheckInputs:
    """What a score is checked against: its set, its edition, and the result that stands on a final one; None: gone."""

    rows: Rows
    instrument: Instrument | None
    result: Result | None


def differences(score: Score, inputs: RecheckInputs, publics: "Mapping[str, PublicKey]") -> Iterator[str]:
    """Say each way in which a score is not what its set, its edition and the receipts say."""
    if inputs.instrument is None:
        yield "its edition is gone"
        return
    if (found := rows_hash(inputs.rows)) != score.basis.set_hash:
        yield f"its set has the hash {found}, not {score.basis.set_hash}"
    yield from _computed_anew(score, inputs.rows, inputs.instrument)
    if score.is_final:
        yield from _attested("its receipt", score.receipt, score_receipt(score), publics)
        yield from _result_differences(inputs.result, publics)


def _computed_anew(score: Score, rows: Rows, instrument: Instrument) -> Iterator[str]:
    try:
        anew = compute(score.basis, instrument, score.agency_name, rows, score.computed_at)
    except (AppError, Contradiction) as problem:
        yield f"its set cannot be scored: {problem}"
        return
    anew = replace(anew, receipt=score.receipt)
    names = [part.name for part in fields(Score)]
    wrong = [name for name in names if getattr(anew, name) != getattr(score, name)]
    if wrong:
        yield f"computed anew, it differs in {', '.join(wrong)}"


def _result_differences(result: Result | None, publics: "Mapping[str, PublicKey]") -> Iterator[str]:
    if result is None:
        yield "its result is gone"
    elif result.published_at:
        document = result_receipt(result, result.published_at)
        if result.receipt and "decided" not in result.receipt:
            del document["decided"]  # signed before receipts said who decided
        yield from _attested("its result's receipt", result.receipt, document, publics)


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
