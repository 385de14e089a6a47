"""Log lines, correlation, trace headers and metrics."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from shared.core import telemetry

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    handler = logging.StreamHandler(stream)
    handler.setFormatter(telemetry.JsonFormatter("review"))
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers = before
    root.setLevel(level)


def test_a_line_carries_what_finds_it_again(lines: Lines) -> None:
    with telemetry.about("abc-12345"):
        telemetry.logger("shared.x").warning("task %s claimed", 7, extra={"task": "t7", "lease": 3})
    (line,) = lines()
    assert datetime.fromisoformat(line.pop("time")).tzinfo == UTC
    assert line == {
        "level": "warning",
        "service": "review",
        "logger": "shared.x",
        "message": "task 7 claimed",
        "correlation": "abc-12345",
        "task": "t7",
        "lease": 3,
    }


def test_an_exception_is_one_line_with_its_traceback(lines: Lines) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        telemetry.logger("shared.x").exception("failed")
    (line,) = lines()
    assert "ValueError: two\nlines" in line["traceback"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (10**30, str(10**30)),
        ({1: {2}}, {"1": [2]}),
        (Path("/a"), "/a"),
        ("\ud800", "\\ud800"),
        (float("nan"), None),
        ((None, True, 1.5), [None, True, 1.5]),
    ],
)
def test_whatever_is_logged_becomes_json(lines: Lines, value: object, written: object) -> None:
    telemetry.logger("shared.x").info("odd", extra={"value": value})
    assert lines()[0]["value"] == written


def test_the_correlation_ends_with_its_block(lines: Lines) -> None:
    with telemetry.about("outer-0001"):
        with pytest.raises(KeyError), telemetry.about("inner-0001"):
            raise KeyError
        telemetry.logger("shared.x").info("still outer")
    telemetry.logger("shared.x").info("none")
    assert [line["correlation"] for line in lines()] == ["outer-0001", None]


def test_a_child_stays_in_its_parents_trace() -> None:
    parent = telemetry.new_traceparent()
    child = telemetry.child(parent)
    assert child.split("-")[1] == parent.split("-")[1]
    assert child.split("-")[2] != parent.split("-")[2]
    assert child.split("-")[3] == parent.split("-")[3]


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "",
        "junk",
        f"ff-{'a' * 32}-{'b' * 16}-01",
        f"00-{'0' * 32}-{'b' * 16}-01",
        f"00-{'a' * 32}-{'0' * 16}-01",
        f"00-{'A' * 32}-{'b' * 16}-01",
        f"00-{'a' * 32}-{'b' * 16}-01\n",
    ],
)
def test_an_unreadable_parent_starts_a_new_trace(parent: str | None) -> None:
    fresh = telemetry.child(parent)
    assert telemetry.child(fresh).split("-")[1] == fresh.split("-")[1]
    assert fresh.split("-")[1] not in {"a" * 32, "0" * 32}


def test_a_worker_serves_its_metrics() -> None:
    telemetry.EVENTS_PUBLISHED.labels("test.published.v1").inc(3)
    port = telemetry.serve_metrics(0)
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert 'nilai_events_published_total{type="test.published.v1"} 3.0' in text
    assert "nilai_outbox_oldest_seconds" in text


def test_a_process_writes_its_log_as_json_to_its_output() -> None:
    code = "from shared.core import telemetry as t; t.configure('notify'); t.logger('x').info('up', extra={'port': 1})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    line = json.loads(run.stdout)
    assert (line["service"], line["message"], line["port"]) == ("notify", "up", 1)


COUNT = """from shared.core import telemetry
telemetry.EVENTS_PUBLISHED.labels('x.v1').inc(2)
print(telemetry.scrape().decode())"""


def test_processes_that_share_a_folder_are_summed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COUNT]
    environ = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for total in ("2.0", "4.0"):
        run = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        assert f'nilai_events_published_total{{type="x.v1"}} {total}' in run.stdout
