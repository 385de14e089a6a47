"""The pages of scoring as a whole: every one says who may open it."""

from services.scoring.pages.publications import pages
from shared.auth.guard import PUBLIC
from tests.scoring.builders import OnStage, scoring
from tests.support.routes import routes, undeclared

OPEN_TO = {
    ("GET", "/scoring/results"): {PUBLIC},
    ("GET", "/scoring/results/<submission>"): {PUBLIC},
    ("GET", "/scoring/check"): {PUBLIC},
    ("POST", "/scoring/check"): {PUBLIC},
    ("GET", "/scoring/results/<submission>/receipt"): {PUBLIC},
}


def test_every_page_is_open_to_exactly_whom_it_is_meant_for(stage: OnStage) -> None:
    app = scoring(stage).app
    found = {
        (route.method, route.path): set(route.audience or ())
        for route in routes(app)
        if route.endpoint.split(".")[0] in {pages.name, "checking"}
    }
    assert found == OPEN_TO
    assert undeclared(app) == []
