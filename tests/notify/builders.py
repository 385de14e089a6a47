"""Facts, subscriptions and hands for the tests of notify."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from werkzeug.test import TestResponse

from services.notify import commands
from services.notify.app import service
from services.notify.domain import TEST_JOB, TargetRules, WebhookResponse
from services.notify.jobs import jobs_of
from services.notify.webhooks import Limits, WebhookSender
from shared.core.ids import utcnow
from shared.events import decode
from shared.events.intake import AgencySet, CycleOpened, MemberGrant, MemberSet, SubmissionSealed
from shared.events.scoring import ScoreComputed
from shared.service import Service
from shared.signing.keys import KeyRing
from shared.storage.reader import Doc
from tests.support.stage import LONG_AGO, Requests, Stage

API = "/notify/api/v1"
TRYING, STRICT = TargetRules(private=True), TargetRules()
QUICK = Limits(connect=1.0, total=1.5)


def agency(id: str, name: str = "Nama") -> AgencySet:
    """Told to the ministry and to the agency itself."""
    return AgencySet(agency=id, name=name, group="Kota", since=LONG_AGO)


def sealed(agency: str) -> SubmissionSealed:
    """Told to the ministry and to the agency itself."""
    id = f"2026.{agency}"
    return SubmissionSealed(
        submission=f"{id}.1",
        participation=id,
        cycle="2026",
        agency=agency,
        edition="e",
        edition_hash="h",
        version=1,
        sealed_at=LONG_AGO,
        root="r",
        answers=(),
    )


def score(agency: str) -> ScoreComputed:
    """Told to the ministry alone."""
    return ScoreComputed(
        score="s",
        submission="u",
        cycle="2026",
        agency=agency,
        edition="e",
        stage="self",
        kind="self",
        index="2.95",
        exact="59/20",
        predicate="Baik",
        set_hash="h",
    )


def cycle() -> CycleOpened:
    """Told to the ministry and to every agency."""
    return CycleOpened(
        cycle="2026", title="Round", edition="e", opens=LONG_AGO, deadline=LONG_AGO, bytes_until=LONG_AGO
    )


@dataclass
class Notify:
    """The service on its stage; deliveries are cut off after half a second."""

    stage: Stage

    def as_(self, name: str | None) -> Requests:
        """Somebody's hands."""
        return self.stage.as_(name)

    @property
    def ministry(self) -> Requests:
        """The ministry's hands."""
        self.stage.person("head", "ministry")
        return self.as_("head")

    def machine(self, name: str, agency: str | None = None) -> Requests:
        """The hands of a machine client, of an agency or of the ministry's own."""
        self.stage.person(name, "machine", agency)
        return self.as_(name)

    def end_grants(self, name: str) -> None:
        """Let the ministry take away whatever somebody may do, and have notify consume that."""
        over = MemberGrant(role="machine", agency=None, since=LONG_AGO, until=utcnow() - timedelta(seconds=1))
        self.consume(
            MemberSet(
                person=f"p-{name}", issuer=self.stage.settings.oidc_issuer, subject=name, grants=(over,)
            )
        )

    def know(self, *agencies: str) -> None:
        """Consume that there are these agencies."""
        for id in agencies:
            self.consume(agency(id))

    def subscribe(self, by: Requests | None = None, **sent: Any) -> Doc:
        """Make a subscription; gives the answer with the secret."""
        count = self.stage.db["subscriptions"].count_documents({})
        body = {"name": f"n{count}", "scope": "ministry", **sent}
        answer = (by or self.ministry).post(f"{API}/subscriptions", json=body)
        assert answer.status_code == 201, answer.json
        return cast(Doc, answer.json)

    def consume(self, *events: Any) -> list[str]:
        """Handle events in one batch; gives their ids."""
        envelopes = [self.stage.envelope(_subject(event), event) for event in events]
        outcomes = self.stage.consume_all(*envelopes)
        assert set(outcomes.values()) <= {"done"}, outcomes
        return [envelope.id for envelope in envelopes]

    def consume_own(self) -> int:
        """Handle what notify itself has published and not consumed yet, as its own worker would; gives how many."""
        rows = list(self.stage.db["outbox"].find({"pending": True}).sort([("at", 1), ("_id", 1)]))
        from_outbox = [decode(bytes(row["body"])) for row in rows]
        if from_outbox:
            self.stage.consume_all(*from_outbox)
            ids = [row["_id"] for row in rows]
            self.stage.db["outbox"].update_many({"_id": {"$in": ids}}, {"$set": {"pending": False}})
        return len(from_outbox)

    def deliver(self, make_due: bool = False) -> int:
        """Make every delivery that is due, or all that wait, every address tested; gives the number of attempts."""
        self.answer_tests()
        if make_due:
            self.make_due()
        return self.stage.run_jobs()

    def answer_tests(self) -> None:
        """Let every address that was sent a test event, or is to be, have answered it."""
        db = self.stage.store.db
        for doc in list(db["subscriptions"].find({"state": "pending"})):
            answer = WebhookResponse(204, None)
            assert self.stage.run(commands.record_test, doc["_id"], doc["test"], answer) is False
        db["jobs"].delete_many({"kind": TEST_JOB})

    def make_due(self) -> None:
        """Let the time pass until the next attempts."""
        past = utcnow() - timedelta(seconds=1)
        self.stage.db["jobs"].update_many({"state": {"$in": ["waiting", "retry"]}}, {"$set": {"due": past}})

    def deliveries(self, subscription: Doc | str, state: str = "") -> list[Doc]:
        """The deliveries of a subscription as the ministry sees them, the latest first."""
        id = subscription if isinstance(subscription, str) else subscription["id"]
        query = f"?state={state}" if state else ""
        items: list[Doc] = self.ok(self.ministry.get(f"{API}/subscriptions/{id}/deliveries{query}"))["items"]
        return items

    def query(self, subscription: Doc) -> Doc:
        """A subscription as the ministry sees it now."""
        return self.ok(self.ministry.get(f"{API}/subscriptions/{subscription['id']}"))

    def stream(self, subscription: Doc, by: Requests | None = None) -> list[Doc]:
        """The data of every event in a stream."""
        answer = (by or self.ministry).get(f"{API}/streams/{subscription['id']}/events?limit=200")
        return [item["data"] | {"type": item["type"]} for item in self.ok(answer)["items"]]

    def ok(self, answer: TestResponse) -> Doc:
        """The JSON of an answer that is not a problem."""
        assert answer.status_code < 300, answer.json
        return cast(Doc, answer.json)

    def parked(self, subscription: Doc) -> Doc:
        """Fail the only waiting delivery of a subscription until it is parked; gives it."""
        (waiting,) = self.deliveries(subscription, "waiting")
        while self.deliveries(subscription, "waiting"):
            assert self.deliver(make_due=True)
        return self.ok(self.ministry.get(f"{API}/deliveries/{waiting['id']}"))


def problem(answer: TestResponse) -> Doc:
    """The problem that an answer is: it must be one, complete and clear."""
    assert answer.content_type == "application/problem+json", answer.data
    body = cast(Doc, answer.json)
    assert body["status"] == answer.status_code >= 400
    assert body["detail"].endswith("."), body["detail"]
    return body


def new(stage: Callable[[Service], Stage]) -> Notify:
    """The service, its database empty at first, allowed to deliver to this machine."""
    known = stage(service)
    settings = replace(known.settings, allow_private_targets=True)
    fresh = Stage(service, settings, known._mint, known)
    fresh.worker_away = True  # deliveries are made when a test says so
    fresh.jobs = jobs_of(WebhookSender(KeyRing.load(settings.keys, "notify"), TRYING, QUICK))
    return Notify(fresh)


def _subject(event: Any) -> str:
    for name in ("agency", "subscription", "cycle", "person", "edition"):
        if id := getattr(event, name, None):
            return f"{name}:{id}"
    raise TypeError(event)
