"""A whole round through all processes: what comes out, what is found when it differs, what the logs say."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.demo import checks
from deploy.demo.assessors import Work
from deploy.demo.ledger import Ledger
from shared.core.names import SERVICES
from tests.flow.conftest import Played


def lines(logs: Path, service: str, correlation: str) -> Iterator[Any]:
    """What all processes of a service logged under a correlation id."""
    for log in sorted(logs.glob(f"{service}-*.log")):
        for line in log.read_text().splitlines():
            if correlation in line:
                yield json.loads(line)


def without(ledger: Ledger, sequence: int, to: str) -> Ledger:
    """The ledger, one event of a stream taken away."""
    gone = ledger.sequences(to)[sequence]
    return Ledger([entry for entry in ledger.entries if entry is not gone])


def test_a_round_ends_with_the_published_index_in_the_hands_of_the_receiver(played: Played) -> None:
    assert played.findings == []
    results = played.ledger.published(played.run.feed.name)
    assert {result["agency"]: result["index"] for result in results.values()} == {
        "kab-aceh-tengah": "1.24",
        "kab-tetangga": "1.24",
    }


def test_every_receipt_and_proof_of_the_round_holds(played: Played) -> None:
    assert played.run.tally.verified == 5 * len(played.run.plan.parts)


def test_failed_webhooks_come_again_and_missed_ones_are_fetched(played: Played) -> None:
    assert played.ledger.retried == played.ledger.answers[500] == 3
    assert played.run.tally.filled == played.ledger.answers[None] > 0


def test_an_index_that_differs_is_found(played: Played) -> None:
    plan = played.run.plan
    other = replace(plan, parts=(replace(plan.parts[0], index="1.25", nodes={"A1": "9.99"}), plan.parts[1]))
    (index, node) = checks.of_results(other, played.ledger.published(played.run.feed.name), "here")
    assert "the index is 1.24, published is 1.25" in index
    assert "node A1 is 1.75, published is 9.99" in node


def test_a_result_that_never_came_is_found(played: Played) -> None:
    first = played.run.plan.parts[0]
    (finding,) = checks.of_results(replace(played.run.plan, parts=(first,)), {}, "the ministry")
    assert finding == "kab-aceh-tengah: no published result came to the ministry"


def test_a_gap_in_a_stream_is_found(played: Played) -> None:
    feed = played.run.feed
    streams = {feed.name: played.ledger.events(feed.name)}
    assert list(checks.of_streams(played.ledger, streams, [feed])) == []
    (finding,) = checks.of_streams(without(played.ledger, 3, feed.name), streams, [feed])
    assert "without [3]" in finding


def test_an_agency_that_is_sent_events_of_another_is_found(played: Played) -> None:
    feed = played.run.feed
    streams = {feed.name: played.ledger.events(feed.name)}
    spy = replace(feed, scope="kab-tetangga")
    found = list(checks.of_streams(played.ledger, streams, [spy]))
    assert any("was sent an event of kab-aceh-tengah" in finding for finding in found)


def test_a_claim_that_two_won_and_an_employers_assessor_are_found(played: Played) -> None:
    run, events = played.run, played.ledger.events(played.run.feed.name)
    assert list(checks.of_work(run.plan, run.work, events)) == []
    both = Work(races=[("claimed", "claimed")])
    (race,) = checks.of_work(run.plan, both, events)
    assert "one must win" in race
    employed = [{**assessor, "employer": "kab-aceh-tengah"} for assessor in run.plan.assessors]
    found = set(checks.of_work(replace(run.plan, assessors=tuple(employed)), run.work, events))
    assert any("a task of its employer kab-aceh-tengah" in finding for finding in found)


def test_a_stage_that_is_missing_or_rated_something_else_is_found(played: Played) -> None:
    run, events = played.run, played.ledger.events(played.run.feed.name)
    first, second = run.plan.parts
    visited = replace(run.plan, parts=(replace(first, visit=True), second))
    (missing,) = checks.of_work(visited, run.work, events)
    assert "and should be self, document, interview, visit" in missing
    asked = replace(run.plan, parts=(first, replace(second, settled={"interview": ("1", "17")})))
    (other,) = checks.of_work(asked, run.work, events)
    assert "the interview rated ['17'], asked were ['1', '17']" in other


def test_one_correlation_id_leads_through_all_four_services_to_the_delivery(played: Played) -> None:
    first = played.run.plan.parts[0]
    id = played.run.sealed[first.participation].correlation
    logged = {name: list(lines(played.logs, name, id)) for name in SERVICES}
    assert [line["route"] for line in logged["intake"] if line["message"] == "request"] == [SEAL]
    assert consumed(logged["review"]) == ["submission.completed.v1"]
    assert "submission.sealed.v1" in consumed(logged["scoring"])
    assert {"submission.sealed.v1", "case.opened.v1", "score.computed.v1"} <= set(consumed(logged["notify"]))
    assert 204 in {line["status"] for line in logged["notify"] if line["message"] == "webhook"}
    assert {line["correlation"] for found in logged.values() for line in found} == {id}


SEAL = "/intake/api/v1/self-assessments/<participation>/seal"


def consumed(logged: Sequence[Any]) -> list[str]:
    """The types of the events that were handled."""
    return [
        line["type"] for line in logged if line["message"] == "event consumed" and line["outcome"] == "done"
    ]
