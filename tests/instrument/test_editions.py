"""The editions that ship are those of the regulations, number by number and name by name."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.core.errors import NotFound
from shared.instrument import EditionInvalid, check_crosswalk, shipped, shipped_ids
from tests.instrument.builders import SMALL

FACTS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("facts.yaml").read_text("utf-8"))


def test_three_editions_ship() -> None:
    assert set(shipped_ids()) == set(FACTS)


@pytest.mark.parametrize("id", FACTS)
def test_indicators_are_those_of_the_regulation(id: str) -> None:
    edition = shipped(id)
    above = {child.code: node.code for node in edition.walk() for child in node.children}

    assert edition.regulation == FACTS[id]["regulation"]
    assert list(edition.codes) == list(FACTS[id]["leaves"])
    assert {
        node.code: {
            "in": above[node.code],
            "weight": str(node.weight),
            "scale": node.scale.key if node.scale else None,
            "name": node.name["id"],
        }
        for node in edition.indicators
    } == FACTS[id]["leaves"]


@pytest.mark.parametrize("kind", ["domain", "aspect"])
@pytest.mark.parametrize("id", FACTS)
def test_upper_nodes_are_those_of_the_regulation(id: str, kind: str) -> None:
    edition = shipped(id)
    above = {child.code: node.code for node in edition.walk() for child in node.children}
    facts = FACTS[id].get(f"{kind}s", {})

    assert [
        (node.code, above.get(node.code), str(node.weight), node.name["id"])
        for node in edition.walk()
        if node.kind == kind
    ] == [(code, event.get("in"), event["weight"], event["name"]) for code, event in facts.items()]


@pytest.mark.parametrize("id", FACTS)
def test_scales_and_bands_are_those_of_the_regulation(id: str) -> None:
    edition = shipped(id)
    ends = ("at_least", "above", "below", "at_most")

    assert {
        scale.key: {"from": str(scale.range.at_least), "to": str(scale.range.at_most)}
        if scale.range
        else {int(level.value): level.name["id"] for level in scale.levels}
        for scale in edition.scales
    } == FACTS[id]["scales"]
    assert {
        band.name["id"]: {end: str(getattr(band, end)) for end in ends if getattr(band, end) is not None}
        for band in edition.bands
    } == FACTS[id]["bands"]


def test_the_levels_of_2026_divide_its_values_where_its_bands_do() -> None:
    edition = shipped("pemdi-8-2026")
    rising = sorted(edition.bands, key=lambda band: band.at_least or 0)
    assert [(level.at_least, level.name) for level in edition.scales[0].levels] == [
        (band.at_least, band.label) for band in rising
    ]


def test_indices_are_rounded_half_up_to_two_digits_and_bands_look_at_the_exact_one() -> None:
    for edition in map(shipped, FACTS):
        assert (edition.rounding.digits, edition.rounding.mode) == (2, "half-up")
        assert edition.rounding.band_looks_at == "exact"


def test_monitoring_ends_with_the_documents_and_evaluation_goes_on_to_people() -> None:
    edition = shipped("spbe-59-2020")
    assert edition.stages("monitoring") == ("self", "document")
    assert edition.stages("evaluation") == ("self", "document", "interview", "visit")
    assert edition.optional_stages("evaluation") == {"visit"}


def test_agencies_name_their_own_services_where_the_regulation_lets_them() -> None:
    named = {id: [node.code for node in shipped(id).indicators if node.agency_subject] for id in FACTS}
    assert named == {
        "spbe-59-2020": ["45", "46", "47"],
        "spbe-5-2018": ["35-1", "35-2", "35-3"],
        "pemdi-8-2026": [],
    }


def test_indices_of_other_ministries_are_told_apart_from_assessors_values() -> None:
    sources = {node.code: node.source for node in shipped("pemdi-8-2026").indicators if node.source}
    assert {code: source.gives for code, source in sources.items()} == {
        **dict.fromkeys(["5", "6", "7", "18"], "value"),
        **dict.fromkeys(["10", "11", "12"], "gate"),
    }


def test_the_targets_are_those_of_the_ministry_where_it_set_one() -> None:
    targets = shipped("spbe-59-2020").targets
    assert (str(targets.index), str(targets.indicator)) == ("2.6", "3")
    assert shipped("pemdi-8-2026").targets.index is None


def test_twenty_five_indicators_of_2018_live_on_in_2020() -> None:
    edition = shipped("spbe-59-2020")
    assert edition.crosswalk is not None
    assert len(edition.crosswalk.codes) == 25
    assert edition.crosswalk.codes["1"] == edition.crosswalk.codes["2"] == ("3",)
    check_crosswalk(edition, shipped(edition.crosswalk.edition))


def test_an_edition_that_does_not_ship_is_not_found_and_the_others_are_named() -> None:
    with pytest.raises(NotFound, match="has pemdi-8-2026, spbe-5-2018, spbe-59-2020"):
        shipped("../../secrets")


def test_a_folder_without_editions_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has none"):
        shipped("spbe-59-2020", tmp_path)
    assert shipped_ids(tmp_path / "not-there") == ()


def test_a_file_must_be_named_by_the_edition_in_it(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(SMALL, "utf-8")
    with pytest.raises(EditionInvalid, match=r"the file other\.yaml holds the edition small-1"):
        shipped("other", tmp_path)
