"""The doors of review as a whole: every route says who may, and its description can be read."""

from shared.core.people import AGENCY_ROLES
from tests.review.builders import API, Review
from tests.support.routes import routes, undeclared

OPEN_TO = {
    ("GET", "/assessors"): {"ministry"},
    ("GET", "/assessors/<id>"): {"ministry", "assessor"},
    ("PUT", "/assessors/<id>"): {"ministry"},
    ("PUT", "/assessors/<id>/conflicts"): {"ministry", "assessor"},
    ("POST", "/imports/assessors"): {"ministry"},
    ("GET", "/imports/assessors/<token>"): {"ministry"},
    ("GET", "/imports/assessors/<token>/rows"): {"ministry"},
    ("POST", "/imports/assessors/<token>/apply"): {"ministry"},
    ("GET", "/cases"): {"ministry", "assessor"},
    ("GET", "/cases/<id>"): {"ministry", "assessor"},
    ("GET", "/cases/<id>/evidence/<sha256>"): {"assessor"},
    ("GET", "/cases/<id>/words"): {"assessor"},
    ("GET", "/tasks"): {"ministry", "assessor"},
    ("POST", "/tasks/<id>/claim"): {"assessor"},
    ("POST", "/tasks/<id>/heartbeat"): {"assessor"},
    ("POST", "/tasks/<id>/release"): {"assessor"},
    ("PUT", "/tasks/<id>/ratings/<indicator>"): {"assessor"},
    ("PATCH", "/tasks/<id>/ratings"): {"assessor"},
    ("PUT", "/tasks/<id>/clarifications"): {"assessor"},
    ("PUT", "/tasks/<id>/clarifications/<indicator>"): {"assessor"},
    ("PUT", "/tasks/<id>/questions/<indicator>"): {"assessor"},
    ("POST", "/tasks/<id>/finish"): {"assessor"},
}

PAGES = {
    ("GET", "/review/tasks"): {"assessor"},
    ("POST", "/review/tasks/<id>/claim"): {"assessor"},
    ("POST", "/review/tasks/<id>/release"): {"assessor"},
    ("GET", "/review/tasks/<id>"): {"assessor"},
    ("GET", "/review/tasks/<id>/indicators/<indicator>"): {"assessor"},
    ("POST", "/review/tasks/<id>/indicators/<indicator>"): {"assessor"},
    ("POST", "/review/tasks/<id>/indicators/<indicator>/question"): {"assessor"},
    ("GET", "/review/tasks/<id>/end"): {"assessor"},
    ("POST", "/review/tasks/<id>/end"): {"assessor"},
    ("GET", "/review/tasks/<id>/files/<sha256>"): {"assessor"},
    ("GET", "/review/tasks/<id>/files/<sha256>/find"): {"assessor"},
    ("GET", "/review/tasks/<id>/files/<sha256>/pages/<page>"): {"assessor"},
    ("GET", "/review/words/<submission>"): set(AGENCY_ROLES),
    ("GET", "/review/me"): {"assessor"},
    ("POST", "/review/me/conflicts"): {"assessor"},
    ("GET", "/review/assessors"): {"ministry"},
    ("GET", "/review/new-assessor"): {"ministry"},
    ("POST", "/review/new-assessor"): {"ministry"},
    ("GET", "/review/assessors/<id>"): {"ministry"},
    ("GET", "/review/assessors/<id>/change"): {"ministry"},
    ("POST", "/review/assessors/<id>/change"): {"ministry"},
    ("POST", "/review/assessors/<id>/end"): {"ministry"},
    ("POST", "/review/assessors/<id>/conflicts"): {"ministry"},
    ("GET", "/review/assessors/<id>/conflicts/<agency>"): {"ministry"},
    ("POST", "/review/assessors/<id>/conflicts/<agency>"): {"ministry"},
    ("GET", "/review/imports/assessors"): {"ministry"},
    ("POST", "/review/imports/assessors"): {"ministry"},
    ("GET", "/review/imports/assessors/template.<ending>"): {"ministry"},
    ("GET", "/review/imports/assessors/<token>"): {"ministry"},
    ("POST", "/review/imports/assessors/<token>"): {"ministry"},
    ("GET", "/review/cases"): {"ministry"},
    ("GET", "/review/cases/<id>"): {"ministry"},
    ("GET", "/review/cases/<id>/indicators/<indicator>"): {"ministry"},
}


def test_every_page_is_open_to_exactly_whom_it_is_meant_for(review: Review) -> None:
    found = {
        (route.method, route.path): set(route.audience or ())
        for route in routes(review.stage.app)
        if (group := route.endpoint.split(".")[0]) in {"queue", "bench", "files", "words"}
        or group.endswith("-pages")
    }
    assert found == PAGES


def test_every_route_is_open_to_exactly_whom_it_is_meant_for(review: Review) -> None:
    found = {
        (route.method, route.path.removeprefix(API)): set(route.audience or ())
        for route in routes(review.stage.app)
        if route.endpoint.split(".")[0] in {"assessors", "cases", "evidence", "imports", "leases", "tasks"}
    }
    assert found == OPEN_TO
    assert undeclared(review.stage.app) == []


def test_the_description_of_the_api_names_every_route(review: Review) -> None:
    paths = review.get(None, "/openapi.json").json["paths"]
    for method, path in OPEN_TO:
        written = path.replace("<", "{").replace(">", "}")
        assert method.lower() in paths[f"{API}{written}"]


def test_the_description_says_of_every_member_what_it_is(review: Review) -> None:
    schemas = review.get(None, "/openapi.json").json["components"]["schemas"]
    open_ones = [
        f"{name}.{member}"
        for name, schema in schemas.items()
        for member, said in schema.get("properties", {}).items()
        if not said or ("additionalProperties" in said.get("items", said) and "description" not in said)
    ]
    assert open_ones == []
