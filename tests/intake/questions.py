"""A question of the assessors, as review tells of it."""

from datetime import UTC, datetime
from typing import Any

from shared.events.review import ClarificationAsked
from tests.intake.rounds import A

ID = "task-1.1"
SUBJECT = f"clarification:{ID}"
ASKED = datetime(2026, 8, 1, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def question(**changes: Any) -> ClarificationAsked:
    """The event of a question about the first indicator."""
    said: dict[str, Any] = {
        "clarification": ID,
        "case": "s",
        "submission": "s",
        "participation": A,
        "cycle": "2026",
        "agency": "kota-a",
        "stage": "visit",
        "indicator": "1",
        "version": 1,
        "asked_at": ASKED,
        "until": LATER,
        "question": "Di mana keputusannya?",
    }
    return ClarificationAsked(**said | changes)
