"""An index of another ministry becomes a value exactly as its edition says, or is refused by the loader."""

from fractions import Fraction

import pytest

from shared.instrument import EditionInvalid, from_dict, load, shipped, to_dict
from shared.instrument.model import Source
from tests.instrument.builders import changed, small

_LINE = 'weight: "69.5", scale: line}'
_GIVEN = """weight: "69.5", scale: line, source: {
         name: {id: Indeks, en: Index}, gives: value, key: one, range: {at_least: 0, at_most: 10},
         conversion: [{index: 0, value: "1.00"}, {index: 2.5, value: 2}, {index: 10, value: "3.00"}],
         until_it_comes: 1, max_age_years: 2, uncertain: {id: Dikira., en: A guess.}}}"""
_STEPS = 'weight: "0.50", scale: steps}'
_GATED = """weight: "0.50", scale: steps, source: {
         name: {id: Indeks, en: Index}, gives: gate, key: two, range: {at_least: 0, at_most: 5},
         gates: [{level: 2, at_least: "1.5"}, {level: 3, at_least: 4}]}}"""


def _source(id: str, code: str) -> Source:
    source = shipped(id).node(code).source
    assert source is not None
    return source


@pytest.mark.parametrize(
    ("code", "index", "value"),
    [
        ("5", "25", "2.00"),
        ("5", "68.75", "3.75"),
        ("5", "0", "1"),
        ("5", "100", "5"),
        ("18", "12.5", "1.5"),
        ("6", "3.21", "3.21"),
        ("7", "1.8", "1.5"),
        ("7", "2.6", "2.5"),
        ("7", "4.6", "4.5"),
        ("7", "3", "53/18"),
    ],
)
def test_an_index_gives_the_value_on_its_line(code: str, index: str, value: str) -> None:
    assert _source("pemdi-8-2026", code).convert(Fraction(index)) == Fraction(value)


def test_the_nodes_of_the_statistical_index_are_those_of_its_old_bands() -> None:
    nodes = [(str(node.index), str(node.value)) for node in _source("pemdi-8-2026", "7").conversion]
    assert nodes == [
        ("1", "1.00"),
        ("1.8", "1.50"),
        ("2.6", "2.50"),
        ("3.5", "3.50"),
        ("4.2", "4.00"),
        ("5", "5.00"),
    ]


def test_an_index_beside_its_scale_gives_nothing() -> None:
    source = _source("pemdi-8-2026", "5")
    assert (source.takes(Fraction(100)), source.takes(Fraction(101))) == (True, False)
    with pytest.raises(ValueError, match="not on the scale"):
        source.convert(Fraction(101))


def test_an_index_opens_the_levels_whose_gate_it_passes() -> None:
    opened = [str(level) for level in _source("pemdi-8-2026", "10").opened_by(Fraction("2.5"))]
    assert opened == ["1", "2", "3"]
    assert _source("pemdi-8-2026", "11").opened_by(Fraction("3.99")) == ()


def test_an_index_counts_until_it_is_too_old_and_never_before_its_year() -> None:
    aging, ageless = _source("pemdi-8-2026", "10"), _source("pemdi-8-2026", "5")
    assert [aging.counts_in(year, 2026) for year in (2024, 2025, 2026, 2027)] == [False, True, True, False]
    assert [ageless.counts_in(year, 2026) for year in (1999, 2027)] == [True, False]


def test_only_a_source_with_a_conversion_takes_typing_away() -> None:
    edition = small((_LINE, _GIVEN), (_STEPS, _GATED))
    assert [node.code for node in edition.indicators if node.source and node.source.converts] == ["3"]


def test_a_source_keeps_all_that_it_says_on_its_way_to_others() -> None:
    edition = small((_LINE, _GIVEN), (_STEPS, _GATED))
    assert from_dict(to_dict(edition)) == edition
    assert to_dict(edition)["nodes"][1]["children"][0]["source"] == {
        "name": {"id": "Indeks", "en": "Index"},
        "gives": "value",
        "key": "one",
        "range": {"at_least": "0", "at_most": "10"},
        "conversion": [
            {"index": "0", "value": "1.00"},
            {"index": "2.5", "value": "2"},
            {"index": "10", "value": "3.00"},
        ],
        "until_it_comes": "1",
        "max_age_years": 2,
        "uncertain": {"id": "Dikira.", "en": "A guess."},
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{index: 2.5, value: 2}", "{index: 0, value: 2}", "the nodes must rise: index 0 comes after 0"),
        ("{index: 2.5, value: 2}", "{index: 2.5, value: 1}", "the nodes must rise: value 1 comes after 1.00"),
        ("{index: 0, v", "{index: 1, v", "the nodes must begin at the index's range, 0, not 1"),
        ('0, value: "1.00"', "0, value: 1.5", "the nodes must begin at the indicator's scale, 1.00, not 1.5"),
        ("{index: 10, v", "{index: 9, v", "the nodes must end at the index's range, 10, not 9"),
        ('10, value: "3.00"', "10, value: 2.5", "the nodes must end at the indicator's scale, 3.00, not 2.5"),
        ("until_it_comes: 1, ", "", "until_it_comes must say what counts before the index is known"),
        ("until_it_comes: 1", "until_it_comes: 4", "until_it_comes is not on the scale"),
        ("range: {at_least: 0, at_most: 10},", "", "a conversion needs the range of the index"),
        ("at_least: 0, at_most: 10", "at_least: 10, at_most: 10", "the range of the index is empty"),
        ("gives: value", "gives: evidence", "a conversion belongs to a source that gives the value"),
        ("scale: line, source", "scale: steps, source", "needs an indicator whose scale is a range"),
        ('{index: 2.5, value: 2}, {index: 10, value: "3.00"}', "", "a conversion has at least two nodes"),
        ("index: 2.5", 'index: "2.1234567890123"', "would need too many digits"),
        (
            "{level: 2, at_least:",
            "{level: 3, at_least:",
            "the gates must rise: that of level 3 comes after level 3",
        ),
        ("level: 3, at_least: 4", "level: 3, at_least: 1", "the gates must rise: that of level 3"),
        (
            "level: 3, at_least: 4",
            "level: 4, at_least: 4",
            "level 4 is not on the scale, which allows 1, 2 or 3",
        ),
        ("level: 3, at_least: 4", "level: 3, at_least: 6", "6 is outside the range of the index"),
        ("key: one, ", "", "an index that is imported needs a key"),
        ("key: two, ", "", "an index that is imported needs a key"),
        ("gives: gate", "gives: evidence", "gates belong to a source that gives a gate"),
        (',\n         gates: [{level: 2, at_least: "1.5"}, {level: 3, at_least: 4}]', "", "needs its gates"),
    ],
)
def test_a_source_that_does_not_add_up_is_refused(old: str, new: str, said: str) -> None:
    text = changed((_LINE, _GIVEN), (_STEPS, _GATED))
    assert old in text
    with pytest.raises(EditionInvalid, match=said):
        load(text.replace(old, new, 1))
