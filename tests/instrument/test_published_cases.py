"""The engine gives the numbers that ministries, agencies and the regulation itself have printed."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from shared.instrument import Edition, from_dict, parse_values, score, shipped, to_dict
from tests.instrument.builders import CASES

FULL = [id for id, case in CASES.items() if case["kind"] == "full"]


@pytest.mark.parametrize("id", FULL)
def test_a_published_report_is_reproduced_from_its_levels(id: str) -> None:
    case = CASES[id]
    edition = shipped(case["edition"])

    found = score(edition, parse_values(edition, case["values"]))

    displayed = {node.code: node.displayed for node in found.nodes}
    assert found.displayed == case["published"]["index"]
    assert {code: displayed[code] for code in case["published"]["nodes"]} == case["published"]["nodes"]
    assert found.predicate.name["id"] == case["published"].get("predicate", found.predicate.name["id"])


def test_every_full_case_prints_all_its_upper_nodes() -> None:
    for id in FULL:
        edition = shipped(CASES[id]["edition"])
        upper = {node.code for node in edition.walk() if node.children}
        assert set(CASES[id]["published"]["nodes"]) == upper


def test_a_self_assessment_that_was_lowered_scores_higher_than_its_result() -> None:
    case = CASES["denpasar-2018"]
    edition = shipped(case["edition"])
    assert score(edition, parse_values(edition, case["self_assessment"])).displayed == "3.67"


def test_the_aspect_worked_out_in_the_regulation_comes_from_its_four_levels() -> None:
    edition = shipped("spbe-59-2020")
    case = CASES["permen59-tabel10"]
    values = {code: Fraction(case["values"].get(code, 5)) for code in edition.codes}

    nodes = {node.code: node.displayed for node in score(edition, values).nodes}

    assert nodes["A2"] == case["published"]["nodes"]["A2"]


@pytest.mark.parametrize("id", ["permen59-tabel11", "permen59-tabel12"])
def test_upper_nodes_worked_out_in_the_regulation_come_from_those_below(id: str) -> None:
    edition = _with_a_range_of_values(shipped("spbe-59-2020"))
    case = CASES[id]
    values = {code: Fraction(5) for code in edition.codes} | dict(_spread(edition, case["given"]))

    found = score(edition, values)

    nodes = {node.code: node.displayed for node in found.nodes}
    published = case["published"]
    assert {code: nodes[code] for code in published.get("nodes", {})} == published.get("nodes", {})
    assert found.displayed == published.get("index", found.displayed)


def _with_a_range_of_values(edition: Edition) -> Edition:
    data: dict[str, Any] = to_dict(edition)
    for scale in data["scales"]:
        scale["range"] = {"at_least": "1", "at_most": "5"}
    return from_dict(data)


def _spread(edition: Edition, given: Mapping[str, str]) -> dict[str, Fraction]:
    return {
        leaf.code: Fraction(index)
        for code, index in given.items()
        for leaf in edition.node(code).walk()
        if not leaf.children
    }
