"""The ministry's pages of subscriptions: made, changed, tried out and ended by forms; what became of each event."""

from typing import Any

import pytest
from flask_babel import force_locale
from werkzeug.test import TestResponse

from services.notify.app import service
from services.notify.domain.receivers import error_of
from services.notify.pages.words import said_reason
from tests.notify.builders import Notify, agency
from tests.notify.receiver import Receiver, says
from tests.support.questions import Counter, check_asks_no_more, questions
from tests.support.stage import Mint, Stage, closing

PLACE, NEW = "/notify/subscriptions", "/notify/new-subscription"
HOOK = "https://example.go.id/hook"


def get(notify: Notify, path: str, lang: str = "en") -> str:
    headers = {"Accept": "text/html", "Accept-Language": lang}
    answer = notify.ministry.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def post(notify: Notify, path: str, **form: Any) -> TestResponse:
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    return notify.ministry.post(path, data=form, headers=headers)


def only(notify: Notify) -> dict[str, Any]:
    (found,) = notify.stage.db["subscriptions"].find()
    return found


def made(notify: Notify, url: str | None = HOOK, **sent: Any) -> str:
    id: str = notify.subscribe(url=url, **sent)["id"]
    notify.answer_tests()
    return f"{PLACE}/{id}"


def test_a_subscription_is_made_by_a_form_and_its_secret_shown_once(notify: Notify) -> None:
    assert "Nobody has subscribed" in get(notify, PLACE)
    assert "agency.set.v1" in get(notify, NEW)
    answer = post(notify, NEW, name="Dasbor", url=HOOK, which="all")
    assert answer.status_code == 201
    secret = answer.text.partition('id="secret">')[2].partition("<")[0]
    assert secret.startswith("whsec_")
    stored = only(notify)
    assert (stored["name"], stored["url"], stored["scope"], stored["types"]) == (
        "Dasbor",
        HOOK,
        "ministry",
        ["*"],
    )
    for path in (PLACE, f"{PLACE}/{stored['_id']}"):
        assert ("Dasbor" in get(notify, path), "whsec_" in get(notify, path)) == (True, False)
    again = post(notify, NEW, name="Dasbor", url=HOOK, which="all")
    assert (again.status_code, "called Dasbor already" in again.text) == (409, True)
    assert notify.stage.db["subscriptions"].count_documents({}) == 1


def test_an_agencys_stream_with_some_types_and_no_address(notify: Notify) -> None:
    notify.know("kota-a")
    types = ["agency.set.v1", "submission.sealed.v1"]
    assert post(notify, NEW, name="A", agency="kota-a", which="some", types=types).status_code == 201
    stored = only(notify)
    assert (stored["scope"], stored["types"], stored["url"]) == ("kota-a", types, None)
    shown = get(notify, f"{PLACE}/{stored['_id']}")
    assert ("a stream to be read" in shown, "Send a test event" in shown) == (True, False)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Write one line of at most 100 characters."),
        ({"name": "x" * 101}, "Write one line of at most 100 characters."),
        ({"name": "A", "url": "ftp://x"}, "It must be an address like"),
        ({"name": "A", "url": "x" * 501}, "of at most 500 characters"),
        ({"name": "A", "agency": "Kota A"}, "Write the id of an agency"),
        ({"name": "A", "agency": "kota-zz"}, "No agency is called kota-zz"),
        ({"name": "A", "which": "some"}, "Choose at least one type"),
        ({"name": "A", "which": "some", "types": ["no.such.v1"]}, "Not offered here"),
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_saves_nothing(
    notify: Notify, form: dict[str, Any], said: str
) -> None:
    before = notify.stage.state()
    answer = post(notify, NEW, **form)
    assert answer.status_code == 422
    assert said in answer.text
    assert form.get("name", "")[:100] in answer.text
    after = notify.stage.state()
    assert after == before | {"people": after["people"]}


def test_an_address_is_changed_unless_somebody_was_faster(notify: Notify) -> None:
    place = made(notify)
    rev = only(notify)["rev"]
    assert HOOK in get(notify, f"{place}/change")
    changed = post(notify, f"{place}/change", rev=rev, url=f"{HOOK}2", which="some", types=["agency.set.v1"])
    assert (changed.status_code, changed.headers["Location"]) == (303, f"{place}?done=changed")
    assert (only(notify)["url"], only(notify)["types"]) == (f"{HOOK}2", ["agency.set.v1"])
    assert "Changed" in get(notify, changed.headers["Location"])
    late = post(notify, f"{place}/change", rev=rev, url=f"{HOOK}3", which="all")
    assert (late.status_code, "What is stored now" in late.text, f"{HOOK}3" in late.text) == (409, True, True)
    assert only(notify)["url"] == f"{HOOK}2"
    now = late.text.partition('name="rev" value="')[2].partition('"')[0]
    assert post(notify, f"{place}/change", rev=now, url=f"{HOOK}3", which="all").status_code == 303
    now = only(notify)["rev"]
    wrong = post(notify, f"{place}/change", rev=now, url="nowhere", which="all")
    assert (wrong.status_code, only(notify)["url"]) == (422, f"{HOOK}3")
    assert post(notify, f"{place}/change", rev=now, which="some").status_code == 422


def test_it_is_switched_off_and_on_and_closed_for_good(notify: Notify) -> None:
    place = made(notify)
    assert post(notify, f"{place}/disable").headers["Location"] == f"{place}?done=off"
    assert "Somebody switched it off." in get(notify, place)
    refused = post(notify, f"{place}/test")
    assert (refused.status_code, "enable it first" in refused.text) == (409, True)
    assert post(notify, f"{place}/enable").headers["Location"] == f"{place}?done=on"
    assert only(notify)["state"] == "pending"
    assert "for good" in get(notify, f"{place}/close")
    assert post(notify, f"{place}/close").headers["Location"] == f"{place}?done=closed"
    assert only(notify)["state"] == "closed"
    shown = get(notify, place)
    assert ("Somebody closed it." in shown, "What you can do" in shown) == (True, False)
    for deed in ("enable", "disable", "test", "retry"):
        assert post(notify, f"{place}/{deed}").status_code in (409, 303), deed
    assert only(notify)["state"] == "closed"


def test_a_secret_is_renewed_once_though_the_form_is_sent_twice(notify: Notify) -> None:
    place = made(notify)
    rev = only(notify)["rev"]
    assert "24 hours" in get(notify, f"{place}/secret")
    first = post(notify, f"{place}/secret", rev=rev)
    assert (first.status_code, "whsec_" in first.text) == (200, True)
    again = post(notify, f"{place}/secret", rev=rev)
    assert (again.status_code, "whsec_" in again.text) == (409, False)
    assert len(only(notify)["secrets"]) == 2
    stolen = post(notify, f"{place}/secret", rev=only(notify)["rev"], stolen="1")
    assert "whsec_" in stolen.text
    assert len(only(notify)["secrets"]) == 1


def test_what_became_of_an_event_is_shown_and_sent_once_more(notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/hook"] = [says(503, b"<b>busy</b>")] * 11
    place = made(notify, receiver.url("/hook"))
    notify.consume(agency("kota-a"))
    notify.deliver()
    assert "Tried next:" in get(notify, place)
    parked = notify.parked(notify.query({"id": place.rpartition("/")[2]}))
    shown = get(notify, f"{place}?state=parked")
    assert "The receiver answered 503: it has a fault of its own." in shown
    assert "agency.set.v1" not in get(notify, f"{place}?state=delivered").partition('id="deliveries"')[2]
    one = f"/notify/deliveries/{parked['id']}"
    shown = get(notify, one)
    assert ("&lt;b&gt;busy" in shown, "<b>busy" in shown) == (True, False)
    assert shown.count("503") >= 11
    assert post(notify, f"{one}/retry").headers["Location"] == f"{one}?done=retried"
    assert "It is on its way again" in get(notify, f"{one}?done=retried")
    notify.deliver()
    assert "acknowledged (204)" in get(notify, one)


def test_all_that_wait_for_somebody_go_once_more(notify: Notify, receiver: Receiver) -> None:
    place = made(notify, receiver.url("/hook"))
    notify.consume(agency("kota-a"), agency("kota-b"))
    notify.stage.db["deliveries"].update_many({}, {"$set": {"state": "parked", "error": "answered 500"}})
    notify.stage.db["jobs"].delete_many({})
    assert "Send 2 that wait once more" in get(notify, place)
    assert post(notify, f"{place}/retry").headers["Location"] == f"{place}?done=retried"
    assert notify.deliver() == 2
    assert len(receiver.at("/hook")) == 2


def test_nothing_waits_for_anybody_at_a_closed_subscription(notify: Notify, receiver: Receiver) -> None:
    place = made(notify, receiver.url("/hook"))
    notify.consume(agency("kota-a"))
    notify.stage.db["deliveries"].update_many({}, {"$set": {"state": "parked", "error": "answered 500"}})
    assert f'href="{place}?state=parked#deliveries"' in get(notify, PLACE)
    post(notify, f"{place}/close")
    assert f'href="{place}?state=parked#deliveries"' not in get(notify, PLACE)


def test_a_test_event_is_sent_and_called_so(notify: Notify, receiver: Receiver) -> None:
    place = made(notify, receiver.url("/hook"))
    assert post(notify, f"{place}/test").headers["Location"] == f"{place}?done=tested"
    notify.deliver()
    assert len(receiver.tested) == 1
    assert ("Test event" in get(notify, place), "delivered" in get(notify, place)) == (True, True)
    (delivery,) = notify.stage.db["deliveries"].find()
    assert "a test event stands in no stream" in get(notify, f"/notify/deliveries/{delivery['_id']}")


def test_a_delivery_that_cannot_be_sent_once_more_says_why(notify: Notify) -> None:
    place = made(notify)
    notify.consume(agency("kota-a"))
    post(notify, f"{place}/disable")
    (delivery,) = notify.stage.db["deliveries"].find()
    refused = post(notify, f"/notify/deliveries/{delivery['_id']}/retry")
    assert (refused.status_code, "enable it first" in refused.text) == (409, True)


def test_lists_go_on_page_by_page(notify: Notify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.pages.subscriptions.ROWS", 2)
    place = made(notify)
    for name in ("a1", "b1", "c1"):
        notify.consume(agency(name))
        notify.subscribe(url=HOOK)
    for path in (PLACE, place):
        seen, todo = 0, path
        while todo:
            page = get(notify, todo)
            seen += page.count("<tr class")
            todo = next((p for p in _links(page) if "after=" in p), "").partition("#")[0]
        assert seen == {PLACE: 4, place: 3}[path]


def _links(page: str) -> list[str]:
    return [part.partition('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]


@pytest.mark.parametrize(
    "path", [f"{PLACE}/nothing", f"{PLACE}/nothing/change", "/notify/deliveries/nothing"]
)
def test_what_is_not_there_is_not_found(notify: Notify, path: str) -> None:
    assert notify.ministry.get(path, headers={"Accept": "text/html"}).status_code == 404


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (None, ""),
        (error_of(410), "The receiver answered 410: it wants nothing any more."),
        (error_of(403), "The receiver answered 403: it does not let us in."),
        (error_of(404), "The receiver answered 404: nobody listens at this address."),
        (error_of(429), "The receiver answered 429: too many at once."),
        (error_of(400), "The receiver answered 400."),
        (
            error_of(302),
            "Redirects are not followed: give the address where they end. The receiver answered 302.",
        ),
        ("no connection: Connection refused", "The receiver cannot be reached."),
        (
            "the subscription is disabled: its address did not answer the test event: answered 500",
            "The subscription is switched off, or closed. Its address did not answer the test event. "
            "The receiver answered 500: it has a fault of its own.",
        ),
        ("something new", "It failed for a reason that is written down in English only."),
    ],
)
def test_reasons_are_said_in_sentences(notify: Notify, reason: str | None, said: str) -> None:
    with notify.stage.app.test_request_context(), force_locale("en"):
        assert said_reason(reason) == said


@pytest.fixture(scope="module", params=[2, 20])
def asked(request: pytest.FixtureRequest, counter: Counter, settings_of: Any, mint: Mint) -> Any:
    """What each page asks, with so many rows."""
    with closing(Stage(service, settings_of("notify"), mint)) as on:
        on.prepare()
        notify = Notify(on)
        ids = [notify.subscribe(url=HOOK)["id"] for _ in range(request.param)]
        for number in range(request.param):
            notify.consume(agency(f"kota-{number:02}"))
        notify.answer_tests()
        pages = {
            "list": PLACE,
            "one": f"{PLACE}/{ids[0]}",
            "parked": f"{PLACE}/{ids[0]}?state=parked",
            "delivery": f"/notify/deliveries/{ids[0]}.1",
            "events": "/notify/operations/events",
            "jobs": "/notify/operations/jobs",
            "overview": "/notify/operations",
            "audit": "/notify/audit",
            "audit of one": f"/notify/audit?subject=subscription:{ids[0]}",
            "checks": "/notify/audit/verification",
        }
        yield {name: questions(on, counter, page, "head") for name, page in pages.items()}


@pytest.mark.parametrize(
    "page",
    ["list", "one", "parked", "delivery", "events", "jobs", "overview", "audit", "audit of one", "checks"],
)
def test_a_page_asks_no_more_for_more_rows(asked: dict[str, list[str]], page: str) -> None:
    check_asks_no_more(f"notify {page}", asked[page], 9)
