"""The loader takes an edition as it is written, and gives it to others as JSON."""

import json
from copy import copy, deepcopy
from fractions import Fraction
from pickle import dumps, loads

import pytest

from shared.core.errors import Invalid, NotFound
from shared.instrument import EditionInvalid, from_dict, to_dict
from tests.instrument.builders import CODED, LATER, LEVELLED, LINE, WITH_TEXTS, small


def test_an_edition_that_adds_up_is_loaded_as_it_is_written() -> None:
    edition = small()

    assert edition.codes == ("1", "2", "3", "4-1")
    assert [str(node.weight) for node in edition.walk()] == ["30", "10", "40/2", "70", "69.5", "0.50"]
    assert [node.kind for node in edition.walk()] == ["part", "indicator", "indicator"] + ["part"] + [
        "indicator"
    ] * 2
    assert [node.allowed for node in edition.indicators] == [
        "1, 2 or 3",
        "1, 2 or 3",
        "a number from 1.00 to 3.00",
        "1, 2 or 3",
    ]
    assert edition.node("P2").children == (edition.node("3"), edition.node("4-1"))


def test_each_activity_has_its_own_stages() -> None:
    edition = small()

    assert edition.stages("monitoring") == ("self", "document")
    assert edition.stages("evaluation") == ("self", "visit")
    assert edition.optional_stages("evaluation") == {"visit"}
    with pytest.raises(Invalid, match="it has monitoring, evaluation"):
        edition.stages("audit")


def test_an_unknown_node_is_not_found() -> None:
    with pytest.raises(NotFound, match="no node with the code '47'"):
        small().node("47")


def test_texts_of_the_criteria_have_their_place() -> None:
    first = small(WITH_TEXTS).node("1")

    assert first.agency_subject
    assert first.question == {"id": "Apa?", "en": "What?"}
    assert [(str(item.level), item.cumulative) for item in first.criteria] == [
        ("1", False),
        ("2", True),
        ("3", True),
    ]
    assert first.criteria[0].conditions[0].code == "1.1.a"
    assert first.criteria[2].note == {"id": "Dibaca begini.", "en": "Read like this."}
    assert [
        (kind.level and str(kind.level), kind.max_age_years, kind.covers_years, kind.years_after_review)
        for kind in first.evidence
    ] == [(None, None, None, None), ("2", 2, None, None), ("3", None, 3, None), ("3", None, None, 1)]
    assert first.often_missing == ({"id": "Tanggal.", "en": "The date."},)


def test_what_is_not_certain_has_its_place_and_may_be_left_out() -> None:
    doubt = (
        "question: {id: Apa?, en: What?}",
        "question: {id: Apa?, en: What?}, uncertain: [{id: Ya., en: So.}]",
    )
    first = small(WITH_TEXTS, CODED, doubt).node("1")

    assert first.uncertain == ({"id": "Ya.", "en": "So."},)
    assert [(kind.code, kind.uncertain) for kind in first.evidence[:2]] == [
        (None, None),
        ("I1-L2-01", {"id": "Umurnya.", "en": "Its age."}),
    ]
    assert "uncertain" not in json.dumps(to_dict(small(WITH_TEXTS)))


def test_a_value_of_a_range_belongs_to_the_level_that_began_last() -> None:
    steps, line = small(LEVELLED).scales
    values = ("1", "1.49", "1.5", "2.5", "3", "3.01", "0.9")

    found = [line.level_at(Fraction(value)) for value in values]

    assert [level and str(level.value) for level in found] == ["1", "1", "2", "3", "3", None, None]
    assert [line.above(Fraction(value)) for value in ("1", "1.5", "2.75", "3")] == [
        Fraction("1.5"),
        Fraction("2.5"),
        3,
        None,
    ]
    assert [steps.level_at(Fraction(value)) for value in ("2", "1.5")] == [steps.levels[1], None]
    assert small().scales[1].level_at(Fraction(2)) is None


def test_levels_of_a_range_may_begin_nowhere_as_before() -> None:
    old = (LINE, f"{LINE}\n    levels: [{{value: 1, name: {{id: Satu, en: One}}}}]")
    assert small(old).scales[1].levels[0].at_least is None


def test_an_edition_survives_the_way_through_json_with_its_hash() -> None:
    edition = small(LEVELLED, WITH_TEXTS, LATER, CODED)

    again = from_dict(json.loads(json.dumps(to_dict(edition))))

    assert again == edition
    assert again.hash == edition.hash
    assert to_dict(again) == to_dict(edition)


def test_the_hash_changes_with_any_word_or_number_and_not_with_layout() -> None:
    assert small(("{id: Kecil, en: Small}", '{en: "Small", id: Kecil}  # a comment')).hash == small().hash
    assert small(("Kecil", "kecil")).hash != small().hash
    assert small(("guide_version: Guide 1", "guide_version: Guide 2")).hash != small().hash
    assert len(small().hash) == 64


def test_fields_of_a_later_version_are_passed_over_in_data_and_refused_in_a_file() -> None:
    data = to_dict(small())
    data["nodes"][0]["children"][0]["colour"] = "green"
    assert from_dict(data) == small()

    with pytest.raises(EditionInvalid, match="node 1: colour is not a field that belongs here"):
        small(("name: {id: Pertama, en: First},", "name: {id: Pertama, en: First}, colour: green,"))


def test_numbers_keep_the_digits_that_were_written() -> None:
    edition = small(("weight: 10}", "weight: 10.000}"))
    assert str(edition.node("1").weight) == "10.000"
    assert edition.node("1").weight == 10


def test_words_that_yaml_takes_for_numbers_or_truth_stay_words() -> None:
    edition = small(
        ("{id: Kecil, en: Small}", "{id: ya, en: No}"), ("regulation: Regulation 1", "regulation: 010")
    )
    assert edition.title == {"id": "ya", "en": "No"}
    assert edition.regulation == "010"


def test_a_copy_of_an_exact_number_still_knows_how_it_was_written() -> None:
    weight = small().node("2").weight
    assert [str(copied) for copied in (copy(weight), deepcopy(weight), loads(dumps(weight)))] == ["40/2"] * 3


def test_a_tree_may_be_uneven_and_as_deep_as_its_tiers() -> None:
    deep = small(
        ("  - {key: part", "  - {key: whole, name: {id: Induk, en: Whole}}\n  - {key: part"),
        (
            "      - {code: \"1\", name: {id: Pertama, en: First}, weight: 10}\n",
            """\
      - code: Q1
        name: {id: Anak, en: Child}
        weight: 10
        children:
          - {code: "1", name: {id: Pertama, en: First}, weight: 10}
""",
        ),
    )  # fmt: skip
    assert [(node.code, node.kind) for node in deep.walk()] == [
        ("P1", "whole"),
        ("Q1", "part"),
        ("1", "indicator"),
        ("2", "indicator"),
        ("P2", "whole"),
        ("3", "indicator"),
        ("4-1", "indicator"),
    ]
