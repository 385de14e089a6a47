"""Values that nobody types: of the newest index that counts, exactly, or as the edition says until one comes."""

from fractions import Fraction

import pytest

from shared.instrument import load, shipped
from shared.instrument.exact import decimal
from shared.instrument.given import GivenValue, KnownIndex, given_values, judged_codes, newest_index
from tests.instrument.builders import changed

EDITION = load(
    changed(
        (
            'weight: "69.5", scale: line}',
            """weight: "69.5", scale: line, source: {
              name: {id: Indeks, en: Index}, gives: value, key: one, range: {at_least: 0, at_most: 3},
              conversion: [{index: 0, value: "1.00"}, {index: 3, value: "3.00"}],
              until_it_comes: "1.00", max_age_years: 1}}""",
        )
    )
)


def known(year: int, index: str, source: str = "one") -> KnownIndex:
    return KnownIndex(source, year, index, "Surat")


def test_the_newest_index_that_counts_gives_the_value_exactly() -> None:
    indices = [known(2025, "2"), known(2026, "1.5"), known(2027, "3"), known(2026, "0", "other")]
    assert given_values(EDITION, indices, 2026) == {"3": GivenValue("2", known(2026, "1.5"))}
    assert given_values(EDITION, indices[:1], 2026) == {"3": GivenValue("7/3", known(2025, "2"))}
    assert given_values(EDITION, indices, 2026)["3"].origin == "external"


@pytest.mark.parametrize(
    "index", [known(2024, "2"), known(2027, "2"), known(2026, "3.01"), known(2026, "2", "x")]
)
def test_what_does_not_count_leaves_the_value_assumed(index: KnownIndex) -> None:
    found = given_values(EDITION, [index], 2026)
    assert found == {"3": GivenValue("1.00")}
    assert found["3"].origin == "assumed"


def test_people_judge_what_no_index_gives() -> None:
    assert judged_codes(EDITION) == ("1", "2", "4-1")
    pemdi = shipped("pemdi-8-2026")
    assert set(pemdi.codes) - set(judged_codes(pemdi)) == {"5", "6", "7", "18"}
    assert judged_codes(shipped("spbe-59-2020")) == shipped("spbe-59-2020").codes
    assert given_values(shipped("spbe-59-2020"), [known(2026, "2")], 2026) == {}


def test_an_index_that_only_gates_gives_nothing() -> None:
    source = shipped("pemdi-8-2026").node("10").source
    assert source is not None
    gates = [known(year, "3", "ikasandi-keamanan") for year in (2024, 2025)]
    assert newest_index(source, gates, 2026) == gates[1]
    assert newest_index(source, gates, 2027) is None
    assert "10" not in given_values(shipped("pemdi-8-2026"), gates, 2026)


def test_the_examples_of_the_data_index_give_their_values() -> None:
    pemdi = shipped("pemdi-8-2026")
    for index, value in (("25", "2"), ("68.75", "3.75")):
        assert given_values(pemdi, [known(2024, index, "sdi")], 2026)["5"].value == value


@pytest.mark.parametrize(
    ("value", "text"), [("2", "2"), ("15/4", "3.75"), ("7/6", "7/6"), ("1/1048576", "0.00000095367431640625")]
)
def test_a_number_is_written_as_a_decimal_where_it_is_one(value: str, text: str) -> None:
    assert decimal(Fraction(value)) == text
