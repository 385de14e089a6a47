"""What the gateway promises: no more than the services take gets through, and every refusal is a problem."""

import json
import re
from http import HTTPStatus

import pytest

from deploy.local.config import CHECKOUT
from shared.cli.service import LIMITS

CONF = (CHECKOUT / "deploy/gateway/nginx.conf.template").read_text()
PAGES = re.findall(r"error_page ([\d ]+?) (?:=(\d+) )?/problem;", CONF)
TOLD = sorted({int(given or one) for codes, given in PAGES for one in codes.split()})


def by_status(name: str) -> dict[str, str]:
    """A map of the configuration, from status to text."""
    (found,) = re.findall(rf"map \$status \${name} {{(.+?)}}", CONF, re.DOTALL)
    return {status: usual(text).strip('"') for status, text in re.findall(r'(\w+) ("[^"]*"|[^;]+);', found)}


def usual(text: str) -> str:
    """A text, or the default of the map that it stands for."""
    if not text.startswith("$"):
        return text
    (found,) = re.findall(rf"map \S+ \{text} {{.+?default ([^;]+);", CONF, re.DOTALL)
    return str(found)


def test_a_line_or_header_that_the_gateway_takes_is_taken_by_the_services() -> None:
    (size,) = re.findall(r"large_client_header_buffers \d+ (\d+)k;", CONF)
    limits = dict(one.split("=") for one in LIMITS)
    buffer = int(size) * 1024
    assert int(limits["--limit-request-line"]) >= buffer - len("\r\n")
    assert int(limits["--limit-request-field_size"]) >= buffer


def test_what_the_gateway_refuses_by_itself_is_a_problem() -> None:
    assert {400, 404, 405, 413, 414, 431, 501, 503, 505} <= set(TOLD)
    names = ("code", "title", "detail")
    assert [{*map(str, TOLD), "default"} - by_status(name).keys() for name in names] == [{"500"}] * 3


@pytest.mark.parametrize("path", ["/intake/metrics", "/review/metrics/", "/notify/metrics/more"])
def test_no_measurements_get_out(path: str) -> None:
    closed = re.findall(r"location ~ (\S+) \{\s+return 404;", CONF)
    assert any(re.search(one, path) for one in closed)


@pytest.mark.parametrize("status", TOLD)
def test_a_problem_is_json_under_the_code_of_its_status(status: int) -> None:
    text = CONF.partition("location = /problem {")[2].partition("return 200 '")[2].partition("\\n'")[0]
    maps = {name: by_status(name) for name in ("code", "title", "detail")}
    said = {name: each.get(str(status), each["default"]) for name, each in maps.items()}
    problem = json.loads(
        re.sub(r"\$(\w+)", lambda found: {**said, "status": str(status)}.get(found[1], "x"), text)
    )
    assert (problem["status"], problem["code"]) == (status, said["code"])
    assert problem["type"] == f"urn:nilai:problem:{said['code']}"
    assert problem["detail"].endswith(".")
    assert HTTPStatus(status)
