"""The round from the first edition to the last delivered event, and what came out of it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from deploy.demo import agencies, assessors, checks, ledger, ministry, receipts
from deploy.demo.agencies import Sealed
from deploy.demo.assessors import Work
from deploy.demo.ledger import Ledger
from deploy.demo.ministry import Subscription
from deploy.demo.plan import Plan
from deploy.demo.receipts import Verifier
from deploy.demo.receiver import Receiver
from deploy.demo.tally import Tally, types
from deploy.demo.world import DemoError, Person, World, until

MINISTRY = "ministry"


@dataclass
class DemoRun:
    """Who and what takes part in one run."""

    world: World
    plan: Plan
    officer: Person
    second: Person
    receiver: Receiver
    file: Path
    tally: Tally
    subscriptions: list[Subscription] = field(default_factory=list)
    sealed: dict[str, Sealed] = field(default_factory=dict)
    work: Work = field(default_factory=Work)

    @property
    def feed(self) -> Subscription:
        """The ministry's own subscription, which is sent everything."""
        return self.subscriptions[0]


def play(run: DemoRun) -> None:
    """Play the round up to the last delivery."""
    tally, plan, officer = run.tally, run.plan, run.officer
    with tally.phase("The ministry publishes editions, sets agencies and people", "Persiapan"):
        _prepare(run)
    tally.say(f"{len(plan.years)} editions, {len(plan.parts)} agencies, {len(plan.cycles)} cycles opened")
    with tally.phase("Agencies answer, upload and seal at the same time", "Penilaian mandiri"):
        run.sealed = agencies.hand_in(run.world, plan)
    _say_sealed(run)
    with tally.phase("Assessors claim and rate; interviews, a visit, carry-over", "Penilaian eksternal"):
        run.work = assessors.assess(run.world, plan, officer)
    tally.say(
        f"{run.work.tasks} tasks, {run.work.ratings} ratings; two claims of one task: {_race(run.work)}"
    )
    with tally.phase("One officer approves, another publishes", "Penetapan dan publikasi"):
        _wake(run)
        submissions = {id: sealed.submission for id, sealed in run.sealed.items()}
        ministry.publish((officer, run.second), plan, submissions)
    with tally.phase("Every event reaches its receiver", "Pengiriman"):
        _deliver(run)


def verify(run: DemoRun, verifier: Verifier) -> tuple[Ledger, list[str]]:
    """Check everything in what the receiver stored; gives that, and what differs."""
    known = Ledger.read(run.file)
    streams = {each.name: list(ledger.stream(run.officer, each)) for each in run.subscriptions}
    results = known.published(run.feed.name)
    findings = [
        *checks.of_streams(known, streams, run.subscriptions),
        *checks.of_results(run.plan, results, run.feed.name),
        *checks.of_work(run.plan, run.work, known.events(run.feed.name)),
        *_own_results(run, known),
    ]
    with run.tally.phase("Receipts and proofs are checked offline", "Tanda terima"):
        outcomes = list(_receipts(run, verifier, results))
    run.tally.verified = outcomes.count(None)
    _count(run, known)
    return known, findings + [finding for finding in outcomes if finding]


@contextmanager
def subscribed(run: DemoRun) -> Iterator[None]:
    """Close every subscription of this run at the end, so that nobody calls a receiver that is gone."""
    try:
        yield
    except BaseException:
        with suppress(DemoError):
            _close(run)
        raise
    _close(run)


def _close(run: DemoRun) -> None:
    for subscription in reversed(run.subscriptions):
        run.officer.ask("DELETE", "notify", f"/subscriptions/{subscription.id}")


def _prepare(run: DemoRun) -> None:
    plan, officer = run.plan, run.officer
    _subscribe(run, MINISTRY)
    ministry.prepare_editions(officer, plan)
    ministry.prepare_people(officer, plan)
    ministry.appoint(officer, plan)
    for part in plan.parts:
        _subscribe(run, part.agency, asleep=part.receiver_sleeps)
    ministry.open_cycles(officer, plan)
    for each in (officer, run.second):
        ministry.wait_until_known(each, plan)


def _subscribe(run: DemoRun, scope: str, asleep: bool = False) -> None:
    name = f"{scope}-{run.plan.stamp}"
    subscription = ministry.subscribe(run.officer, run.receiver, name, scope)
    run.subscriptions.append(subscription)
    if asleep:
        ministry.put_to_sleep(run.officer, subscription)


def _wake(run: DemoRun) -> None:
    for subscription in run.subscriptions:
        run.officer.post("notify", f"/subscriptions/{subscription.id}/enable")


def _deliver(run: DemoRun) -> None:
    for subscription in run.subscriptions:
        what = f"the published results reach the stream {subscription.name} ({subscription.id})"
        until(what, partial(_is_complete, run, subscription))
        ministry.settled(run.officer, subscription)
        run.tally.filled += ledger.fill(run.officer, run.receiver, Ledger.read(run.file), subscription)


def _is_complete(run: DemoRun, subscription: Subscription) -> bool:
    wanted = {part.participation for part in run.plan.parts if subscription.scope in (MINISTRY, part.agency)}
    events = ledger.stream(run.officer, subscription)
    return wanted <= {event["data"]["participation"] for event in events if event["type"] == ledger.PUBLISHED}


def _own_results(run: DemoRun, known: Ledger) -> Iterator[str]:
    for subscription in run.subscriptions[1:]:
        results = known.published(subscription.name)
        mine = [part for part in run.plan.parts if part.agency == subscription.scope]
        yield from checks.of_results(Plan(run.plan.stamp, tuple(mine), {}, ()), results, subscription.name)


def _receipts(run: DemoRun, verifier: Verifier, results: dict[str, Any]) -> Iterator[str | None]:
    for part in run.plan.parts:
        yield from receipts.check_submission(run.world, verifier, part, run.sealed[part.participation])
        if part.participation in results:
            yield receipts.check_result(verifier, part, results[part.participation])


def _count(run: DemoRun, known: Ledger) -> None:
    tally, answers, traffic = run.tally, known.answers, run.world.traffic
    tally.delivered, tally.failed, tally.retried = answers[204], answers[500], known.retried
    tally.defects, tally.streams = len(known.defects), len(run.subscriptions)
    tally.events = types(known.events(run.feed.name))
    tally.requests, tally.bytes_sent = dict(traffic.requests), dict(traffic.bytes_sent)


def _say_sealed(run: DemoRun) -> None:
    files = [file for sealed in run.sealed.values() for file in sealed.files]
    size = sum(len(file.content) for file in files) / 2**20
    early = [part.agency for part in run.plan.parts if part.seals_before_bytes]
    run.tally.say(f"{len(files)} files, {size:.1f} MB; {', '.join(early)} sealed before its bytes had come")


def _race(work: Work) -> str:
    return "; ".join(" and ".join(race) for race in work.races)
