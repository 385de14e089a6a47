"""The rules of intake where no door leads to their last corner."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake import store
from services.intake.domain import (
    Agency,
    Cycle,
    EditionRecord,
    EvidenceRules,
    Participation,
    check_uploading,
    may_answer,
    may_see,
)
from services.intake.domain.registry import Grant as RegisteredGrant
from services.intake.domain.registry import held_roles, new_person
from shared.core.errors import Conflict, Forbidden, NotFound
from shared.core.people import Caller, Grant
from tests.instrument.builders import changed
from tests.intake.rounds import BYTES_UNTIL, DEADLINE, OPENS, SMALL, Round

RULES = EvidenceRules(1, 1, frozenset({"pdf"}))
OPEN = Cycle("2026", "Putaran", "small-1", OPENS, DEADLINE, BYTES_UNTIL, RULES, opened_at=OPENS)
TAKING = Participation("2026.kota-a", "2026", "kota-a", "monitoring", visit=False)
SEALED = replace(TAKING, submission="s")
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)


def who(role: str, agency: str | None = None) -> Caller:
    return Caller("issuer", "somebody", "p", (Grant(role, agency),))


def test_the_ministry_sees_and_never_answers() -> None:
    assert may_see(who("ministry"), TAKING) == TAKING
    with pytest.raises(Forbidden):
        may_answer(who("ministry"), TAKING)


@pytest.mark.parametrize("role", ["ministry", "clerk"])
def test_where_nothing_is_there_nobody_sees_anything(role: str) -> None:
    with pytest.raises(NotFound):
        may_see(who(role, "kota-a"), None)


def test_a_role_for_one_agency_is_none_for_another() -> None:
    assert may_answer(who("clerk", "kota-a"), TAKING) == TAKING
    with pytest.raises(NotFound):
        may_answer(who("clerk", "kota-b"), TAKING)


def test_files_are_taken_until_the_deadline_and_after_a_seal_until_the_end_for_bytes() -> None:
    check_uploading(OPEN, TAKING, OPENS)
    check_uploading(OPEN, TAKING, DEADLINE + SECOND - MILLISECOND)
    check_uploading(OPEN, SEALED, BYTES_UNTIL + SECOND - MILLISECOND)
    for cycle, participation, now, code in (
        (OPEN, TAKING, OPENS - MILLISECOND, "not-open-yet"),
        (replace(OPEN, opened_at=None), TAKING, OPENS, "not-open-yet"),
        (OPEN, TAKING, DEADLINE + SECOND, "uploads-closed"),
        (OPEN, SEALED, BYTES_UNTIL + SECOND, "uploads-closed"),
        (OPEN, replace(SEALED, completed_at=DEADLINE), DEADLINE, "already-completed"),
    ):
        with pytest.raises(Conflict) as refused:
            check_uploading(cycle, participation, now)
        assert refused.value.cause_code == code


def test_what_is_named_and_not_kept_is_an_error_of_ours(play: Round) -> None:
    with pytest.raises(LookupError, match="Agency nowhere is named and not kept"):
        play.stage.store.query(store.require, Agency, "nowhere")


def test_more_editions_than_a_process_remembers_can_still_be_read(play: Round) -> None:
    hashes = [
        play.post("minister", "/editions", {"yaml": changed(("id: small-1", f"id: small-{n}"))}, 201)["hash"]
        for n in range(2, 40)
    ]
    shown = [play.get("minister", f"/editions/small-{n}")["content"]["id"] for n in range(2, 40)]
    assert shown == [f"small-{n}" for n in range(2, 40)]
    assert len(set(hashes)) == len(hashes)


def test_content_that_was_kept_before_is_kept_once(play: Round) -> None:
    for text in (SMALL, changed(), SMALL):
        play.as_("minister").post("/intake/api/v1/editions", json={"yaml": text})
    assert play.stage.db["edition_contents"].count_documents({}) == 2
    record = play.stage.store.query(store.find, EditionRecord, "small-1")
    assert record is not None
    assert play.get("minister", "/editions/small-1")["edition"]["hash"] == record.hash


def test_roles_that_are_over_or_to_come_or_of_other_agencies_do_not_count() -> None:
    grants = (
        RegisteredGrant("clerk", "kota-a", OPENS - SECOND),
        RegisteredGrant("officer", "kota-a", OPENS - 2 * SECOND, OPENS),
        RegisteredGrant("coordinator", "kota-a", OPENS + SECOND),
        RegisteredGrant("clerk", "kota-b", OPENS - SECOND),
        RegisteredGrant("ministry", None, OPENS),
    )
    person = replace(new_person("issuer", "ani"), grants=grants)
    assert held_roles(person, {"kota-a"}, OPENS) == {"kota-a": ["clerk"]}
    assert held_roles(person, None, OPENS) == {"kota-a": ["clerk"], "kota-b": ["clerk"], None: ["ministry"]}
