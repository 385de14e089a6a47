"""Which level follows from the conditions that are met."""

import pytest

from shared.core.errors import Invalid
from shared.instrument import shipped
from shared.instrument.conditions import known_conditions, level_of

SPBE = shipped("spbe-59-2020")
POLICY = SPBE.node("1")
"""Level 2 stands by itself, 3 and higher ask for the one below."""
ALL = tuple(condition.code for criteria in POLICY.criteria for condition in criteria.conditions)


@pytest.mark.parametrize(
    ("met", "level"),
    [
        ((), None),
        (("1.1.a",), "1"),
        (("1.2.a",), "1"),
        (("1.2.a", "1.2.b"), "2"),
        (("1.3.a",), "1"),
        (("1.2.a", "1.2.b", "1.3.a"), "3"),
        (("1.2.a", "1.3.a"), "1"),
        (ALL, "5"),
        (tuple(code for code in ALL if not code.startswith("1.4")), "3"),
    ],
)
def test_a_level_holds_with_all_of_its_conditions_and_those_below_where_it_builds_on_them(
    met: tuple[str, ...], level: str | None
) -> None:
    assert level_of(POLICY, met) == (
        level and next(c.level for c in POLICY.criteria if str(c.level) == level)
    )


def test_an_indicator_without_conditions_has_no_level_that_follows() -> None:
    assert level_of(shipped("spbe-5-2018").indicators[0], ("1.1.a",)) is None


def test_conditions_are_given_once_in_the_editions_order() -> None:
    assert known_conditions(POLICY, ["1.2.b", "1.1.a", "1.2.b"]) == ("1.1.a", "1.2.b")


def test_what_is_no_condition_of_the_indicator_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        known_conditions(POLICY, ["1.1.a", "2.1.a", "x"])
    assert refused.value.cause_code == "unknown-condition"
    assert refused.value.extra == {"conditions": ["2.1.a", "x"], "known": list(ALL)}
