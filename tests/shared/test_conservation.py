"""Whatever happens in whatever order, in the end every event has had one effect, and nothing is missing or doubled."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from deploy.local.servers import Servers
from shared.core.ids import utcnow
from shared.events import Envelope, decode
from shared.events.intake import AgencySet
from shared.events.review import AssessorSet
from shared.messaging import broker, inbox, operations, outbox
from shared.messaging.broker import Publisher
from shared.messaging.dead_letters import dead_letter
from shared.messaging.inbox import Handler, MissingDependency
from shared.service import Service
from shared.storage import audit, mongo
from shared.storage.transaction import Transaction
from tests.shared.toys import BAD, TOY
from tests.support.publishing import message
from tests.support.stage import LONG_AGO, Stage

AGENCIES = ("a", "b", "c")
PLAIN, QUERIES, BAD_QUERIES = "Kota", "queries", "bad after a query"

SEAMS: dict[str, tuple[Any, str, bool]] = {
    "before a handler": (inbox, "_handle_event", False),
    "before anything is written": (Transaction, "flush", False),
    "between two writes": (Transaction, "_send", True),
    "before the commit": (Transaction, "flush", True),
    "after the commit": (mongo.Store, "transact", True),
    "before what was published is marked": (outbox.Relay, "_mark_published", False),
}


class Crash(BaseException):
    """The process is gone: nobody may catch this."""


@contextmanager
def crashing(seam: str | None) -> Iterator[None]:
    """Crash at the first passing of a seam of the real code, if it is passed inside."""
    if seam is None:
        yield
        return
    owner, name, after = SEAMS[seam]
    real = getattr(owner, name)

    def crash(*args: Any, **options: Any) -> None:
        if after:
            real(*args, **options)
        raise Crash

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, crash)
        try:
            yield
        except Crash:
            return


def register(tx: Transaction, name: str, queries: bool) -> None:
    """A command that counts, emits, and may ask a query in between."""
    _count(tx, "b", name)
    if queries:
        tx.find("agencies", {})
    _count(tx, "c", name)


def _count(tx: Transaction, agency: str, name: str) -> None:
    doc = tx.get("agencies", agency) or {"_id": agency, "count": 0}
    tx.put("agencies", {**doc, "count": doc["count"] + 1})
    tx.audit(f"agency:{agency}", "agency.counted", name=name)
    tx.emit(f"agency:{agency}", AssessorSet(assessor=agency, issuer="toy", subject=name, since=LONG_AGO))


class World(RuleBasedStateMachine):
    """A toy service, a careless broker, and processes that die."""

    seams = st.sampled_from([None, None, *SEAMS])
    picks = st.lists(st.integers(0, 1000), min_size=1, max_size=8)
    agencies = st.builds(
        AgencySet,
        agency=st.sampled_from(AGENCIES),
        name=st.sampled_from(("", *AGENCIES)),
        group=st.sampled_from((PLAIN, QUERIES, BAD, BAD_QUERIES)),
        since=st.just(LONG_AGO),
        until=st.none(),
    )

    def __init__(self, stage: Stage, publisher: Publisher, queue: Callable[[], list[str]]) -> None:
        super().__init__()
        self.stage, self.publisher, self.queue = stage, publisher, queue
        self.stage.handlers = {
            AgencySet: Handler(self.on_agency, lambda event: [("agencies", event.agency)]),
        }
        self.events: list[Envelope] = []
        self.asked: list[str] = []
        self.answered: list[str] = []
        self.sick = True

    def on_agency(self, tx: Transaction, event: AgencySet) -> None:
        if event.name not in (event.agency, "") and not tx.get("agencies", event.name):
            raise MissingDependency(f"agency:{event.name}")
        _count(tx, event.agency, event.name)
        if event.group in (QUERIES, BAD_QUERIES):
            tx.count("agencies", {})
        if event.group in (BAD, BAD_QUERIES) and self.sick:
            raise ValueError("this event cannot be handled yet")

    @initialize(agencies=st.lists(agencies, min_size=2, max_size=6))
    def begin(self, agencies: Sequence[AgencySet]) -> None:
        self.stage.empty()
        self.queue()
        self.happen(*agencies)

    def happen(self, *agencies: AgencySet) -> None:
        self.events += [self.stage.envelope(f"agency:{event.agency}", event) for event in agencies]

    @rule(new=st.lists(agencies, max_size=3), picks=picks, seam=seams)
    def deliver(self, new: Sequence[AgencySet], picks: Sequence[int], seam: str | None) -> None:
        self.happen(*new)
        with crashing(seam):
            self.stage.consume_all(*self.picked(picks))

    @rule(picks=picks)
    def deliver_to_two_workers(self, picks: Sequence[int]) -> None:
        with ThreadPoolExecutor(2) as pool:
            ends = [
                pool.submit(self.stage.consume_all, *self.picked(order)) for order in (picks, picks[::-1])
            ]
        for end in ends:
            end.result()

    @rule(queries=st.booleans(), seam=seams)
    def ask(self, queries: bool, seam: str | None) -> None:
        name = f"n{len(self.asked)}"
        self.asked.append(name)
        with crashing(seam):
            self.stage.run(register, name, queries)
            self.answered.append(name)

    @rule(seam=seams)
    def wake(self, seam: str | None) -> None:
        past = utcnow() - timedelta(seconds=1)
        self.stage.db["deferred_events"].update_many(
            {"next_at": {"$ne": None}},
            {"$set": {"next_at": past, "attempt_started_at": None}, "$inc": {"rev": 1}},
        )
        with crashing(seam):
            self.stage.wake()

    @rule(picks=picks)
    def give_up(self, picks: Sequence[int]) -> None:
        came = message(self.picked(picks)[0])
        dead_letter(self.stage.store, came, self.stage.settings.amqp_users, "delivered too often")

    @rule()
    def replay(self) -> None:
        for row in list(self.stage.db["deferred_events"].find({"state": "dead"})):
            self.stage.run(operations.retry, row["_id"], self.stage.settings.amqp_users)

    @rule(seam=seams)
    def publish(self, seam: str | None) -> None:
        with crashing(seam):
            self.stage.relay(self.publisher).turn()

    def picked(self, picks: Sequence[int]) -> list[Envelope]:
        return [self.events[pick % len(self.events)] for pick in picks]

    def teardown(self) -> None:
        if not self.events:
            return
        self.sick = False
        self.happen(*(AgencySet(agency=agency, name="", group=PLAIN, since=LONG_AGO) for agency in AGENCIES))
        for order in (self.events, self.events[::-1]):
            self.stage.consume_all(*order)
            for _ in range(5):
                self.replay()
                self.wake(None)
        while self.stage.relay(self.publisher).turn():
            pass
        self.check()

    def check(self) -> None:
        db = self.stage.db
        published = [decode(bytes(row["body"])) for row in db["outbox"].find().sort("sequence", 1)]
        by_event = Counter(event.causation for event in published if event.causation)
        by_command = Counter(event.event.subject for event in published if not event.causation)
        assert db["deferred_events"].count_documents({}) == 0
        assert {row["_id"]: row["outcome"] for row in db["inbox"].find()} == {
            event.key: "done" for event in self.events
        }
        assert by_event == Counter(event.id for event in self.events)
        assert set(self.answered) <= set(by_command) <= set(self.asked)
        assert set(by_command.values()) <= {2}
        effects = Counter(event.event.assessor for event in published)
        assert {row["_id"]: row["count"] for row in db["agencies"].find()} == effects
        for agency, count in effects.items():
            mine = [event.sequence for event in published if event.subject == f"agency:{agency}"]
            assert mine == list(range(1, count + 1))
        assert set(self.queue()) == {event.id for event in published}
        chains = audit.verify_all(
            db["heads"].find().sort("_id", 1), db["audit"].find().sort([("subject", 1), ("seq", 1)]), _none
        )
        assert (chains.broken, chains.entries) == (0, sum(effects.values()) + self.replayed())

    def replayed(self) -> int:
        return self.stage.db["audit"].count_documents({"action": "deferred.retried"})


def _none(subject: str) -> Any:
    raise AssertionError(f"the chain of {subject} looked broken")


def test_every_event_has_one_effect_and_nothing_is_lost_whatever_happens_in_whatever_order(
    stage: Callable[[Service], Stage], servers: Servers, queues: str
) -> None:
    toy = stage(TOY)
    publisher = Publisher(toy.settings.amqp_uri, queues)

    def queue() -> list[str]:
        found: list[str] = []
        inbox = broker.queue(queues, "scoring")
        broker.drain(servers.amqp_admin_uri, inbox, lambda came: found.append(decode(came.body).id))
        consumed.extend(found)
        return consumed

    consumed: list[str] = []

    def world() -> World:
        consumed.clear()
        return World(toy, publisher, queue)

    run_state_machine_as_test(
        cast("type[World]", world),
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            phases=[Phase.generate],  # each step goes to real servers: to shrink takes minutes
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    publisher.close()
