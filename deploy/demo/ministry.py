"""What the two officers of the ministry do: prepare the round, subscribe receivers, publish the results."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from deploy.demo.plan import Part, Plan
from deploy.demo.receiver import Receiver
from deploy.demo.signatures import Keys
from deploy.demo.world import Answer, Person, accepted, until

SINCE = "2018-01-01T00:00:00Z"
EVIDENCE = {"max_file_bytes": 32 * 2**20, "quota_bytes": 256 * 2**20, "types": ["pdf", "image", "office"]}
STRANGER = ("role-needed",)


@dataclass(frozen=True)
class Subscription:
    """A subscriber's stream: its name at the receiver, its id, its scope."""

    name: str
    id: str
    scope: str


def prepare_editions(officer: Person, plan: Plan) -> None:
    """Load and publish the editions; what is published already stays."""
    for edition in plan.years:
        officer.post("intake", "/editions", {"yaml": plan.edition_text(edition)})
        officer.post("intake", f"/editions/{edition}/publish")


def prepare_people(officer: Person, plan: Plan) -> None:
    """Set the agencies and their people."""
    for part in plan.parts:
        agency = {"name": part.name, "group": part.group, "since": SINCE, "until": None}
        officer.put("intake", f"/agencies/{part.agency}", agency)
        for role, title in (("coordinator", "koordinator"), ("clerk", "entri")):
            id = f"{title}-{part.agency}"
            grant = {"role": role, "agency": part.agency, "since": SINCE, "until": None}
            who = {"issuer": officer.identity["issuer"], "subject": id, "grants": [grant]}
            officer.put("intake", f"/people/{id}", who)


def appoint(officer: Person, plan: Plan) -> None:
    """Appoint the assessors, as soon as review knows the officer and the agencies."""
    for assessor in plan.assessors:
        appointment = {
            "issuer": officer.identity["issuer"],
            "subject": assessor["id"],
            "name": assessor["name"],
            "employer_agency": assessor.get("employer"),
            "since": SINCE,
        }
        accepted(
            f"review lets the ministry appoint {assessor['id']}",
            ("unknown-agency", *STRANGER),
            partial(officer.put, "review", f"/assessors/{assessor['id']}", appointment),
        )


def open_cycles(officer: Person, plan: Plan) -> None:
    """Open a cycle for each edition, with the agencies that take part."""
    now = datetime.now(UTC)
    for cycle, edition in plan.cycles.items():
        settings = {
            "title": f"Penilaian {plan.years[edition]}",
            "edition": edition,
            "opens": (now - timedelta(minutes=1)).isoformat(),
            "deadline": (now + timedelta(hours=1)).isoformat(),
            "bytes_until": (now + timedelta(hours=2)).isoformat(),
            "evidence": EVIDENCE,
        }
        officer.put("intake", f"/cycles/{cycle}", settings)
    for part in plan.parts:
        how = {"activity": part.activity, "visit": part.visit}
        officer.put("intake", f"/participations/{part.participation}", how)
    for cycle in plan.cycles:
        officer.post("intake", f"/cycles/{cycle}/open")


def subscribe(officer: Person, receiver: Receiver, name: str, scope: str) -> Subscription:
    """Have everything that a scope offers sent to the receiver."""
    order = {"name": name, "url": receiver.url(name), "scope": scope, "types": "*"}
    made = accepted(
        f"notify lets the ministry subscribe {name}",
        ("unknown-agency", *STRANGER),
        partial(officer.post, "notify", "/subscriptions", order),
    )
    receiver.expect(name, Keys(made["secret"], [public["key"] for public in made["public_keys"]]))
    return Subscription(name, made["id"], scope)


def put_to_sleep(officer: Person, subscription: Subscription) -> None:
    """Have nothing sent to a receiver for now, once it has answered its test event."""
    path = f"/subscriptions/{subscription.id}"

    def active() -> Answer | None:
        answer = officer.ask("GET", "notify", path)
        return answer if answer.json["state"] == "enabled" else None

    answer = until(f"{subscription.name} answers its test event (see {path})", active)
    officer.ask("PATCH", "notify", path, {"enabled": False}, If_Match=answer.headers["ETag"])


def publish(officers: tuple[Person, Person], plan: Plan, submissions: Mapping[str, str]) -> None:
    """Have the first officer approve and the second publish every result, once its final score is there."""
    first, second = officers

    def publish_result(part: Part) -> None:
        path = f"/results/{submissions[part.participation]}"
        accepted(
            f"scoring computes the final score of {part.agency}",
            ("not-found",),
            partial(first.post, "scoring", f"{path}/approve"),
        )
        second.post("scoring", f"{path}/publish")

    with ThreadPoolExecutor(len(plan.parts)) as pool:
        list(pool.map(publish_result, plan.parts))


def finalised(officer: Person, plan: Plan) -> bool:
    """Whether the last stage of every case is over."""
    return all(len(_finalised(officer, cycle)) == _takes_part(plan, cycle) for cycle in plan.cycles)


def wait_until_known(officer: Person, plan: Plan) -> None:
    """Wait until scoring knows the officer, who may be a new one."""
    cycle = next(iter(plan.cycles))
    accepted(
        "scoring has consumed who the officer is",
        STRANGER,
        lambda: officer.get("scoring", f"/results?cycle={cycle}"),
    )


def settled(officer: Person, subscription: Subscription) -> None:
    """Wait until no delivery to a subscriber is on its way any more."""
    path = f"/subscriptions/{subscription.id}/deliveries?state=waiting"
    until(
        f"every delivery to {subscription.name} (see {path})",
        lambda: not officer.get("notify", path)["items"],
    )


def _finalised(officer: Person, cycle: str) -> Sequence[Any]:
    return officer.pages("review", f"/cases?cycle={cycle}&state=finalised")


def _takes_part(plan: Plan, cycle: str) -> int:
    return sum(part.cycle == cycle for part in plan.parts)
