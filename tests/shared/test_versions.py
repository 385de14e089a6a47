"""Two people at one thing: a change passes with the version that it changes, and is refused with both otherwise."""

from dataclasses import dataclass, replace

import pytest

from shared.core.errors import Conflict, PreconditionNeeded
from shared.storage.versions import check_rev, differs


@dataclass(frozen=True)
class Note:
    text: str
    rev: int = 0


STORED = Note("theirs", rev=7)


@pytest.mark.parametrize("expected_rev", [None, 0])
def test_what_is_new_is_kept_when_its_sender_saw_none(expected_rev: int | None) -> None:
    assert differs(None, Note("mine"), expected_rev)


@pytest.mark.parametrize("expected_rev", [None, 0, 6, 7])
def test_what_is_stored_already_may_be_sent_again_whatever_its_sender_saw(expected_rev: int | None) -> None:
    assert not differs(STORED, replace(STORED, rev=0), expected_rev)


def test_a_change_of_the_version_that_is_stored_is_kept() -> None:
    assert differs(STORED, Note("mine"), 7)


def test_a_change_that_does_not_say_its_version_is_told_which_one_there_is() -> None:
    with pytest.raises(PreconditionNeeded, match='If-Match: "7"'):
        differs(STORED, Note("mine"), None)


@pytest.mark.parametrize(("stored", "expected_rev"), [(STORED, 0), (STORED, 6), (STORED, 8), (None, 1)])
def test_a_change_of_another_version_is_refused_with_both(stored: Note | None, expected_rev: int) -> None:
    rev = stored.rev if stored else 0
    with pytest.raises(Conflict, match=f'If-Match: "{rev}"') as refused:
        differs(stored, Note("mine"), expected_rev)
    assert refused.value.cause_code == "stale"
    assert refused.value.extra == {
        "yours": {"text": "mine", "rev": 0},
        "stored": {"text": "theirs", "rev": 7} if stored else None,
        "rev": rev,
    }


def test_a_change_of_a_part_is_checked_by_the_version_of_the_whole() -> None:
    check_rev(7, 7, {"text": "mine"}, {"text": "theirs"})
    with pytest.raises(Conflict):
        check_rev(6, 7, {"text": "mine"}, {"text": "theirs"})
