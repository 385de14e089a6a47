"""The doors of notify as a whole: who may pass, and that nobody reaches what is another's."""

import pytest

from tests.notify.builders import API, Notify, problem, sealed
from tests.support.routes import routes, undeclared

MAY = {"ministry", "machine"}
OPEN_TO = {
    ("POST", "/subscriptions"): MAY,
    ("GET", "/subscriptions"): MAY,
    ("GET", "/subscriptions/<id>"): MAY,
    ("PATCH", "/subscriptions/<id>"): MAY,
    ("DELETE", "/subscriptions/<id>"): MAY,
    ("POST", "/subscriptions/<id>/enable"): MAY,
    ("POST", "/subscriptions/<id>/secret/rotate"): MAY,
    ("GET", "/subscriptions/<id>/deliveries"): MAY,
    ("POST", "/subscriptions/<id>/deliveries/retry"): MAY,
    ("POST", "/subscriptions/<id>/test"): MAY,
    ("GET", "/deliveries/<id>"): MAY,
    ("POST", "/deliveries/<id>/retry"): MAY,
    ("GET", "/streams/<id>/events"): MAY,
    ("GET", "/webhook-keys"): {"public"},
}
PAGES = {
    ("GET", "/notify/subscriptions"),
    ("GET", "/notify/new-subscription"),
    ("POST", "/notify/new-subscription"),
    ("GET", "/notify/subscriptions/<id>"),
    ("GET", "/notify/subscriptions/<id>/change"),
    ("POST", "/notify/subscriptions/<id>/change"),
    ("POST", "/notify/subscriptions/<id>/enable"),
    ("POST", "/notify/subscriptions/<id>/disable"),
    ("POST", "/notify/subscriptions/<id>/test"),
    ("POST", "/notify/subscriptions/<id>/retry"),
    ("GET", "/notify/subscriptions/<id>/secret"),
    ("POST", "/notify/subscriptions/<id>/secret"),
    ("GET", "/notify/subscriptions/<id>/close"),
    ("POST", "/notify/subscriptions/<id>/close"),
    ("GET", "/notify/deliveries/<id>"),
    ("POST", "/notify/deliveries/<id>/retry"),
}
CLOSED = sorted(route for route in OPEN_TO if route != ("GET", "/webhook-keys"))
WITH_ID = [route for route in CLOSED if "<id>" in route[1]]
BODIES = {("POST", "/subscriptions"): {"name": "n", "scope": "ministry"}}


def send(notify: Notify, name: str | None, method: str, path: str) -> tuple[int, str, str]:
    """Send a request that would be right for who may; gives status, code and detail of the problem."""
    body = BODIES.get((method, path), {})
    hands = getattr(notify.as_(name), method.lower())
    options = {} if method == "GET" else {"json": body}
    headers = {"If-Match": '"1"'} if method == "PATCH" else {}
    answer = hands(f"{API}{path}", headers=headers, **options)
    said = problem(answer)
    return answer.status_code, said["code"], said["detail"]


def test_every_route_is_open_to_exactly_whom_it_is_meant_for(notify: Notify) -> None:
    found = {
        (route.method, route.path.removeprefix(API)): set(route.audience or ())
        for route in routes(notify.stage.app)
        if route.endpoint.split(".")[0] in {"subscriptions", "changes", "secrets", "deliveries", "streams"}
    }
    assert found == OPEN_TO
    assert undeclared(notify.stage.app) == []


def test_every_page_is_the_ministrys_alone(notify: Notify) -> None:
    found = {
        (route.method, route.path): set(route.audience or ())
        for route in routes(notify.stage.app)
        if route.endpoint.split(".")[0] in {"subscription-pages", "delivery-pages"}
    }
    assert found == {route: {"ministry"} for route in PAGES}


@pytest.mark.parametrize(("method", "path"), sorted(PAGES))
def test_no_page_opens_to_anybody_else(notify: Notify, method: str, path: str) -> None:
    notify.know("bkpm")
    for role in ("coordinator", "officer", "clerk", "member"):
        notify.stage.person(role, role, "bkpm")
    notify.stage.person("rater", "assessor")
    notify.machine("owner", "bkpm")
    made = notify.subscribe(notify.machine("hq"), url="https://example.org/hook")
    notify.consume(sealed("bkpm"))
    (delivery,) = notify.deliveries(made)
    real = path.replace("<id>", delivery["id"] if path.startswith("/notify/deliveries") else made["id"])
    before = notify.stage.state()
    assert notify.as_(None).open(real, method=method).status_code == 401
    for name in ("stranger", "coordinator", "officer", "clerk", "member", "rater", "owner", "hq"):
        assert notify.as_(name).open(real, method=method).status_code == 403
    assert notify.stage.state() == before


def test_the_description_of_the_api_names_every_route(notify: Notify) -> None:
    paths = notify.ok(notify.as_(None).get(f"{API}/openapi.json"))["paths"]
    for method, path in OPEN_TO:
        assert method.lower() in paths[f"{API}{path.replace('<', '{').replace('>', '}')}"]


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_nobody_passes_without_a_role_that_may(notify: Notify, method: str, path: str) -> None:
    for role in ("coordinator", "officer", "clerk", "member"):
        notify.stage.person(role, role, "bkpm")
    notify.stage.person("rater", "assessor")
    made = notify.subscribe(url="https://example.org/hook")
    notify.consume(sealed("bkpm"))
    (delivery,) = notify.deliveries(made)
    real = path.replace("<id>", delivery["id"] if path.startswith("/deliveries") else made["id"])
    before = notify.stage.state()
    assert send(notify, None, method, real)[:2] == (401, "unauthenticated")
    for name in ("stranger", "coordinator", "officer", "clerk", "member", "rater"):
        assert send(notify, name, method, real)[:2] == (403, "role-needed")
    assert notify.stage.state() == before


@pytest.mark.parametrize(("method", "path"), WITH_ID)
def test_what_is_anothers_is_answered_exactly_like_what_is_not_there(
    notify: Notify, method: str, path: str
) -> None:
    notify.know("bkpm", "bps")
    owner = notify.machine("owner", "bkpm")
    theirs = notify.subscribe(owner, scope="bkpm", url="https://example.org/hook")
    ministrys = notify.subscribe(scope="bkpm", url="https://example.org/hook")
    notify.consume(sealed("bkpm"))
    notify.machine("colleague", "bkpm")
    notify.machine("other", "bps")
    notify.machine("hq")
    before = notify.stage.state()
    for made in (theirs, ministrys):
        (delivery,) = notify.deliveries(made)
        real = path.replace("<id>", delivery["id"] if path.startswith("/deliveries") else made["id"])
        nothing = path.replace("<id>", "0" * 32)
        for name in ("colleague", "other", "hq"):
            answer = send(notify, name, method, real)
            assert answer == send(notify, name, method, nothing)
            assert answer[:2] == (404, "not-found")
    assert notify.stage.state() == before


@pytest.mark.parametrize(("method", "path"), WITH_ID)
def test_a_machine_whose_grant_is_over_loses_what_it_made(notify: Notify, method: str, path: str) -> None:
    notify.know("bkpm", "bps")
    made = notify.subscribe(notify.machine("owner", "bkpm"), scope="bkpm", url="https://example.org/hook")
    notify.consume(sealed("bkpm"))
    (delivery,) = notify.deliveries(made)
    notify.machine("owner", "bps")
    real = path.replace("<id>", delivery["id"] if path.startswith("/deliveries") else made["id"])
    assert send(notify, "owner", method, real)[:2] == (404, "not-found")


@pytest.mark.parametrize(
    "query",
    [
        "/subscriptions?limit=0",
        "/subscriptions?limit=x",
        "/subscriptions/<id>/deliveries?state=lost",
        "/subscriptions/<id>/deliveries?limit=201",
        "/streams/<id>/events?after=-1",
        "/streams/<id>/events?after=x",
        "/streams/<id>/events?limit=201",
    ],
)
def test_a_wrong_query_is_refused_with_the_field_that_is_wrong(notify: Notify, query: str) -> None:
    made = notify.subscribe()
    refused = notify.ministry.get(f"{API}{query.replace('<id>', made['id'])}")
    said = problem(refused)
    assert (refused.status_code, said["code"]) == (422, "invalid")
    assert said["errors"][0]["pointer"].removeprefix("/") in query


@pytest.mark.parametrize("query", ["/subscriptions?after=x", "/subscriptions/<id>/deliveries?after=WzFd.x"])
def test_a_foreign_cursor_is_refused(notify: Notify, query: str) -> None:
    made = notify.subscribe()
    refused = notify.ministry.get(f"{API}{query.replace('<id>', made['id'])}")
    assert (refused.status_code, problem(refused)["code"]) == (400, "bad-cursor")


def test_a_delivery_without_an_address_cannot_be_retried(notify: Notify) -> None:
    made = notify.subscribe(url="https://example.org/hook")
    notify.consume(sealed("bkpm"))
    (delivery,) = notify.deliveries(made)
    tag = {"If-Match": '"1"'}
    notify.ok(notify.ministry.patch(f"{API}/subscriptions/{made['id']}", json={"url": None}, headers=tag))
    before = notify.stage.state()
    refused = notify.ministry.post(f"{API}/deliveries/{delivery['id']}/retry")
    assert (refused.status_code, problem(refused)["code"]) == (409, "no-address")
    assert notify.stage.state() == before
    notify.deliver()
    assert notify.deliveries(made)[0]["error"] == "it has no address any more"
