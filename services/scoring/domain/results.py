"""Results: final scores on their way to publication."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.scoring.domain.scores import Score, receipt_on
from shared.core.canonical import exact
from shared.core.errors import Conflict, Forbidden, NotFound
from shared.core.people import Caller
from shared.signing import receipts


@dataclass(frozen=True)
class Decision:
    """What an officer of the ministry decided (approved, published), when, and the note that went with it."""

    what: str
    by: str
    at: datetime
    note: str | None = None


@dataclass(frozen=True)
class DecisionOrder:
    """What comes with an approval or a publication."""

    note: str | None = None


@dataclass(frozen=True)
class Result:
    """A final score on its way to publication; what is published never changes."""

    score: Score
    version: int = 1
    decisions: tuple[Decision, ...] = ()
    published_at: datetime | None = None
    receipt: Mapping[str, Any] | None = None
    rev: int = 0

    @property
    def id(self) -> str:
        """The submission whose result it is."""
        return self.score.basis.submission

    @property
    def state(self) -> str:
        """Computed, approved or published."""
        return "published" if self.published_at else "approved" if self.decisions else "computed"


def check_decides(caller: Caller) -> None:
    """Let officers of the ministry pass; raises Forbidden."""
    if not caller.has("ministry"):
        raise Forbidden("Only the ministry approves and publishes results.", "role-needed")


def approved(result: Result, decision: Decision) -> Result:
    """The result with its approval; the same one when it was approved already."""
    return result if result.decisions else replace(result, decisions=(decision,))


def check_publishable(result: Result) -> None:
    """Refuse to publish what nobody approved; raises Conflict."""
    if result.state == "computed":
        raise Conflict(
            "This result is not approved yet: approve it first (POST …/approve), then publish it.",
            "not-approved",
        )


def published(result: Result, decision: Decision, receipt: Mapping[str, Any]) -> Result:
    """The result as it is published."""
    decisions = (*result.decisions, decision)
    return replace(result, decisions=decisions, published_at=decision.at, receipt=receipt)


def require_receipt(result: Result) -> Mapping[str, Any]:
    """The receipt of a published result; raises NotFound."""
    if result.receipt is None:
        raise NotFound("This result is not published yet: its receipt is made at publication.")
    return result.receipt


def result_receipt(result: Result, at: datetime) -> dict[str, Any]:
    """What the receipt of a published result says, unsigned: its leaves are the nodes with their indices."""
    nodes = result.score.nodes
    leaves = [exact({"kind": "node", "code": node.code, "index": node.index}) for node in nodes]
    more = {"version": result.version, "score": result.score.id}
    return receipt_on(receipts.Title("result", f"result:{result.id}", at), leaves, result.score) | more
