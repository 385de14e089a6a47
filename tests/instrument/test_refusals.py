"""An edition that does not add up is refused with all that is wrong in it, node and line."""

from typing import Any

import pytest

from shared.instrument import EditionInvalid, check_crosswalk, from_dict, load, to_dict
from shared.web.editionwords import sentences
from tests.instrument.builders import CODED, LEVELLED, WITH_TEXTS, changed, line_of, small

LINE_AGAIN = "  - {key: line, name: {id: G, en: L}, range: {at_least: 1, at_most: 3}}\nbands:\n"


def _problems(*changes: tuple[str, str]) -> list[dict[str, Any]]:
    with pytest.raises(EditionInvalid) as refusal:
        load(changed(*changes))
    for problem in refusal.value.problems:
        assert problem.said(sentences("id")[problem.cause.code], "id")
    return list(refusal.value.extra["errors"])


@pytest.mark.parametrize(
    ("old", "new", "node", "message"),
    [
        ("weight: 10}", "weight: 11}", "P1", "the weights below add up to 31, not 30"),
        ("weight: 40/2", "weight: 20/6", "P1", "the weights below add up to 40/3, not 30"),
        (
            "weight: 10}",
            "weight: 10.0000000000001}",
            "P1",
            "the weights below add up to 30.0000000000001, not 30",
        ),
        (
            "weight: 10}",
            "weight: 10.00000000000000000001}",
            "P1",
            "the weights below add up to about 30, more than 30 by about 1e-20",
        ),
        (
            "weight: 10}",
            "weight: 9.99999999999999999999}",
            "P1",
            "the weights below add up to about 30, less than 30 by about 1e-20",
        ),
        ('weight: "70"', 'weight: "71"', "P2", "the weights below add up to 70, not 71"),
        ('weight: "30"', 'weight: "29.99"', None, "the weights of the top nodes add up to 99.99, not 100"),
        ("weight: 10}", "weight: 0}", "1", "the weight must be more than 0"),
        ("weight: 10}", "weight: ten}", "1", "weight must be a number written like 3, 1.30 or 20/6"),
        ("weight: 10}", "weight: -10}", "1", "weight must be a number written like 3, 1.30 or 20/6"),
        ("weight: 10}", "weight: 1/0}", "1", "weight must not divide by zero"),
        (", weight: 10}", "}", "1", "weight is missing"),
        ("weight: 10}", "weight: }", "1", "weight is missing"),
        ("name: {id: Pertama, en: First}, ", "", "1", "name is missing"),
        ("{id: Pertama, en: First}", "{id: Pertama}", "1", "name must have a text in each of id, en"),
        ("{id: Pertama, en: First}", '{id: Pertama, en: " "}', "1", "must be a text"),
        ("{id: Pertama, en: First}", '{id: Pertama, en: "\u2800"}', "1", "must be a text"),
        ("{id: Pertama, en: First}", "Pertama", "1", "name must have a text in each of id, en"),
        ('{code: "2"', '{code: "1"', "1", "the code 1 stands twice"),
        ('{code: "2"', "{code: P2", "P2", "the code P2 stands twice"),
        ('code: "2"', 'code: "2.a"', "P1", "code '2.a' must be letters, digits and hyphens, at most 32"),
        ("scale: line", "scale: circle", "3", "scale 'circle' is unknown; it may be steps, line"),
        (', scale: line', "", "3", "scale is missing"),
        ("    scale: steps\n", "    scale: stepz\n", "P1", "scale 'stepz' is unknown"),
        ("{value: 2, name: {id: Dua", "{value: 3, name: {id: Dua", None, "scale steps: level 3 must come after"),
        ('{at_least: "1.00"', '{at_least: "3.00"', None, "scale line: the range is empty"),
        ("    range: {", "    levels: [{value: 9, name: {id: X, en: X}}]\n    range: {", None, "level 9 is outside"),
        ("    range: {at_least", "    text: {at_least", None, "scale line needs levels or a range"),
        ("name: {id: Dua, en: Two}", "name: {id: Dua, en: Two}, at_least: 2", None, "only within a range"),
        (', below: "2.5"', "", None, "an end is missing between Middle and High"),
        ("bands:\n", LINE_AGAIN, None, "the scales key line stands twice"),
        ("{key: indicator", "{key: part", None, "the tiers key part stands twice"),
        ("key: evaluation", "key: monitoring", None, "the activities key monitoring stands twice"),
        ("code: document", "code: lunch", None, "code 'lunch' is unknown; it may be self, document, harmonisation"),
        ("code: document", "code: self", None, "activity monitoring: the stage self stands twice"),
        ("{code: self", "{code: review", None, "activity monitoring: the first stage must be self"),
        ("mode: half-up", "mode: upward", None, "mode 'upward' is unknown; it may be half-up, half-even, down"),
        ("band_looks_at: exact", "band_looks_at: both", None, "band_looks_at 'both' is unknown"),
        ("digits: 2", "digits: two", None, "digits must be a whole number from 0 to 99"),
        ('below: "2.5"', 'below: "2.4"', None, "there is a gap between Middle and High, 2.4 to 2.5"),
        ('below: "2.5"', 'below: "2.6"', None, "there is an overlap between Middle and High, 2.6 to 2.5"),
        ('below: "2.5"', 'at_most: "2.5"', None, "2.5 belongs to both, between Middle and High"),
        ('at_least: "2.5"', 'above: "2.5"', None, "2.5 belongs to neither, between Middle and High"),
        ('at_most: "3"', 'below: "3"', None, "no band holds the index 3, which can be reached"),
        ('below: "1.5"}', 'above: "1", below: "1.5"}', None, "no band holds the index 1, which can be reached"),
        ('at_most: "3"', 'at_most: "3", below: "3"', None, "band High: at_most and below cannot both be given"),
        ('at_least: "2.5"', 'at_least: "2.5", above: "2.5"', None, "at_least and above cannot both be given"),
        ('at_most: "3"', 'at_most: "2"', None, "band High: the lower end must be below the upper end"),
        ('targets: {index: "2.5"', 'targets: {index: "3.5"', None, "the target 3.5 cannot be reached"),
        ('codes: {"1"', 'codes: {"9"', "9", "crosswalk: this edition has no indicator 9"),
        ('["7"]', '[]', None, "codes must map each code to a list of codes of the edition before"),
        ("guide_version: Guide 1\n", "", None, "guide_version is missing"),
        ("regulation: Regulation 1", "facts: [1]\nregulation: Regulation 1", None, "facts must be a mapping"),
        ("weight: 10}", "weight: 10, often_missing: no}", "1", "often_missing must be a list"),
        ("rounding: {digits: 2, mode: half-up, band_looks_at: exact}\n", "", None, "rounding is missing"),
        ("weight: 10}", "weight: 10, subject: true}", "1", "subject is not a field that belongs here"),
        ("weight: 10}", "weight: 10, agency_subject: 1}", "1", "agency_subject must be true or false"),
        ("weight: 10}", "weight: 10, children: 5}", "1", "children must be a list"),
        ("  - {key: indicator, name: {id: Indikator, en: Indicator}}\n", "", "1", "stands deeper than the tiers"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_refused_with_its_node(
    old: str, new: str, node: str | None, message: str
) -> None:
    found = [(problem["node"], problem["detail"]) for problem in _problems((old, new))]

    assert any(at == node and message in said for at, said in found), found


def test_a_band_that_looks_at_the_displayed_index_must_hold_the_ends_as_displayed() -> None:
    reach_and_band = (
        ('{at_least: "1.00"', '{at_least: "1.004"'),
        (', below: "1.5"', ', at_least: "1.001", below: "1.5"'),
    )
    displayed = ("band_looks_at: exact", "band_looks_at: displayed")
    small(*reach_and_band)

    [problem] = _problems(*reach_and_band, displayed)

    assert problem["detail"] == "no band holds the index 1, which can be reached"


@pytest.mark.parametrize(
    ("change", "message", "node"),
    [
        (("1.2.a", "1.1.a"), "the condition 1.1.a stands twice", "1"),
        (("{level: 2, cumulative", "{level: 1, cumulative"), "the criteria of level 1 stands twice", "1"),
        (("{level: 2, cumulative", "{level: 7, cumulative"), "level 7 is not on the scale", "1"),
        (("level: 2, max", "level: 0, max"), "level 0 is not on the scale", "1"),
        (("max_age_years: 2", "max_age_years: -2"), "max_age_years must be a whole number", "1"),
        (("max_age_years: 2", "max_age_years: 0"), "max_age_years must be a whole number from 1 to 99", "1"),
        (("covers_years: 3", "covers_years: three"), "covers_years must be a whole number", "1"),
        (
            ("years_after_review: 1", "years_after_review: 1.5"),
            "years_after_review must be a whole number",
            "1",
        ),
        (("note: {id: Dibaca begini.,", "note: {"), "note must have a text in each of id, en", "1"),
        (
            ("{id: Tanggal., en: The date.}", "Tanggal"),
            "often_missing must have a text in each of id, en",
            "1",
        ),
        (("{id: Ada., en: It is there.}", "{id: Ada.}"), "text must have a text in each of id, en", "1"),
        (
            ("conditions: [{code: 1.1.a, text: {id: Ada., en: It is there.}}]", "conditions: []"),
            "not be empty",
            "1",
        ),
        (("{id: Siapa?, en: Who?}", ""), "the question is missing, which other indicators have", "2"),
        (("{code: 1.3.a", "{code: 1.2.a"), "the condition 1.2.a stands twice", "1"),
        (
            ("{level: 2, conditions: [{code: 2.2.a", "{level: 1, conditions: [{code: 2.2.a"),
            "level 2 has no",
            "2",
        ),
        (
            (
                "criteria: [{level: 2, conditions: [{code: 3.2.a, text: {id: Kini., en: Now.}}]}]",
                "criteria: []",
            ),
            "the criteria are missing, which other indicators have",
            "3",
        ),
    ],
)
def test_criteria_that_do_not_fit_their_indicator_are_refused(
    change: tuple[str, str], message: str, node: str
) -> None:
    found = [(problem["node"], problem["detail"]) for problem in _problems(WITH_TEXTS, change)]

    assert any(at == node and message in said for at, said in found), found


def test_every_problem_is_told_at_once_in_the_order_of_the_lines() -> None:
    changes = (
        ('below: "2.5"', 'below: "2.4"'),
        ("weight: 10}", "weight: 11}"),
        ("- code: P2", "- code: P1"),
        ('codes: {"1"', 'codes: {"9"'),
    )
    text = changed(*changes)

    found = [(problem["line"], problem["node"]) for problem in _problems(*changes)]

    assert found == [
        (line_of("Sedang", text) - 1, None),
        (line_of("codes: {", text), "9"),
        (line_of('weight: "30"', text), "P1"),
        (line_of("Bagian dua", text) - 1, "P1"),
    ]


def test_a_problem_says_its_line_node_and_place_in_one_sentence() -> None:
    with pytest.raises(EditionInvalid) as refusal:
        load(changed(("weight: 10}", "weight: ten}")))

    [problem] = refusal.value.extra["errors"]
    line = line_of("Pertama")
    assert problem["field"] == "nodes.0.children.0.weight"
    assert refusal.value.detail == (
        f"The edition has a problem. line {line}, node 1: weight must be a number written like 3, 1.30 or 20/6."
    )
    assert refusal.value.status == 422


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty"),
        ("# nothing\n", "the text is empty"),
        ("a: [1", "line 2: not YAML"),
        ("a: 1\nb: \x00", "line 2: the character '\\x00' is not allowed"),
        ("a: 1\nb: \ud800", "line 2: the character '\\ud800' is not allowed"),
        ("a: 1\nb: x\u00ad\ty", "line 2: U+00AD SOFT HYPHEN cannot be seen: take it out"),
        ("- 1", "must be a mapping of names to values"),
        ("just words", "must be a mapping of names to values"),
        ("a: &x 1\nb: *x", "line 2: anchors and aliases are not allowed"),
        ("a: 1\nb: 2\na: 3", "line 3: a stands twice"),
        ("? [a, b]\n: 1", "a key must be a plain word"),
        ("[" * 100, "nested more than 40 deep"),
        ("a: 1\n--- \nb: 2", "not YAML"),
        ("a: " + "x" * 1_000_000, "longer than 1,000,000 characters"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_edition_is_refused_plainly(text: str, message: str) -> None:
    with pytest.raises(EditionInvalid) as refusal:
        load(text)
    assert message in refusal.value.detail


@pytest.mark.parametrize("data", [None, [], "x", 1, {}, {"nodes": {}}, {"nodes": [1]}, {"scales": [[]]}])
def test_data_of_any_shape_is_refused_without_breaking(data: Any) -> None:
    with pytest.raises(EditionInvalid):
        from_dict(data)


def test_weights_of_nothing_at_all_are_refused_and_not_divided_by() -> None:
    zeros = [("weight: 10}", "weight: 0}"), ("40/2", "0"), ('"69.5"', "0"), ('"0.50"', "0.00")]
    assert {"1", "2", "3", "4-1"} <= {problem["node"] for problem in _problems(*zeros)}


def test_a_tree_without_an_end_is_cut_off_where_the_tiers_end() -> None:
    data = to_dict(small())
    node = data["nodes"][0]
    for _ in range(5000):
        node["children"] = [{"code": "1", "name": {"id": "a", "en": "a"}, "weight": "1"}]
        node = node["children"][0]
    with pytest.raises(EditionInvalid, match="stands deeper than the tiers"):
        from_dict(data)


def test_a_crosswalk_to_codes_that_the_edition_before_lacks_is_refused() -> None:
    before = small(("id: small-1", "id: small-0"), ("edition: small-0", "edition: small-x"))

    with pytest.raises(EditionInvalid, match="node 1: crosswalk: small-0 has no indicator 7"):
        check_crosswalk(small(), before)

    check_crosswalk(small(('["7"]', '["4-1"]')), before)
    check_crosswalk(small(), small())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (', at_least: "1.50"', "", "at_least is missing at a level, which others have"),
        ('One}, at_least: "1.00"', 'One}, at_least: "1.20"', "begin where the range does, at 1.00"),
        ('at_least: "2.50"}', 'at_least: "1.50"}', "a level from 1.50 must end above that, not at 1.50"),
        ('at_least: "2.50"}', 'at_least: "3.00"}', "a level from 3.00 must end above that, not at 3.00"),
    ],
)  # fmt: skip
def test_levels_of_a_range_divide_all_of_it(old: str, new: str, message: str) -> None:
    [found] = _problems(LEVELLED, (old, new))
    assert message in found["detail"]


def test_a_code_of_evidence_stands_once_in_an_edition() -> None:
    again = ("{text: {id: Daftar, en: A list}", "{code: I1-L2-01, text: {id: Daftar, en: A list}")
    [found] = _problems(WITH_TEXTS, CODED, again)
    assert (found["node"], found["detail"]) == ("2", "the evidence code I1-L2-01 stands twice")
