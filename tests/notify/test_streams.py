"""Streams: each holds what its scope may have, in one sequence without a gap, in bytes that never change."""

import threading
from hashlib import sha256

import msgspec

from services.notify.webhooks import bodies
from shared.core.canonical import canonical
from shared.events import contracts, of_type
from shared.events.contract import HEARTBEAT
from shared.events.intake import AgencySet, EditionPublished, MemberGrant, MemberSet
from shared.events.review import AssessorSet, ReviewFinalised, StageCompleted, StageRating
from tests.notify.builders import API, Notify, agency, cycle, problem, score, sealed
from tests.support.stage import LONG_AGO


def test_an_agency_gets_what_is_its_own_and_meant_for_agencies_and_nothing_else(notify: Notify) -> None:
    notify.know("bkpm", "bps")
    mine = notify.subscribe(scope="bkpm")
    other = notify.subscribe(scope="bps")
    ministry = notify.subscribe(scope="ministry")
    notify.consume(sealed("bkpm"), sealed("bps"), score("bkpm"), cycle(), agency("bkpm", "New name"))
    assert [(event["type"], event.get("agency")) for event in notify.stream(mine)] == [
        ("submission.sealed.v1", "bkpm"),
        ("cycle.opened.v1", None),
        ("agency.set.v1", "bkpm"),
    ]
    assert [(event["type"], event.get("agency")) for event in notify.stream(other)] == [
        ("submission.sealed.v1", "bps"),
        ("cycle.opened.v1", None),
    ]
    assert len(notify.stream(ministry)) == 5


def test_what_another_agency_does_is_in_no_row_of_ones_stream(notify: Notify) -> None:
    notify.know("bkpm", "rahasia")
    mine = notify.subscribe(scope="bkpm")
    notify.consume(sealed("rahasia"), score("rahasia"), agency("rahasia"), sealed("bkpm"))
    rows = list(notify.stage.db["entries"].find({"stream": mine["id"]}))
    assert len(rows) == 1
    assert b"rahasia" not in bytes(rows[0]["body"])


def test_a_subscription_gets_only_the_types_that_it_asked_for(notify: Notify) -> None:
    made = notify.subscribe(types=["score.computed.v1"])
    notify.consume(agency("bkpm"), score("bkpm"))
    assert [event["type"] for event in notify.stream(made)] == ["score.computed.v1"]


def test_the_sequence_of_each_stream_has_no_gap_over_batches_and_its_document_is_put_once_a_batch(
    notify: Notify,
) -> None:
    notify.know("aa")
    every, mine = notify.subscribe(), notify.subscribe(scope="aa")
    for batch in range(4):
        notify.consume(*[agency("ab"[n % 2] * 2, f"{batch}.{n}") for n in range(25)])
    assert [event["sequence"] for event in notify.stream(every)] == list(range(1, 101))
    assert [event["sequence"] for event in notify.stream(mine)] == list(range(1, 53))
    assert notify.stage.db["streams"].find_one({"_id": every["id"]}) == {
        "_id": every["id"],
        "sequence": 100,
        "rev": 4,
    }


def test_the_sequence_has_no_gap_when_workers_consume_at_the_same_time(notify: Notify) -> None:
    made = notify.subscribe()
    batches = [[agency(f"a{n}-{m}") for m in range(20)] for n in range(4)]
    threads = [threading.Thread(target=notify.consume, args=batch) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event["sequence"] for event in notify.stream(made)] == list(range(1, 81))


def test_an_event_that_comes_twice_stands_in_the_stream_once(notify: Notify) -> None:
    made = notify.subscribe()
    envelope = notify.stage.envelope("agency:a", agency("a"))
    notify.stage.consume_all(envelope, envelope)
    notify.stage.consume_all(envelope)
    assert [event["event"] for event in notify.stream(made)] == [envelope.id]


def test_a_stream_begins_when_its_subscription_does_and_goes_on_while_that_is_disabled(
    notify: Notify,
) -> None:
    notify.consume(agency("before"))
    made = notify.subscribe(url="http://127.0.0.1:1/")
    tag = {"If-Match": '"1"'}
    notify.ok(
        notify.ministry.patch(f"{API}/subscriptions/{made['id']}", json={"enabled": False}, headers=tag)
    )
    notify.consume(agency("while"))
    notify.ok(notify.ministry.post(f"{API}/subscriptions/{made['id']}/enable"))
    notify.consume(agency("after"))
    assert [event["agency"] for event in notify.stream(made)] == ["while", "after"]
    assert [delivery["sequence"] for delivery in notify.deliveries(made)] == [2]


def test_a_closed_subscription_gets_no_more_rows_and_what_it_got_can_be_read(notify: Notify) -> None:
    made = notify.subscribe()
    notify.consume(agency("a"))
    assert notify.ministry.delete(f"{API}/subscriptions/{made['id']}").status_code == 204
    notify.consume(agency("b"))
    assert [event["agency"] for event in notify.stream(made)] == ["a"]


def test_a_machine_that_lost_its_grant_gets_no_more_rows_and_its_subscription_is_switched_off(
    notify: Notify,
) -> None:
    notify.know("bkpm")
    made = notify.subscribe(notify.machine("client", "bkpm"), scope="bkpm")
    notify.consume(sealed("bkpm"))
    notify.end_grants("client")
    notify.consume(sealed("bkpm"), agency("bkpm"))
    assert len(notify.stream(made)) == 1
    assert (notify.query(made)["state"], notify.query(made)["reason"]) == (
        "disabled",
        "its owner may no longer see what it asks for",
    )
    assert notify.stage.published_types() == ["subscription.disabled.v1"]


def test_an_agency_that_is_called_like_the_ministry_opens_nothing(notify: Notify) -> None:
    notify.know("ministry")
    client = notify.machine("client", "ministry")
    refused = client.post(f"{API}/subscriptions", json={"name": "n", "scope": "ministry"})
    assert (refused.status_code, problem(refused)["code"]) == (403, "foreign-scope")
    made = notify.subscribe()
    notify.consume(agency("ministry"))
    assert len(notify.stream(made)) == 1


# filling gaps


def test_a_gap_is_filled_from_the_stream_byte_for_byte(notify: Notify) -> None:
    made = notify.subscribe()
    notify.consume(*[agency(f"a{n}") for n in range(5)])
    answer = notify.ministry.get(f"{API}/streams/{made['id']}/events?after=2&limit=2")
    page = notify.ok(answer)
    assert [item["data"]["sequence"] for item in page["items"]] == [3, 4]
    assert page["next"] == 4
    rows = notify.stage.db["entries"].find({"sequence": {"$in": [3, 4]}}).sort("sequence", 1)
    assert b'{"items":[' + b",".join(bytes(row["body"]) for row in rows) + b'],"next":4}' == answer.data
    last = notify.ok(notify.ministry.get(f"{API}/streams/{made['id']}/events?after=4"))
    assert ([item["data"]["sequence"] for item in last["items"]], last["next"]) == ([5], None)


def test_a_stream_is_read_by_the_ministry_and_by_the_machine_that_made_it(notify: Notify) -> None:
    notify.know("bkpm", "bps")
    mine = notify.machine("mine", "bkpm")
    made = notify.subscribe(mine, scope="bkpm")
    notify.consume(sealed("bkpm"))
    assert len(notify.stream(made, mine)) == 1
    url = f"{API}/streams/{made['id']}/events"
    nothing = problem(notify.ministry.get(f"{API}/streams/nothing/events"))
    for stranger in (notify.machine("same", "bkpm"), notify.machine("other", "bps"), notify.machine("all")):
        refused = stranger.get(url)
        assert (refused.status_code, problem(refused)["detail"]) == (404, nothing["detail"])


# frozen bodies


def _ratings(number: int) -> StageCompleted:
    rows = tuple(
        StageRating(
            indicator=f"{n}",
            value="3",
            stage="document",
            rating=f"{n:032x}",
            origin="own",
            words_sha256=sha256(b"x").hexdigest(),
        )
        for n in range(number)
    )
    return StageCompleted(
        case="c",
        submission="s",
        participation="p",
        cycle="2026",
        agency="a",
        edition="e",
        stage="document",
        completed_at=LONG_AGO,
        set_hash="h",
        ratings=rows,
    )


def test_a_body_keeps_its_rows_while_they_fit(notify: Notify) -> None:
    made = notify.subscribe()
    notify.consume(_ratings(47))
    (data,) = notify.stream(made)
    assert len(data["ratings"]) == 47
    assert "omitted" not in data


def test_rows_that_do_not_fit_are_named_by_count_and_hash_and_the_rest_is_there(notify: Notify) -> None:
    made = notify.subscribe()
    event = _ratings(200)
    notify.consume(event)
    (row,) = notify.stage.db["entries"].find()
    assert len(row["body"]) < bodies.LIMIT
    (data,) = notify.stream(made)
    hash = sha256(canonical(msgspec.to_builtins(event.ratings))).hexdigest()
    assert data["omitted"] == {"ratings": {"count": 200, "sha256": hash}}
    assert "ratings" not in data
    assert (data["case"], data["set_hash"], data["sequence"]) == ("c", "h", 1)


def test_a_whole_edition_of_a_megabyte_becomes_a_small_body(notify: Notify) -> None:
    made = notify.subscribe()
    notify.consume(
        EditionPublished(edition="e", guide_version="1", hash="hash", content={"nodes": ["x" * 100] * 10_000})
    )
    (data,) = notify.stream(made)
    assert data["omitted"]["content"]["count"] == 1
    assert data["hash"] == "hash"


def test_long_texts_are_left_out_too_when_nothing_else_helps(notify: Notify) -> None:
    made = notify.subscribe()
    notify.consume(AgencySet(agency="a", name="é" * 30_000, group="g" * 100, since=LONG_AGO))
    (row,) = notify.stage.db["entries"].find()
    assert len(row["body"]) < bodies.LIMIT
    (data,) = notify.stream(made)
    assert (list(data["omitted"]), data["group"]) == (["name"], "g" * 100)


def test_an_event_of_long_texts_only_keeps_none_of_them(notify: Notify) -> None:
    made = notify.subscribe()
    notify.consume(AgencySet(agency="a" * 30_000, name="n" * 30_000, group="g" * 30_000, since=LONG_AGO))
    (row,) = notify.stage.db["entries"].find()
    assert len(row["body"]) < bodies.LIMIT
    (data,) = notify.stream(made)
    assert set(data["omitted"]) == {"agency", "name", "group"}


def test_a_body_says_when_its_event_was_published(notify: Notify) -> None:
    made = notify.subscribe()
    envelope = notify.stage.envelope("agency:a", agency("a"), time=LONG_AGO)
    notify.stage.consume_all(envelope)
    answer = notify.ministry.get(f"{API}/streams/{made['id']}/events")
    assert notify.ok(answer)["items"][0]["timestamp"] == "2000-01-01T00:00:00.000Z"


def test_no_contract_has_a_field_that_a_body_needs_for_itself() -> None:
    for contract in contracts():
        assert not bodies.RESERVED & contract.event_class.__dataclass_fields__.keys(), contract.type


def test_everything_that_notify_is_to_consume_it_consumes(notify: Notify) -> None:
    consumed = {
        contract.event_class
        for contract in contracts()
        if "notify" in contract.consumers and contract.kind != HEARTBEAT
    }
    assert set(notify.stage.handlers) == consumed
    parked = of_type("delivery.parked.v1")
    assert parked is not None
    assert parked.event_class in consumed


def test_an_event_that_was_overtaken_still_stands_in_the_stream_and_the_copy_stays_the_newest(
    notify: Notify,
) -> None:
    made = notify.subscribe()
    grant = MemberGrant(role="machine", agency=None, since=LONG_AGO)
    issuer = notify.stage.settings.oidc_issuer
    older = notify.stage.envelope(
        "person:p-x", MemberSet(person="p-x", issuer=issuer, subject="x", grants=())
    )
    newer = notify.stage.envelope(
        "person:p-x", MemberSet(person="p-x", issuer=issuer, subject="x", grants=(grant,))
    )
    notify.stage.consume_all(newer)
    assert notify.stage.consume_all(older) == {older.id: "done"}
    assert [event["event"] for event in notify.stream(made)] == [newer.id, older.id]
    (copy,) = notify.stage.db["people"].find({"_id": "p-x"})
    assert [grant["role"] for grant in copy["grants"]] == ["machine"]


def test_an_assessor_is_known_and_shown_to_the_ministry_alone(notify: Notify) -> None:
    notify.know("bkpm")
    made, mine = notify.subscribe(), notify.subscribe(scope="bkpm")
    first = AssessorSet(
        assessor="a-1", issuer=notify.stage.settings.oidc_issuer, subject="rater", since=LONG_AGO
    )
    overtaken = notify.stage.envelope("assessor:a-1", first)
    notify.stage.consume_all(notify.stage.envelope("assessor:a-1", first))
    assert notify.stage.consume_all(overtaken) == {overtaken.id: "done"}
    assert [event["assessor"] for event in notify.stream(made)] == ["a-1", "a-1"]
    assert notify.stream(mine) == []
    assert notify.as_("rater").get(f"{API}/subscriptions").status_code == 403


def test_an_agency_event_that_was_overtaken_does_not_bring_the_old_name_back(notify: Notify) -> None:
    older = notify.stage.envelope("agency:a", agency("a", "Old"))
    newer = notify.stage.envelope("agency:a", agency("a", "New"))
    notify.stage.consume_all(newer)
    notify.stage.consume_all(older)
    (copy,) = notify.stage.db["agencies"].find()
    assert copy["name"] == "New"


def test_who_assessed_stands_in_no_stream(notify: Notify) -> None:
    notify.know("bkpm")
    made = [notify.subscribe(scope="ministry"), notify.subscribe(scope="bkpm")]
    event = ReviewFinalised(
        case="c",
        submission="s",
        participation="p",
        cycle="2026",
        agency="bkpm",
        edition="e",
        stage="document",
        finalised_at=LONG_AGO,
        set_hash="h",
        ratings=(),
        assessors=("asesor-rahasia",),
    )
    notify.consume(event)
    assert [[row["type"] for row in notify.stream(each)] for each in made] == [["review.finalised.v1"], []]
    assert b"asesor-rahasia" not in b"".join(bytes(row["body"]) for row in notify.stage.db["entries"].find())
