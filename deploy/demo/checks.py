"""What must be so after the round, found in what the receiver stored; each finding says what differs and where."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy.demo.assessors import Work
from deploy.demo.ledger import Ledger
from deploy.demo.ministry import Subscription
from deploy.demo.plan import Part, Plan

TO_ALL = "cycle.opened.v1"


def of_streams(
    ledger: Ledger, streams: Mapping[str, Sequence[Any]], subscriptions: Sequence[Subscription]
) -> Iterator[str]:
    """Signatures good, no gap in a sequence, bodies as in the stream, no event of another agency."""
    yield from ledger.defects
    for subscription in subscriptions:
        have, events = ledger.sequences(subscription.name), streams[subscription.name]
        numbers = [event["data"]["sequence"] for event in events]
        if numbers != list(range(1, len(events) + 1)) or sorted(have) != numbers:
            yield f"{subscription.name}: the stream has {_spans(numbers)}, the receiver {_spans(sorted(have))}"
            continue
        if wrong := [
            event["data"]["sequence"] for event in events if have[event["data"]["sequence"]].event != event
        ]:
            yield f"{subscription.name}: the webhooks {wrong} said something else than the stream"
        yield from _foreign(subscription, events)


def _foreign(subscription: Subscription, events: Sequence[Any]) -> Iterator[str]:
    if subscription.scope != "ministry":
        for event in events:
            if event["type"] != TO_ALL and event["data"].get("agency") != subscription.scope:
                yield f"{subscription.name} was sent an event of {event['data'].get('agency')} ({event['type']})"


def of_results(plan: Plan, results: Mapping[str, Mapping[str, Any]], where: str) -> Iterator[str]:
    """Every index, predicate and node as published, in what one subscriber knows."""
    for part in plan.parts:
        if part.participation not in results:
            yield f"{part.agency}: no published result came to {where}"
        else:
            yield from _of_result(part, results[part.participation])


def _of_result(part: Part, got: Mapping[str, Any]) -> Iterator[str]:
    if got["index"] != part.index:
        yield f"{part.agency}: the index is {got['index']}, published is {part.index} ({part.source})"
    if part.predicate not in (None, got["predicate"]):
        yield f"{part.agency}: the predicate is {got['predicate']}, published is {part.predicate}"
    nodes = {node["code"]: node["index"] for node in got["nodes"]}
    for code, index in part.nodes.items():
        if nodes.get(code) != index:
            yield f"{part.agency}: node {code} is {nodes.get(code)}, published is {index}"


def of_work(plan: Plan, work: Work, events: Sequence[Any]) -> Iterator[str]:
    """Of two claims one wins, nobody assesses its employer, and untouched interviews were carried over."""
    for race in work.races:
        if race != ("claimed", "task-taken"):
            yield f"two claims of one task ended with {' and '.join(race)}; one must win"
    employers = {assessor["id"]: assessor.get("employer") for assessor in plan.assessors}
    for event in events:
        data = event["data"]
        if event["type"] == "task.assigned.v1" and employers.get(data["assessor"]) == data["agency"]:
            yield f"{data['assessor']} was given a task of its employer {data['agency']}"
    for part in plan.parts:
        yield from _of_stages(part, events)


def _of_stages(part: Part, events: Sequence[Any]) -> Iterator[str]:
    completed = {
        event["data"]["stage"]: event["data"]["ratings"]
        for event in events
        if event["type"] == "stage.completed.v1" and event["data"]["participation"] == part.participation
    }
    if set(completed) != set(part.stages):
        yield f"{part.agency}: the stages were {', '.join(completed)}, and should be {', '.join(part.stages)}"
        return
    for stage in part.stages[2:]:
        own = {rating["indicator"] for rating in completed[stage] if rating["origin"] == "own"}
        before = part.stages[part.stages.index(stage) - 1]
        if own != (asked := set(part.clarified_after(before))):
            yield f"{part.agency}: the {stage} rated {sorted(own)}, asked were {sorted(asked)}"


def _spans(numbers: Sequence[int]) -> str:
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    return f"{len(numbers)} events" + (f" without {missing}" if missing else "")
