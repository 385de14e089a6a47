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
from deploy.demo.world import Person, Trouble, World, until

MINISTRY = "ministry"


@dataclass
class Game:
    """Who and what takes part in one playing."""

    world: World
    plan: Plan
    officer: Person
    receiver: Receiver
    file: Path
    tally: Tally
    subscriptions: list[Subscription] = field(default_factory=list)
    sealed: dict[str, Sealed] = field(default_factory=dict)
    work: Work = field(default_factory=Work)

    @property
    def feed(self) -> Subscription:
        """The ministry's own subscription, which is told everything."""
        return self.subscriptions[0]


def play(game: Game) -> None:
    """Play the round up to the last delivery."""
    tally, plan, officer = game.tally, game.plan, game.officer
    with tally.phase("The ministry publishes editions, sets agencies and people", "Persiapan"):
        _prepare(game)
    tally.say(f"{len(plan.years)} editions, {len(plan.parts)} agencies, {len(plan.cycles)} cycles opened")
    with tally.phase("Agencies answer, upload and seal at the same time", "Penilaian mandiri"):
        game.sealed = agencies.hand_in(game.world, plan)
    _say_sealed(game)
    with tally.phase("Assessors claim and rate; interviews, a visit, carry-over", "Penilaian eksternal"):
        game.work = assessors.assess(game.world, plan, officer)
    tally.say(
        f"{game.work.tasks} tasks, {game.work.ratings} ratings; two claims of one task: {_race(game.work)}"
    )
    with tally.phase("The ministry approves and publishes", "Penetapan dan publikasi"):
        _wake(game)
        ministry.publish(officer, plan, {id: one.submission for id, one in game.sealed.items()})
    with tally.phase("Every event reaches its receiver", "Pengiriman"):
        _deliver(game)


def verify(game: Game, verifier: Verifier) -> tuple[Ledger, list[str]]:
    """Check everything in what the receiver stored; gives that, and what differs."""
    known = Ledger.read(game.file)
    streams = {one.name: list(ledger.stream(game.officer, one)) for one in game.subscriptions}
    told = known.published(game.feed.name)
    findings = [
        *checks.of_streams(known, streams, game.subscriptions),
        *checks.of_results(game.plan, told, game.feed.name),
        *checks.of_work(game.plan, game.work, known.events(game.feed.name)),
        *_own_results(game, known),
    ]
    with game.tally.phase("Receipts and proofs are checked offline", "Tanda terima"):
        outcomes = list(_receipts(game, verifier, told))
    game.tally.verified = outcomes.count(None)
    _count(game, known)
    return known, findings + [one for one in outcomes if one]


@contextmanager
def subscribed(game: Game) -> Iterator[None]:
    """Close every subscription of this playing at the end, so that nobody calls a receiver that is gone."""
    try:
        yield
    except BaseException:
        with suppress(Trouble):
            _close(game)
        raise
    _close(game)


def _close(game: Game) -> None:
    for one in reversed(game.subscriptions):
        game.officer.ask("DELETE", "notify", f"/subscriptions/{one.id}")


def _prepare(game: Game) -> None:
    plan, officer = game.plan, game.officer
    _subscribe(game, MINISTRY)
    ministry.prepare_editions(officer, plan)
    ministry.prepare_people(officer, plan)
    ministry.appoint(officer, plan)
    for part in plan.parts:
        _subscribe(game, part.agency, asleep=part.receiver_sleeps)
    ministry.open_cycles(officer, plan)
    ministry.wait_until_known(officer, plan)


def _subscribe(game: Game, scope: str, asleep: bool = False) -> None:
    name = f"{scope}-{game.plan.stamp}"
    one = ministry.subscribe(game.officer, game.receiver, name, scope)
    game.subscriptions.append(one)
    if asleep:
        path = f"/subscriptions/{one.id}"
        game.officer.ask("PATCH", "notify", path, {"enabled": False}, If_Match=one.etag)


def _wake(game: Game) -> None:
    for one in game.subscriptions:
        game.officer.post("notify", f"/subscriptions/{one.id}/enable")


def _deliver(game: Game) -> None:
    for one in game.subscriptions:
        what = f"the published results reach the stream {one.name} ({one.id})"
        until(what, partial(_complete, game, one))
        ministry.settled(game.officer, one)
        game.tally.filled += ledger.fill(game.officer, game.receiver, Ledger.read(game.file), one)


def _complete(game: Game, one: Subscription) -> bool:
    wanted = {part.participation for part in game.plan.parts if one.scope in (MINISTRY, part.agency)}
    events = ledger.stream(game.officer, one)
    return wanted <= {each["data"]["participation"] for each in events if each["type"] == ledger.PUBLISHED}


def _own_results(game: Game, known: Ledger) -> Iterator[str]:
    for one in game.subscriptions[1:]:
        told = known.published(one.name)
        mine = [part for part in game.plan.parts if part.agency == one.scope]
        yield from checks.of_results(Plan(game.plan.stamp, tuple(mine), {}, ()), told, one.name)


def _receipts(game: Game, verifier: Verifier, told: dict[str, Any]) -> Iterator[str | None]:
    for part in game.plan.parts:
        yield from receipts.check_submission(game.world, verifier, part, game.sealed[part.participation])
        if part.participation in told:
            yield receipts.check_result(verifier, part, told[part.participation])


def _count(game: Game, known: Ledger) -> None:
    tally, answers, traffic = game.tally, known.answers, game.world.traffic
    tally.delivered, tally.failed, tally.retried = answers[204], answers[500], known.retried
    tally.flaws, tally.streams = len(known.flaws), len(game.subscriptions)
    tally.events = types(known.events(game.feed.name))
    tally.requests, tally.bytes_sent = dict(traffic.requests), dict(traffic.bytes_sent)


def _say_sealed(game: Game) -> None:
    files = [file for one in game.sealed.values() for file in one.files]
    size = sum(len(file.content) for file in files) / 2**20
    early = [part.agency for part in game.plan.parts if part.seals_before_bytes]
    game.tally.say(f"{len(files)} files, {size:.1f} MB; {', '.join(early)} sealed before its bytes had come")


def _race(work: Work) -> str:
    return "; ".join(" and ".join(one) for one in work.races)
