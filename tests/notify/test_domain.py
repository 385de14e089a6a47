"""The rules by themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notify.domain import (
    EVERY_TYPE,
    Health,
    Subscription,
    TimedGrant,
    WebhookResponse,
    is_entitled,
    may_carry,
    reason_to_stop,
    rest_asked_for,
    scopes_of,
)
from services.notify.domain.reasons import _MARKS, OTHER, causes_of
from services.notify.pages.words import CAUSES
from shared.core.people import Grant

BOTH, MINISTRY = ("ministry", "agency"), ("ministry",)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_every_cause_has_its_sentence_and_every_sentence_a_cause() -> None:
    statuses = {cause for status in range(300, 600) for cause in causes_of(f"answered {status}")}
    assert set(CAUSES) == {*_MARKS.values(), *statuses, OTHER}


@pytest.mark.parametrize(
    ("state", "url", "deeds"),
    [
        ("enabled", "https://x", {"retry", "test", "disable", "change"}),
        ("pending", "https://x", {"retry", "disable", "change"}),
        ("enabled", None, {"disable", "change"}),
        ("disabled", "https://x", {"enable", "change"}),
        ("closed", "https://x", set()),
    ],
)
def test_what_may_be_done_with_a_subscription_follows_from_its_state(
    state: str, url: str | None, deeds: set[str]
) -> None:
    one = Subscription("s", "n", url, "ministry", EVERY_TYPE, None, NOW, (), state=state)
    assert one.deeds == deeds


@pytest.mark.parametrize(
    ("scope", "feeds", "agency", "may"),
    [
        ("bkpm", BOTH, "bkpm", True),
        ("bkpm", BOTH, "bps", False),
        ("bkpm", BOTH, None, False),
        ("bkpm", MINISTRY, "bkpm", False),
        ("bkpm", ("ministry", "every-agency"), None, True),
        ("bkpm", MINISTRY, None, False),
        ("bkpm", (), "bkpm", False),
        ("ministry", MINISTRY, "bkpm", True),
        ("ministry", MINISTRY, None, True),
        ("ministry", ("agency",), "ministry", False),
        ("ministry", ("every-agency",), None, False),
    ],
)
def test_a_stream_carries_what_its_scope_may_have(
    scope: str, feeds: tuple[str, ...], agency: str | None, may: bool
) -> None:
    assert may_carry(scope, feeds, agency) is may


def test_machine_grants_open_scopes_and_no_other_role_does() -> None:
    grants = [
        Grant("machine", "bkpm"),
        Grant("machine"),
        Grant("officer", "bps"),
        Grant("machine", "ministry"),
    ]
    assert scopes_of(grants) == {"bkpm", "ministry"}
    assert scopes_of([Grant("machine", "ministry"), Grant("ministry")]) == set()


def test_health_remembers_the_first_failure_until_a_success() -> None:
    failed, good = WebhookResponse(500, "answered 500"), WebhookResponse(204, None)
    first = Health().after(failed, NOW)
    assert first.failing_since == NOW
    assert first.after(failed, NOW + timedelta(days=1)).failing_since == NOW
    assert first.after(good, NOW + timedelta(days=1)).failing_since is None


@pytest.mark.parametrize(("days", "stops"), [(4.99, False), (5, True), (6, True)])
def test_five_days_of_failures_are_reason_to_stop(days: float, stops: bool) -> None:
    health = Health(failing_since=NOW)
    reason = reason_to_stop(WebhookResponse(500, "answered 500"), health, NOW + timedelta(days=days))
    assert (reason is not None) is stops


@pytest.mark.parametrize(
    ("status", "retry_after", "rest"),
    [
        (429, "900", timedelta(minutes=15)),
        (503, " 60 ", timedelta(minutes=1)),
        (503, "Sun, 01 Mar 2026 00:10:00 GMT", timedelta(minutes=10)),
        (503, "Sun, 01 Mar 2026 00:10:00 -0000", timedelta()),
        (503, "Sat, 28 Feb 2026 00:00:00 GMT", timedelta()),
        (429, "9" * 400, timedelta(days=1)),
        (429, "soon", timedelta()),
        (429, None, timedelta()),
        (500, "900", timedelta()),
    ],
)
def test_a_receiver_is_left_alone_as_long_as_it_asks_but_a_day_at_most(
    status: int, retry_after: str | None, rest: timedelta
) -> None:
    assert rest_asked_for(status, retry_after, NOW) == rest


@pytest.mark.parametrize(
    ("since", "until", "entitled"),
    [
        (NOW, None, True),
        (NOW - timedelta(days=1), NOW + timedelta(days=1), True),
        (NOW + timedelta(seconds=1), None, False),
        (NOW - timedelta(days=1), NOW, False),
    ],
)
def test_an_owner_is_entitled_while_its_grant_is_in_force(
    since: datetime, until: datetime | None, entitled: bool
) -> None:
    subscription = Subscription("s", "n", None, "bkpm", EVERY_TYPE, "p-vendor", NOW, ())
    assert is_entitled(subscription, [TimedGrant("machine", "bkpm", since, until)], NOW) is entitled
