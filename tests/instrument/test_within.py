"""A value inside a level follows from the accepted share of its evidence, exactly."""

import pytest

from shared.core.errors import Invalid
from shared.instrument import EditionInvalid, Node, load, parse_values, score, shipped
from shared.instrument.conditions import known_evidence
from shared.instrument.within import Proposal, propose
from tests.instrument.builders import CASES, CODED, LATER, LEVELLED, WITH_TEXTS, changed, small

PEMDI = shipped("pemdi-8-2026")
RULE = ('{value: 3, name: {id: Tiga, en: Three}, at_least: "2.50"}',) * 2
WITHIN = (RULE[0], f"{RULE[1]}\n    within: {{rule: accepted-share}}")
CLOCK = "evidence: [{text: {id: Jam, en: A clock}, level: 2}]"
ITEMS = (
    CLOCK,
    """evidence: [
           {level: 1, code: A, text: {id: A, en: A}, weight: 3},
           {level: 1, code: B, text: {id: B, en: B}},
           {level: 1, text: {id: Tanpa kode, en: Without code}},
           {level: 2, code: C, text: {id: C, en: C}, weight: 1/2},
           {level: 2, code: D, text: {id: D, en: D}, weight: 1}]""",
)
CHANGES = (LEVELLED, WITHIN, WITH_TEXTS, LATER, ITEMS)


def proposed(node: Node, *accepted: str) -> Proposal:
    found = propose(node, accepted)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("accepted", "value", "level", "share"),
    [
        # of 1.00 to 1.50
        ((), "1", "1", (0, 2)),
        (("B",), "1.125", "1", (1, 2)),
        (("A",), "1.375", "1", (1, 2)),
        # of 1.50 to 2.50; a higher level waits until the one below is full
        (("A", "B"), "1.5", "2", (0, 2)),
        (("A", "C", "D"), "1.375", "1", (1, 2)),
        (("A", "B", "C"), "11/6", "2", (1, 2)),
        # nothing shows that the highest level was reached
        (("A", "B", "C", "D"), "2.5", "3", (0, 0)),
    ],
)
def test_the_lowest_level_that_is_not_full_gives_its_share(
    accepted: tuple[str, ...], value: str, level: str, share: tuple[int, int]
) -> None:
    found = proposed(small(*CHANGES).node("3"), *accepted)
    assert (found.text, str(found.level.value), (found.accepted, found.of)) == (value, level, share)


def test_where_all_is_accepted_the_value_is_the_highest() -> None:
    last = ("{level: 2, code: D", "{level: 3, code: E, text: {id: E, en: E}},\n           {level: 2, code: D")
    found = proposed(small(*CHANGES, last).node("3"), "A", "B", "C", "D", "E")
    assert (found.text, str(found.level.value), found.accepted, found.of) == ("3", "3", 1, 1)


def test_nothing_follows_without_a_rule_or_without_codes() -> None:
    assert propose(small(LEVELLED, WITH_TEXTS, LATER, ITEMS).node("3"), ["A"]) is None
    assert propose(small(LEVELLED, WITHIN, WITH_TEXTS, LATER).node("3"), []) is None
    assert propose(small(*CHANGES).node("1"), []) is None
    assert propose(small().node("P1"), []) is None


ACCEPTED = {
    "1": "I1-L1-01 I1-L2-01 I1-L2-03",
    "2": "I2-L1-01 I2-L1-02",
    "11": "I11-L1-01",
    "12": "I12-L1-01",
    "13": "I13-L1-01",
    "17": "I17-L1-01 I17-L1-02 I17-L2-01 I17-L2-02",
}
"""What an assessor accepted of an agency in 2026, where the sheet's value follows with equal weights."""


def test_a_sheet_of_2026_and_its_index_are_reproduced() -> None:
    case = CASES["pemdi-aceh-tengah-2026"]
    values = parse_values(PEMDI, case["values"])
    followed = {
        node.code: proposed(node, *ACCEPTED.get(node.code, "").split()).value for node in PEMDI.indicators
    }

    assert {code: followed[code] for code in ACCEPTED} == {code: values[code] for code in ACCEPTED}
    assert (proposed(PEMDI.node("1"), *ACCEPTED["1"].split()).text, followed["13"]) == ("2", values["13"])
    assert proposed(PEMDI.node("13"), *ACCEPTED["13"].split()).text == "7/6"
    assert {code for code in PEMDI.codes if followed[code] != values[code]} == {"3", "4", "20"}
    assert score(PEMDI, {**followed, **{code: values[code] for code in ("3", "4", "20")}}).displayed == "1.24"


def test_codes_are_given_once_in_the_editions_order_and_strangers_are_named() -> None:
    node = PEMDI.node("1")
    assert known_evidence(node, ["I1-L2-01", "I1-L1-01", "I1-L2-01"]) == ("I1-L1-01", "I1-L2-01")
    with pytest.raises(Invalid) as refused:
        known_evidence(node, ["I1-L1-01", "I2-L1-01"])
    assert refused.value.cause_code == "unknown-evidence"
    assert refused.value.extra["accepted"] == ["I2-L1-01"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            ((LEVELLED[0], f"{LEVELLED[0]}\n    within: {{rule: accepted-share}}"),),
            "scale line: within needs the levels of a range, each with its at_least",
        ),
        ((LEVELLED, WITHIN, ("accepted-share", "half")), "rule 'half' is unknown; it may be accepted-share"),
        (
            (WITH_TEXTS, (CODED[0], CODED[1].replace("level: 2", "level: 2, weight: 0"))),
            "must be more than 0",
        ),
        ((WITH_TEXTS, (CODED[0], CODED[0].replace("level: 2", "level: 2, weight: 2"))), "beside a code"),
    ],
)
def test_a_rule_without_levels_and_a_weight_without_a_code_are_refused(
    changes: tuple[tuple[str, str], ...], message: str
) -> None:
    with pytest.raises(EditionInvalid, match=message):
        load(changed(*changes))
