"""What the receiver has stored, read back from its file: streams, gaps, published results."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy.demo.ministry import Subscription
from deploy.demo.receiver import Receiver
from deploy.demo.world import Person

PUBLISHED = "result.published.v1"


@dataclass(frozen=True)
class Entry:
    """One line of the file: a webhook with its answer, or (answered None) an event fetched from its stream."""

    at: datetime
    to: str
    id: str | None
    answered: int | None
    defect: str | None
    body: str

    @property
    def event(self) -> Any:
        """What it says."""
        return json.loads(self.body)

    @property
    def kept(self) -> bool:
        """Whether the receiver has it now."""
        return self.answered in (204, None)


@dataclass(frozen=True)
class Ledger:
    """Everything that was stored."""

    entries: Sequence[Entry]

    @classmethod
    def read(cls, file: Path) -> "Ledger":
        """What stands in a receiver's file."""
        rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return cls([Entry(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows])

    def sequences(self, to: str) -> dict[int, Entry]:
        """A subscriber's events by their number in the stream."""
        kept = [entry for entry in self.entries if entry.kept and entry.to == to]
        return {entry.event["data"]["sequence"]: entry for entry in reversed(kept)}

    def events(self, to: str) -> list[Any]:
        """A subscriber's events in sequence."""
        return [entry.event for _, entry in sorted(self.sequences(to).items())]

    def published(self, to: str) -> dict[str, Any]:
        """The published results that a subscriber knows, by participation."""
        return {
            event["data"]["participation"]: event["data"]
            for event in self.events(to)
            if event["type"] == PUBLISHED
        }

    @property
    def defects(self) -> list[str]:
        """What was wrong with webhooks."""
        return [f"{entry.id} to {entry.to}: {entry.defect}" for entry in self.entries if entry.defect]

    @property
    def answers(self) -> Mapping[int | None, int]:
        """How many lines have which answer; None counts the events fetched from streams."""
        return Counter(entry.answered for entry in self.entries)

    @property
    def retried(self) -> int:
        """How many webhooks were refused first and came again."""
        answers: dict[str | None, list[int | None]] = defaultdict(list)
        for entry in self.entries:
            answers[entry.id].append(entry.answered)
        return sum(500 in given and 204 in given for given in answers.values())


def stream(who: Person, subscription: Subscription) -> Iterator[Any]:
    """Every event of a stream, as notify keeps it."""
    after: int | None = 0
    while after is not None:
        page = who.get("notify", f"/streams/{subscription.id}/events?after={after}&limit=200")
        yield from page["items"]
        after = page["next"]


def fill(who: Person, receiver: Receiver, known: Ledger, subscription: Subscription) -> int:
    """Fetch from its stream what no webhook brought; gives how many events that were."""
    have = known.sequences(subscription.name)
    missing = [event for event in stream(who, subscription) if event["data"]["sequence"] not in have]
    for event in missing:
        receiver.fetched(subscription.name, json.dumps(event))
    return len(missing)
