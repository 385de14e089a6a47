"""A PDF that was cut says so, also where what was cut is only its last change."""

import pytest

from tests.intake.files import pdf
from tests.intake.inspected import judged

FIRST = pdf()


def changed(first: bytes, content: bytes, end: bytes = b"%%EOF\n") -> bytes:
    """A PDF with a change appended to it."""
    at = len(first)
    made = first + b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n" % (len(content), content)
    page = len(made)
    made += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
    table = len(made)
    made += b"xref\n3 2\n%010d 00000 n \n%010d 00000 n \n" % (page, at)
    made += b"trailer<</Root 1 0 R/Size 5/Prev %d>>\n" % (first.rindex(b"\nxref") + 1)
    return made + b"startxref\n%d\n" % table + end


@pytest.mark.parametrize("length", [20, 3000])
def test_a_change_that_was_cut_is_no_whole_file(length: int) -> None:
    whole = changed(FIRST, b"x" * length)
    last = whole.rindex(b"startxref")
    outcomes = {
        judged("a.pdf", whole[:cut])[0]
        for cut in range(len(FIRST) + len(b"4 0 o"), last + len("startxref\n1"))
    }
    assert outcomes == {"file-truncated"}


def test_what_is_left_of_a_change_is_never_passed_over() -> None:
    whole = changed(FIRST, b"x")
    assert [judged("a.pdf", whole[: len(FIRST) + n]) for n in (1, 3, 4)] == [(None, ["trailing-bytes"])] * 3


@pytest.mark.parametrize("end", [b"%%EOF\n", b"%%EOF", b"%%EO", b"%%", b"", b"\r\n"])
def test_a_change_is_whole_when_it_says_where_its_table_stands(end: bytes) -> None:
    assert judged("a.pdf", changed(FIRST, b"x", end)) == (None, [])


def test_the_second_of_two_changes_may_be_the_one_that_was_cut() -> None:
    second = changed(changed(FIRST, b"x"), b"y")
    assert judged("a.pdf", second) == (None, [])
    assert judged("a.pdf", second[: second.rindex(b"startxref")])[0] == "file-truncated"


def test_an_end_inside_of_what_was_cut_is_none() -> None:
    whole = changed(FIRST, pdf(pages=2))
    assert judged("a.pdf", whole) == (None, [])
    assert judged("a.pdf", whole[: whole.index(b"endstream") + 9])[0] == "file-truncated"
