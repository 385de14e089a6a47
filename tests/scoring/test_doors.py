"""The pages of scoring as a whole: every one says who may open it."""

from shared.auth.guard import PUBLIC
from shared.core.people import AGENCY_ROLES
from tests.scoring.builders import OnStage, scoring
from tests.support.routes import routes, undeclared

OPEN_TO = {
    ("GET", "/scoring/results"): {PUBLIC},
    ("GET", "/scoring/results/<submission>"): {PUBLIC},
    ("GET", "/scoring/check"): {PUBLIC},
    ("POST", "/scoring/check"): {PUBLIC},
    ("GET", "/scoring/results/<submission>/receipt"): {PUBLIC},
    ("GET", "/scoring/agencies/<agency>"): {PUBLIC},
    ("GET", "/scoring/own"): set(AGENCY_ROLES),
    ("GET", "/scoring/own/<submission>"): set(AGENCY_ROLES),
    ("GET", "/scoring/scores"): {"ministry"},
    ("GET", "/scoring/scores/<submission>"): {"ministry"},
    ("GET", "/scoring/decisions"): {"ministry"},
    ("POST", "/scoring/decisions"): {"ministry"},
}
PAGES = {"publications", "checking", "own", "score-pages", "decision-pages"}


def test_every_page_is_open_to_exactly_whom_it_is_meant_for(stage: OnStage) -> None:
    app = scoring(stage).app
    found = {
        (route.method, route.path): set(route.audience or ())
        for route in routes(app)
        if route.endpoint.split(".")[0] in PAGES
    }
    assert found == OPEN_TO
    assert undeclared(app) == []
