"""Uploads that failed for good in a browser: counted and logged, without who or which file."""

import logging
from typing import Any

import pytest
from prometheus_client import REGISTRY

from tests.intake.rounds import Round, problem
from tests.intake.tus import ROOT

PLACE = f"{ROOT}/upload-failures"


def counted(stage: str, status: int) -> float:
    labels = {"stage": stage, "status": str(status)}
    return REGISTRY.get_sample_value("nilai_upload_failures_total", labels) or 0.0


def test_a_failure_is_counted_and_logged_and_nothing_of_it_is_kept(
    open_round: Round, caplog: pytest.LogCaptureFixture
) -> None:
    before, state = counted("send", 413), open_round.stage.state()
    with caplog.at_level(logging.WARNING):
        answer = open_round.as_("clerk-a").post(PLACE, json={"stage": "send", "status": 413})
    assert answer.status_code == 204
    assert counted("send", 413) == before + 1
    (line,) = [one for one in caplog.records if one.message == "an upload failed in a browser"]
    assert (vars(line)["stage"], vars(line)["status"]) == ("send", 413)
    assert "clerk-a" not in str(vars(line))
    assert open_round.stage.state() == state


@pytest.mark.parametrize(
    "said",
    [
        {"stage": "elsewhere", "status": 413},
        {"stage": "send", "status": 600},
        {"stage": "send", "status": -1},
        {"stage": "send", "status": "413"},
        {"stage": "send"},
        {"stage": "send", "status": 0, "file": "rahasia.pdf"},
    ],
)
def test_nothing_else_can_be_said(open_round: Round, said: dict[str, Any]) -> None:
    assert problem(open_round.as_("clerk-a").post(PLACE, json=said)) == (422, "invalid")


def test_one_person_reports_no_more_than_so_many(open_round: Round) -> None:
    clerk, said = open_round.as_("clerk-a"), {"stage": "begin", "status": 0}
    # One more than two hours allow: an hour may end in between.
    statuses = {clerk.post(PLACE, json=said).status_code for _ in range(121)}
    assert statuses == {204, 429}
    assert open_round.as_("officer-a").post(PLACE, json=said).status_code == 204
