"""The web application that all services share: ids, headers, log, documentation, health."""

import json
import re
import threading
import time
from datetime import UTC, datetime, timedelta

import flask
import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared import web
from shared.core import telemetry
from shared.web.problems import MEDIA_TYPE
from tests.shared.webapp import URL, Lines, app_running
from tests.support.routes import undeclared


@pytest.mark.parametrize("wished", ["0190abcd", "a-b.c_d-1234", "x" * 64])
def test_a_good_request_id_is_kept(client: FlaskClient, wished: str) -> None:
    assert client.get("/intake/healthz", headers={"X-Request-Id": wished}).headers["X-Request-Id"] == wished


@pytest.mark.parametrize("wished", ["", "short", "x" * 65, "has space here", "<script>alert", "é" * 10])
def test_a_bad_request_id_is_replaced(client: FlaskClient, wished: str) -> None:
    answered = client.get("/intake/healthz", headers={"X-Request-Id": wished}).headers["X-Request-Id"]
    assert answered != wished
    assert len(answered) == 32


def test_one_line_tells_a_request_without_its_secrets(client: FlaskClient, log: Lines) -> None:
    client.put(f"{URL}/7?signature=s3cret", headers={"X-Request-Id": "request-9"})
    (line,) = log()
    assert (line["method"], line["route"], line["status"]) == ("PUT", f"{URL}/<int:id>", 400)
    assert (line["correlation"], line["caller"]) == ("request-9", "|nobody")
    assert line["milliseconds"] >= 0
    assert "s3cret" not in json.dumps(line)


def test_the_correlation_does_not_leak_into_what_comes_after(client: FlaskClient) -> None:
    client.get("/intake/healthz", headers={"X-Request-Id": "request-10"})
    assert telemetry.correlation.get() is None
    assert telemetry.traceparent.get() is None


def test_answers_carry_the_security_headers(client: FlaskClient) -> None:
    for path in ("/intake/healthz", "/intake/page", "/nowhere", "/intake/api/v1/docs"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == ("no-cache" if path.endswith("docs") else "no-store")
        assert "Strict-Transport-Security" not in headers


def test_in_production_browsers_are_told_to_stay_with_https() -> None:
    with app_running(NILAI_MODE="production") as app:
        answer = app.test_client().get("/intake/healthz")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_the_arrival_is_taken_once(client: FlaskClient) -> None:
    times = client.get(f"{URL}/when").json
    assert times is not None
    assert times["first"] == times["second"]
    moment = datetime.fromisoformat(times["first"])
    assert timedelta(0) <= datetime.now(UTC) - moment < timedelta(seconds=10)
    assert moment.microsecond % 1000 == 0


def test_the_api_describes_the_errors_that_a_view_documents(client: FlaskClient) -> None:
    spec = client.get("/intake/api/v1/openapi.json").json
    assert spec is not None
    responses = spec["paths"]["/intake/api/v1/things/raise/{kind}"]["get"]["responses"]
    assert {"400", "409", "503"} <= set(responses)


def test_the_api_describes_itself_as_valid_openapi(client: FlaskClient) -> None:
    spec = client.get("/intake/api/v1/openapi.json").json
    assert spec is not None
    OpenAPIV31SpecValidator(spec).validate()
    assert spec["openapi"].startswith("3.1")
    paths = spec["paths"]
    assert paths[URL]["get"]["security"] == []
    assert paths[f"{URL}/closed"]["get"]["security"] == [{"bearer": []}, {"session": []}]
    assert paths[f"{URL}/closed"]["get"]["x-audience"] == ["ministry"]
    headers = {
        parameter["name"]
        for parameter in paths[f"{URL}/{{id}}"]["put"]["parameters"]
        if parameter["in"] == "header"
    }
    assert headers == {"If-Match", "Idempotency-Key"}
    assert {parameter["name"] for parameter in paths[URL]["get"]["parameters"]} == {"limit", "after"}
    assert MEDIA_TYPE in spec["components"]["responses"]["DEFAULT_ERROR"]["content"]
    schemas = spec["components"]["schemas"]
    assert "errors" in schemas["Problem"]["properties"]
    assert schemas.keys() == {"FieldProblem", "Problem", "Item", "ItemPage", "Answer", "Form"}


def test_the_api_can_be_read_offline(client: FlaskClient) -> None:
    text = client.get("/intake/api/v1/docs").text
    assert "Its answers stand in the form." in text
    assert "/intake/api/v1/things/{id}" in text
    assert "anyone with a token" in text
    assert "<code>next</code> of the page before." in text
    assert 'map of <a href="#schema-Answer">' in text
    assert "http://" not in text
    assert "https://" not in text
    assert set(re.findall("<script[^>]*?(src=.)?[/>]", text)) == {'src="'}


def test_the_process_lives_even_when_the_database_does_not(client: FlaskClient) -> None:
    assert client.get("/intake/healthz").json == {"status": "ok"}
    answer = client.get("/intake/readyz")
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (503, "not-ready")
    assert answer.json["failed"] == ["database"]
    assert "127.0.0.1" not in answer.text


def test_a_check_that_hangs_is_not_waited_for() -> None:
    freed = threading.Event()
    with app_running({"disk": lambda: freed.wait(30)}) as app:
        start = time.monotonic()
        answer = app.test_client().get("/intake/readyz")
        assert time.monotonic() - start < 3.5
        freed.set()
    assert answer.json is not None
    assert answer.json["failed"] == ["database", "disk"]


def test_requests_are_measured_by_route(client: FlaskClient) -> None:
    client.get(f"{URL}/raise/conflict")
    client.open("/junk-123", method="BREW")
    text = client.get("/intake/metrics").text
    assert f'nilai_requests_total{{method="GET",route="{URL}/raise/<kind>",status="409"}}' in text
    assert 'route="(none)"' in text
    assert "junk-123" not in text
    assert "BREW" not in text


def test_measurements_have_one_address_which_the_gateway_can_close(client: FlaskClient) -> None:
    found = [
        path
        for path in ("/intake/metrics", "/intake/metrics/", "/intake//metrics")
        if client.get(path).status_code == 200
    ]
    assert found == ["/intake/metrics"]


def test_every_route_of_the_app_declares_an_audience(app: flask.Flask) -> None:
    assert undeclared(app) == []


def test_an_app_with_a_forgotten_audience_is_never_made() -> None:
    careless = web.Blueprint("careless", __name__)

    @careless.route("/leak")
    def leak() -> str:
        return "everything"

    with (
        pytest.raises(LookupError, match="GET /intake/api/v1/leak"),
        app_running(blueprints=(careless,)),
    ):
        pass


def test_the_address_of_a_service_leads_to_its_api_page(client: FlaskClient) -> None:
    answer = client.get("/intake/", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.request.path == "/intake/api/v1/docs"
