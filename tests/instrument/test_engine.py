"""The scoring rule: exact, the same for every edition, rounded once."""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.errors import Invalid
from shared.instrument import Edition, Score, parse_value, ratio, score, score_dict, shipped
from tests.instrument.builders import VALUES, small

some = settings(max_examples=25, deadline=None)
EDITIONS = {id: shipped(id) for id in ("spbe-59-2020", "spbe-5-2018", "pemdi-8-2026")}


def _allowed(low: Fraction, high: Fraction, levels: list[Fraction]) -> st.SearchStrategy[Fraction]:
    return st.sampled_from(levels) if levels else st.fractions(low, high, max_denominator=1000)


@st.composite
def assessments(draw: st.DrawFn) -> tuple[Edition, dict[str, Fraction]]:
    edition = EDITIONS[draw(st.sampled_from(sorted(EDITIONS)))]
    values = {}
    for node in edition.indicators:
        assert node.scale is not None
        levels = [Fraction(level.value) for level in node.scale.levels]
        values[node.code] = draw(_allowed(node.scale.lowest, node.scale.highest, levels))
    return edition, values


def _nodes(found: Score) -> dict[str, Fraction]:
    return {node.code: node.value for node in found.nodes}


@some
@given(assessments())
def test_the_index_is_the_weighted_mean_of_the_leaves(
    assessment: tuple[Edition, dict[str, Fraction]],
) -> None:
    edition, values = assessment
    weighted = sum(node.weight * values[node.code] for node in edition.indicators)
    assert score(edition, values).index == weighted / 100


@some
@given(assessments())
def test_every_node_lies_between_the_nodes_below_it(assessment: tuple[Edition, dict[str, Fraction]]) -> None:
    edition, values = assessment
    indices = _nodes(score(edition, values))
    for node in edition.walk():
        below = [indices[child.code] for child in node.children] or [values[node.code]]
        assert min(below) <= indices[node.code] <= max(below)


@some
@given(assessments(), st.data())
def test_raising_one_value_raises_the_nodes_above_it_and_no_other(
    assessment: tuple[Edition, dict[str, Fraction]], data: st.DataObject
) -> None:
    edition, values = assessment
    code = data.draw(st.sampled_from(edition.codes))
    scale = edition.node(code).scale
    assert scale is not None
    before = _nodes(score(edition, {**values, code: scale.lowest}))
    after = _nodes(score(edition, {**values, code: scale.highest}))
    above = {node.code for node in edition.walk() if code in {below.code for below in node.walk()}}
    assert {each for each in before if after[each] > before[each]} == above
    assert {each for each in before if after[each] == before[each]} == set(before) - above


@some
@given(assessments(), st.randoms(use_true_random=False))
def test_the_order_of_the_values_changes_nothing(
    assessment: tuple[Edition, dict[str, Fraction]], random: object
) -> None:
    edition, values = assessment
    codes = list(values)
    random.shuffle(codes)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert score(edition, {code: values[code] for code in codes}) == score(edition, values)


@some
@given(assessments())
def test_contributions_of_the_leaves_and_of_the_top_add_up_to_the_index(
    assessment: tuple[Edition, dict[str, Fraction]],
) -> None:
    edition, values = assessment
    found = score(edition, values)
    part = {node.code: node.contribution for node in found.nodes}
    assert sum(part[code] for code in edition.codes) == found.index
    assert sum(part[node.code] for node in edition.nodes) == found.index


def test_a_small_edition_is_scored_as_by_hand() -> None:
    found = score(small(), VALUES)

    assert ratio(found.index) == "901/400"
    assert (found.displayed, found.predicate.name["en"]) == ("2.25", "Middle")
    assert [(node.code, node.kind, node.displayed) for node in found.nodes] == [
        ("P1", "part", "1.67"),
        ("1", "indicator", "1.00"),
        ("2", "indicator", "2.00"),
        ("P2", "part", "2.50"),
        ("3", "indicator", "2.50"),
        ("4-1", "indicator", "3.00"),
    ]


def test_a_rounded_value_is_never_fed_upward() -> None:
    thirds = {code: Fraction(value) for code, value in {"1": 1, "2": 2, "3": 1, "4-1": 1}.items()}
    assert score(small(), thirds).index == 1 + Fraction(20, 100)


def test_a_score_is_written_as_json_without_floats() -> None:
    written = score_dict(score(small(), VALUES))

    assert json.loads(json.dumps(written)) == written
    assert written["exact"] == "901/400"
    assert written["predicate"] == {"id": "Sedang", "en": "Middle"}
    assert written["nodes"][0] == {
        "code": "P1",
        "kind": "part",
        "index": "1.67",
        "exact": "5/3",
        "weight": "30",
        "contribution": "1/2",
    }


def _just_below_the_top_band() -> dict[str, Fraction]:
    return {"1": Fraction(3), "2": Fraction(3), "3": Fraction(1584, 695), "4-1": Fraction(3)}


@pytest.mark.parametrize(("looks_at", "predicate"), [("exact", "Middle"), ("displayed", "High")])
def test_the_edition_says_whether_a_band_looks_at_the_exact_or_the_displayed_index(
    looks_at: str, predicate: str
) -> None:
    found = score(small(("band_looks_at: exact", f"band_looks_at: {looks_at}")), _just_below_the_top_band())

    assert Fraction(2495, 1000) <= found.index < Fraction(5, 2)
    assert (found.displayed, found.predicate.name["en"]) == ("2.50", predicate)


@pytest.mark.parametrize(
    ("mode", "digits", "shown"),
    [
        ("half-up", 2, "2.13"),
        ("half-even", 2, "2.12"),
        ("down", 2, "2.12"),
        ("half-up", 0, "2"),
        ("down", 3, "2.125"),
    ],
)
def test_the_edition_says_how_an_index_is_rounded(mode: str, digits: int, shown: str) -> None:
    edition = small(("digits: 2, mode: half-up", f"digits: {digits}, mode: {mode}"))
    assert edition.rounding.display(Fraction(17, 8)) == shown


@pytest.mark.parametrize(
    ("index", "predicate"),
    [
        ("0", "Low"),
        ("1.4999", "Low"),
        ("1.5", "Middle"),
        ("2.4999", "Middle"),
        ("2.5", "High"),
        ("3", "High"),
    ],
)
def test_an_index_on_the_border_of_two_bands_earns_the_one_that_includes_it(
    index: str, predicate: str
) -> None:
    assert [band.name["en"] for band in small().bands if band.holds(Fraction(index))] == [predicate]


def test_all_missing_unknown_and_refused_values_are_named_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        score(small(), {"1": Fraction(9), "3": Fraction(2), "47": Fraction(1)})

    assert refusal.value.extra["errors"] == {
        "47": "'47' is no indicator of small-1",
        "2": "indicator 2 is missing",
        "4-1": "indicator 4-1 is missing",
        "1": "indicator 1: 9 is not allowed, it takes 1, 2 or 3",
    }


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (2, Fraction(2)),
        ("2", Fraction(2)),
        ("1.26", Fraction(63, 50)),
        (1.26, Fraction(63, 50)),
        ("7/6", Fraction(7, 6)),
        ("1.00", Fraction(1)),
        (3.0, Fraction(3)),
        (Fraction(5, 3), Fraction(5, 3)),
        ("2e0", Fraction(2)),
    ],
)
def test_a_value_is_read_exactly_as_it_is_written(raw: object, value: Fraction) -> None:
    assert parse_value(small(), "3", raw) == value


NO_VALUES: list[Any] = [
    *(True, False, None, [2], {"v": 2}, b"2", 0, 4, float("nan"), float("inf"), 10**400),
    *("", " 2", "2\n", "-1", "+2", "2,5", "7/0", "7/6/1", "x", "NaN", "Infinity", "1e999", "0.99", "3.01"),
    *("\u0662", "9" * 5000),
    pytest.param(10**5000, id="5000 digits"),
]


@pytest.mark.parametrize("raw", NO_VALUES)
def test_a_value_that_is_no_number_in_the_range_is_refused_with_what_is_allowed(raw: object) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_value(small(), "3", raw)

    assert refusal.value.detail.startswith("indicator 3: ")
    assert refusal.value.detail.endswith(" it takes a number from 1.00 to 3.00.")
    assert len(refusal.value.detail) < 200


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("2,5", "'2,5' has a comma where a point should stand, write 2.5;"),
        ("2,50 ", "'2,50 ' has a comma where a point should stand, write 2.50;"),
        (" 2", "' 2' has a sign or blanks around it, write 2;"),
        ("+2", "'+2' has a sign or blanks around it, write 2;"),
        ("two", "'two' is no number written like 3, 2.5 or 7/6;"),
        ("2,5,0", "'2,5,0' is no number written like 3, 2.5 or 7/6;"),
        ("\u0662", "'\u0662' is no number written like 3, 2.5 or 7/6;"),
        ("-1", "'-1' is not allowed,"),
        ("3.01", "'3.01' is not allowed,"),
        (None, "null is not allowed,"),
        (True, "true is not allowed,"),
        ([2], "[2] is not allowed,"),
    ],
)
def test_a_refused_value_says_what_is_wrong_with_it(raw: object, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_value(small(), "3", raw)
    assert refusal.value.detail == f"indicator 3: {why} it takes a number from 1.00 to 3.00."


@pytest.mark.parametrize("raw", ["1.5", 2.5, "7/6", 0, 4])
def test_a_scale_of_levels_takes_nothing_between_them(raw: object) -> None:
    with pytest.raises(Invalid, match=r"indicator 1: .* it takes 1, 2 or 3"):
        parse_value(small(), "1", raw)


@pytest.mark.parametrize("code", ["P1", "47", ""])
def test_only_indicators_take_a_value(code: str) -> None:
    with pytest.raises(Invalid, match="its codes are 1, 2, 3, 4-1"):
        parse_value(small(), code, 2)
