"""Results: final scores on their way to publication."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from services.scoring.domain.scores import NodeScore, Score, receipt_on
from shared.core.canonical import exact, timestamp
from shared.core.errors import Conflict, Forbidden, NotFound
from shared.core.people import Caller
from shared.signing import receipts

APPROVED, PUBLISHED = "approved", "published"
"""What can be decided on a result, in this order."""


@dataclass(frozen=True)
class Decision:
    """What an officer of the ministry decided (approved, published), when, and the note that went with it.

    `by` is the officer's id; `issuer` and `subject` are how the identity provider knew them (empty: not kept).
    """

    what: str
    by: str
    at: datetime
    note: str | None = None
    issuer: str = ""
    subject: str = ""

    @classmethod
    def of(cls, what: str, caller: Caller, at: datetime, note: str | None) -> Self:
        """The caller's decision."""
        return cls(what, caller.id, at, note, caller.issuer, caller.subject)


@dataclass(frozen=True)
class DecisionOrder:
    """What comes with an approval or a publication."""

    note: str | None = None


@dataclass(frozen=True)
class Result:
    """A final score on its way to publication; what is published never changes.

    `assessors` are all who ever held a task of its case (empty: not known).
    """

    score: Score
    version: int = 1
    decisions: tuple[Decision, ...] = ()
    published_at: datetime | None = None
    receipt: Mapping[str, Any] | None = None
    assessors: tuple[str, ...] = ()
    rev: int = 0

    @property
    def id(self) -> str:
        """The submission whose result it is."""
        return self.score.basis.submission

    @property
    def state(self) -> str:
        """Computed, approved or published."""
        return "published" if self.published_at else "approved" if self.decisions else "computed"

    def decision(self, what: str) -> Decision | None:
        """The decision of that kind, if it was taken."""
        return next((taken for taken in self.decisions if taken.what == what), None)


def check_decides(caller: Caller) -> None:
    """Let officers of the ministry pass; raises Forbidden."""
    if not caller.has("ministry"):
        raise Forbidden("Only the ministry approves and publishes results.", "role-needed")


def decided(result: Result, decision: Decision) -> Result:
    """The result with one decision more."""
    return replace(result, decisions=(*result.decisions, decision))


def check_publishable(result: Result) -> None:
    """Refuse to publish what nobody approved; raises Conflict."""
    if result.state == "computed":
        raise Conflict(
            "This result is not approved yet: approve it first (POST …/approve), then publish it.",
            "not-approved",
        )


def published(result: Result, receipt: Mapping[str, Any], at: datetime) -> Result:
    """The result, with all its decisions, as it is published."""
    return replace(result, published_at=at, receipt=receipt)


def require_receipt(result: Result) -> Mapping[str, Any]:
    """The receipt of a published result; raises NotFound."""
    if result.receipt is None:
        raise NotFound("This result is not published yet: its receipt is made at publication.")
    return result.receipt


def _leaf(node: NodeScore) -> dict[str, str]:
    leaf = {"kind": "node", "code": node.code, "index": node.index}
    return leaf | ({"origin": node.origin} if node.origin else {})


def result_receipt(result: Result, at: datetime) -> dict[str, Any]:
    """What the receipt of a published result says, unsigned: its leaves are the nodes with their indices.

    `decided` says who decided what, when; notes are not for everybody.
    """
    nodes = result.score.nodes
    leaves = [exact(_leaf(node)) for node in nodes]
    decided = [{"what": one.what, "by": one.by, "at": timestamp(one.at)} for one in result.decisions]
    more = {"version": result.version, "score": result.score.id, "decided": decided}
    return receipt_on(receipts.Title("result", f"result:{result.id}", at), leaves, result.score) | more
