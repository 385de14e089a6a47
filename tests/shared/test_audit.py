"""Audit chains: what the database gives back holds, and whatever was done to it behind our back is named."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import bson
import pytest
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from shared.core.canonical import NotCanonicalError
from shared.storage import audit

AT = datetime(2026, 3, 31, 16, 59, 59, 987_654, UTC)
AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
Row = dict[str, Any]


def chain(subject: str, length: int) -> list[Row]:
    rows: list[Row] = []
    last = audit.START
    for seq in range(1, length + 1):
        detail: dict[str, Any] = {"answer": f"A{seq}", "count": seq, "deep": {"é": [None, True, 2**40]}}
        row = audit.link(
            audit.Entry(subject, seq, AT + timedelta(seconds=seq), "person:7", "saved", detail, "c-1"), last
        )
        rows.append(row)
        last = row["hash"]
    return rows


def stored(row: Row) -> Row:
    return bson.decode(bson.encode(row))


def head_of(rows: list[Row], subject: str = "s") -> Row:
    last = rows[-1] if rows else {"seq": 0, "hash": audit.START}
    return {"_id": subject, "rev": 3, "audit_seq": last["seq"], "audit_hash": last["hash"], "event_seq": 1}


def only_breach(report: audit.Report) -> tuple[str, int, str]:
    (breach,) = report.breaches
    return breach.subject, breach.seq, breach.what


def test_an_entry_has_the_fields_and_the_hash_that_the_next_one_hangs_on() -> None:
    first, second = chain("s", 2)
    assert " ".join(first) == "_id subject seq at actor action detail correlation prev hash"
    assert (first["_id"], first["seq"], first["prev"]) == ("s#00000001", 1, audit.START)
    assert (second["_id"], second["prev"]) == ("s#00000002", first["hash"])


def test_the_hash_is_the_same_on_every_machine_and_in_every_year() -> None:
    row = audit.link(
        audit.Entry("submission:1", 1, AT, "person:7", "sealed", {"count": 2, "late": False}, "c"), ""
    )
    assert row["hash"] == "3ca41a687a76abfab12e25b366fbc5643bda7e74bb3aadc140320cdfc7829197"


@pytest.mark.parametrize("options", [None, AWARE], ids=["naive", "aware"])
def test_what_comes_back_from_the_database_holds(options: CodecOptions[Any] | None) -> None:
    rows = [bson.decode(bson.encode(row), options or CodecOptions()) for row in chain("s", 5)]
    assert audit.verify(rows, head_of(rows)) == audit.Report(1, 5, 0, ())


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    wit = timezone(timedelta(hours=9))
    here = audit.link(audit.Entry("s", 1, AT, "a", "b", {}, "c"), "")
    there = audit.link(audit.Entry("s", 1, AT.astimezone(wit), "a", "b", {}, "c"), "")
    assert here["hash"] == there["hash"]


def test_a_detail_changed_by_its_owner_after_the_entry_was_made_stays_as_it_was() -> None:
    files = ["a"]
    row = audit.link(audit.Entry("s", 1, AT, "a", "b", {"files": files}, "c"), "")
    files.append("b")
    assert row["detail"] == {"files": ["a"]}


@pytest.mark.parametrize(
    "detail", [{"value": 1.5}, {"deep": [{"x": 0.0}]}, {"at": AT}, {"n": 2**53}, {"b": b""}]
)
def test_details_without_an_exact_form_are_refused(detail: dict[str, Any]) -> None:
    with pytest.raises(NotCanonicalError):
        audit.link(audit.Entry("s", 1, AT, "a", "b", detail, "c"), "")


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(NotCanonicalError):
        audit.link(audit.Entry("s", 1, datetime(2026, 1, 1), "a", "b", {}, "c"), "")  # noqa: DTZ001 (the point of the test)


CHANGES: dict[str, Callable[[Row], Row]] = {
    "actor": lambda row: row | {"actor": "person:8"},
    "action": lambda row: row | {"action": "read"},
    "detail": lambda row: row | {"detail": {**row["detail"], "count": 99}},
    "a number made a float": lambda row: row | {"detail": {**row["detail"], "count": float(row["seq"])}},
    "a number made true": lambda row: row | {"detail": {**row["detail"], "count": True}},
    "time": lambda row: row | {"at": row["at"] + timedelta(milliseconds=1)},
    "time made text": lambda row: row | {"at": row["at"].isoformat()},
    "correlation": lambda row: row | {"correlation": "c-2"},
    "hash": lambda row: row | {"hash": "0" * 64},
    "prev": lambda row: row | {"prev": "0" * 64},
    "prev made a number": lambda row: row | {"prev": 0},
    "id": lambda row: row | {"_id": "s#00000099"},
    "a field more": lambda row: row | {"note": "harmless"},
    "a field less": lambda row: {name: value for name, value in row.items() if name != "actor"},
    "no hash": lambda row: {name: value for name, value in row.items() if name != "hash"},
    "no time": lambda row: {name: value for name, value in row.items() if name != "at"},
    "another subject": lambda row: row | {"subject": "t"},
    "no number": lambda row: {name: value for name, value in row.items() if name != "seq"},
}


@pytest.mark.parametrize("at", [0, 2, 4])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_entry_is_named(change: Callable[[Row], Row], at: int) -> None:
    rows = chain("s", 5)
    head = head_of(rows)
    rows[at] = stored(change(rows[at]))
    report = audit.verify(rows, head)
    assert only_breach(report) == ("s", at + 1, "changed")
    assert report.entries == at


def test_an_entry_rewritten_together_with_its_hash_breaks_at_the_next() -> None:
    rows = chain("s", 5)
    head = head_of(rows)
    rows[2]["actor"] = "person:8"
    rows[2]["hash"] = audit.row_hash(rows[2])
    assert only_breach(audit.verify(rows, head)) == ("s", 4, "changed")


def test_the_last_entry_rewritten_together_with_its_hash_differs_from_the_head() -> None:
    rows = chain("s", 5)
    head = head_of(rows)
    rows[4]["actor"] = "person:8"
    rows[4]["hash"] = audit.row_hash(rows[4])
    assert only_breach(audit.verify(rows, head)) == ("s", 5, "changed")


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_deleted_entry_is_named(at: int) -> None:
    rows = chain("s", 5)
    head = head_of(rows)
    del rows[at]
    assert only_breach(audit.verify(rows, head)) == ("s", at + 1, "missing")


@pytest.mark.parametrize("at", [0, 1, 3])
def test_two_entries_in_the_wrong_order_are_named(at: int) -> None:
    rows = chain("s", 5)
    head = head_of(rows)
    rows[at], rows[at + 1] = rows[at + 1], rows[at]
    assert only_breach(audit.verify(rows, head)) == ("s", at + 1, "out-of-order")


def test_two_entries_that_changed_numbers_are_named() -> None:
    rows = chain("s", 5)
    head = head_of(rows)
    one, other = rows[1], rows[2]
    rows[1] = other | {"_id": one["_id"], "seq": one["seq"]}
    rows[2] = one | {"_id": other["_id"], "seq": other["seq"]}
    assert only_breach(audit.verify(rows, head)) == ("s", 2, "changed")


def test_an_entry_that_stands_twice_is_named() -> None:
    rows = chain("s", 5)
    head = head_of(rows)
    rows.insert(3, rows[2])
    assert only_breach(audit.verify(rows, head)) == ("s", 3, "out-of-order")


@pytest.mark.parametrize("left", [0, 1, 4])
def test_a_chain_cut_off_at_its_end_is_named(left: int) -> None:
    rows = chain("s", 5)
    report = audit.verify(rows[:left], head_of(rows))
    assert only_breach(report) == ("s", left + 1, "cut-off")
    assert f"the head counts 5 entries, {left} are there" in str(report.breaches[0])


def test_a_head_set_back_is_named() -> None:
    rows = chain("s", 5)
    assert only_breach(audit.verify(rows, head_of(rows[:3]))) == ("s", 4, "unheaded")


@pytest.mark.parametrize("seq", ["5", None, [5]])
def test_a_head_whose_count_is_no_number_is_named(seq: Any) -> None:
    rows = chain("s", 5)
    assert only_breach(audit.verify(rows, head_of(rows) | {"audit_seq": seq})) == ("s", 5, "changed")


def test_rows_without_a_head_are_named() -> None:
    assert only_breach(audit.verify(chain("s", 2), None)) == ("s", 1, "unheaded")


def test_a_head_that_was_published_but_never_audited_holds() -> None:
    assert audit.verify([], head_of([])).ok
    assert audit.verify([], {"_id": "s", "rev": 1, "event_seq": 4}).ok
    assert audit.verify([], None) == audit.Report(0, 0, 0, ())


def test_truncation_with_a_rewritten_head_is_not_seen_and_the_report_says_so() -> None:
    rows = chain("s", 5)[:3]
    report = audit.verify(rows, head_of(rows))
    assert report.ok
    assert list(report.lines()) == ["3 entries in 1 chains read, 0 chains broken", audit.CAVEAT]
    assert "checkpoints held elsewhere" in audit.CAVEAT


@given(st.lists(st.integers(0, 4), max_size=6), st.data())
def test_any_other_sequence_of_the_same_entries_is_seen(order: list[int], data: st.DataObject) -> None:
    rows = chain("s", 5)
    shuffled = [rows[index] for index in order]
    assert audit.verify(shuffled, head_of(rows)).ok == (order == [0, 1, 2, 3, 4])


def database(lengths: dict[str, int]) -> tuple[list[Row], list[Row]]:
    chains = {subject: chain(subject, length) for subject, length in lengths.items()}
    heads = [head_of(rows, subject) for subject, rows in chains.items()]
    rows = [row for rows in chains.values() for row in rows]
    return sorted(heads, key=lambda head: head["_id"]), sorted(
        rows, key=lambda row: (row["subject"], row["seq"])
    )


def test_all_chains_are_checked_in_one_pass_over_two_streams() -> None:
    heads, rows = database({"a": 3, "a:1": 1, "b": 0, "ä": 2, "\ufb33": 1, "😀": 2})
    assert audit.verify_all(iter(heads), iter(rows)) == audit.Report(6, 9, 0, ())


def test_each_broken_chain_is_reported_once_and_the_others_hold() -> None:
    heads, rows = database({"a": 3, "b": 4, "c": 2, "d": 2, "e": 1})
    rows = [row for row in rows if row["_id"] != "b#00000002" and row["subject"] != "c"]
    heads = [head for head in heads if head["_id"] != "d"]
    report = audit.verify_all(heads, rows)
    assert [(breach.subject, breach.seq, breach.what) for breach in report.breaches] == [
        ("b", 2, "missing"),
        ("c", 1, "cut-off"),
        ("d", 1, "unheaded"),
    ]
    assert (report.chains, report.broken, report.ok) == (5, 3, False)


def test_rows_whose_subject_was_taken_away_are_reported() -> None:
    heads, rows = database({"a": 1, "b": 1})
    rows[0] = {name: value for name, value in rows[0].items() if name != "subject"}
    report = audit.verify_all(heads, rows)
    assert [breach.what for breach in report.breaches] == ["changed", "cut-off"]


def test_rows_are_read_as_they_come_and_not_gathered() -> None:
    alive = peak = 0

    class Counted(dict[str, Any]):
        def __init__(self, row: Row) -> None:
            super().__init__(row)
            nonlocal alive, peak
            alive += 1
            peak = max(peak, alive)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    heads, rows = database({f"s{number:03d}": 5 for number in range(200)})
    assert audit.verify_all(heads, (Counted(row) for row in rows)).entries == 1000
    assert peak < 10


def test_a_chain_that_grew_between_the_two_streams_is_looked_at_again() -> None:
    heads, rows = database({"a": 2, "b": 3})
    grown = chain("a", 3)
    asked: list[str] = []

    def again(subject: str) -> tuple[Iterator[Row], Row | None]:
        asked.append(subject)
        return iter(grown), head_of(grown, subject)

    assert audit.verify_all(heads, [*grown, *rows[2:]], again).ok
    assert asked == ["a"]


def test_a_chain_still_broken_at_the_second_look_is_reported() -> None:
    heads, rows = database({"a": 3})
    report = audit.verify_all(heads, rows[1:], lambda _: (rows[1:], heads[0]))
    assert only_breach(report) == ("a", 1, "missing")


def test_a_report_of_very_many_breaches_stays_small_and_counts_them_all() -> None:
    heads, _ = database({f"s{number:03d}": 1 for number in range(130)})
    report = audit.verify_all(heads, [])
    assert (report.broken, len(report.breaches)) == (130, audit.KEPT)
    assert "and 30 broken chains more" in report.lines()


def test_entries_of_one_chain_hang_together() -> None:
    assert all(after["prev"] == before["hash"] for before, after in pairwise(chain("s", 6)))
