"""Results: final scores on their way to publication."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.scoring.domain.scores import Score, receipt_on
from shared.core.canonical import exact
from shared.core.errors import Conflict, Forbidden
from shared.core.people import Caller


@dataclass(frozen=True)
class Decision:
    """What an officer of the ministry decided (approved, published), when, and the note that went with it."""

    what: str
    by: str
    at: datetime
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


def approved(one: Result, decision: Decision) -> Result:
    """The result with its approval; the same one when it was approved already."""
    return one if one.decisions else replace(one, decisions=(decision,))


def published(one: Result, decision: Decision, receipt: Mapping[str, Any]) -> Result:
    """The result as it is published."""
    decisions = (*one.decisions, decision)
    return replace(one, decisions=decisions, published_at=decision.at, receipt=receipt)


def check_publishable(one: Result) -> None:
    """Refuse to publish what nobody approved; raises Conflict."""
    if one.state == "computed":
        raise Conflict(
            "This result is not approved yet: approve it first (POST …/approve), then publish it.",
            "not-approved",
        )


def result_receipt(one: Result, at: datetime) -> dict[str, Any]:
    """What the receipt of a published result says, unsigned: its leaves are the nodes as they are told."""
    leaves = [exact({"kind": "node", "code": node.code, "index": node.index}) for node in one.score.nodes]
    more = {"version": one.version, "score": one.score.id}
    return receipt_on("result", f"result:{one.id}", leaves, one.score, at) | more
