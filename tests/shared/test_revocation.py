"""After a theft: from a moment on nothing that the stolen key signed counts, and every checker says so."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from shared.core.canonical import timestamp
from shared.core.errors import Forbidden
from shared.signing import receipts
from shared.signing.cli import init, keys, revoke, rotate
from shared.signing.keys import KeyRing, KeysError, read_list
from shared.signing.links import Link, open_link, sign_link
from shared.signing.receipts import ReceiptInvalid
from tests.shared.test_verify_receipt import AT, Desk

HOUR = timedelta(hours=1)
MOMENT = timedelta(milliseconds=1)
NOW = AT + 10 * HOUR


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def keys_of(desk: Desk) -> Path:
    return desk.folder / "issuer"


def stolen(desk: Desk, since: datetime) -> None:
    rotate(keys_of(desk), "intake", NOW, timedelta(), since)
    desk.publish()


def test_a_receipt_from_that_moment_on_is_not_valid(desk: Desk) -> None:
    stolen(desk, AT)
    code, output, errors = desk.check()
    assert (code, output) == (1, "")
    assert f"was revoked: from {timestamp(AT)} on its signatures count no more" in errors
    with pytest.raises(ReceiptInvalid, match="was revoked"):
        receipts.verify(desk.get("receipt.json"), KeyRing.load(keys_of(desk), "scoring").publics)


def test_a_receipt_from_before_counts_and_the_checker_says_what_that_is_worth(desk: Desk) -> None:
    stolen(desk, AT + MOMENT)
    code, output, errors = desk.check()
    assert (code, errors) == (0, "")
    assert output.startswith("GOOD, WITH A RESERVATION. ")
    assert f"revoked from {timestamp(AT + MOMENT)} on" in output
    assert "ask the ministry whether it issued it" in output
    receipts.verify(desk.get("receipt.json"), KeyRing.load(keys_of(desk), "scoring").publics)


def test_the_thief_cannot_sign_with_a_time_after_it_even_where_the_key_was_in_force(desk: Desk) -> None:
    thief = KeyRing.load(keys_of(desk), "intake").signing("receipts", AT)
    stolen(desk, AT - HOUR)
    for at in (AT - HOUR, AT, NOW - MOMENT):
        desk.put("receipt.json", receipts.sign(desk.document | {"at": timestamp(at)}, thief))
        assert desk.check()[0] == 1


def test_every_key_whose_secret_lay_there_is_revoked_and_the_new_one_is_not(tmp_path: Path) -> None:
    init(tmp_path, split=True, start=AT - 9 * HOUR)
    rotate(tmp_path, "intake", AT - 5 * HOUR, HOUR)
    rotate(tmp_path, "intake", NOW + 9 * HOUR, HOUR)
    made = rotate(tmp_path, "intake", NOW, timedelta(), AT)[0]
    for folder in (tmp_path, tmp_path / "intake", tmp_path / "scoring"):
        listed = {
            key.kid: key.revoked
            for key in read_list(folder)
            if key.purpose == "receipts" and key.service == "intake"
        }
        assert listed.pop(made.kid) is None
        assert list(listed.values()) == [AT] * 3
        assert {key.revoked for key in read_list(folder) if key.service != "intake"} == {None}


def test_nobody_signs_with_a_revoked_key_whatever_the_time(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=AT - HOUR)
    made = rotate(tmp_path, "intake", NOW, timedelta(), AT)[0]
    ring = KeyRing.load(tmp_path, "intake")
    assert ring.signing("receipts", NOW).kid == made.kid
    with pytest.raises(KeysError, match="has no key for receipts in force"):
        ring.signing("receipts", AT - MOMENT)


def test_links_of_a_revoked_key_open_nothing(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=AT - HOUR)
    link = Link("words", "s-1", "anyone", "issuer", (AT + HOUR).replace(microsecond=0), "t", 1)
    token = sign_link(link, KeyRing.load(tmp_path, "review").signing("links", AT))
    assert open_link(token, KeyRing.load(tmp_path, "intake").publics, AT) == link
    revoke(tmp_path, next(key.kid for key in read_list(tmp_path) if key.purpose == "links"), AT - MOMENT)
    with pytest.raises(Forbidden):
        open_link(token, KeyRing.load(tmp_path, "intake").publics, AT)


def test_a_revocation_moves_to_an_earlier_moment_and_never_to_a_later_one(tmp_path: Path) -> None:
    kid = init(tmp_path, split=False, start=AT - 9 * HOUR)[0].kid
    for since, expected in ((AT, AT), (AT - HOUR, AT - HOUR), (AT + HOUR, AT - HOUR)):
        revoke(tmp_path, kid, since)
        assert read_list(tmp_path)[0].revoked == expected
    rotate(tmp_path, "intake", NOW, timedelta(), AT)
    assert read_list(tmp_path)[0].revoked == AT - HOUR


def test_a_key_that_nobody_listed_cannot_be_revoked(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=AT)
    with pytest.raises(KeysError, match="no key is called 'nobody'"):
        revoke(tmp_path, "nobody", AT)


SPOILED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no moment": lambda key: key | {"revoked": "yesterday"},
    "a truth": lambda key: key | {"revoked": True},
    "a number": lambda key: key | {"revoked": 0},
    "nothing in it": lambda key: key | {"revoked": ""},
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_revocation_that_cannot_be_read_is_not_passed_over(desk: Desk, spoil: Callable[[Any], Any]) -> None:
    desk.put("keys.json", [spoil(key) for key in desk.get("keys.json")])
    code, _, errors = desk.check()
    assert (code, "is not a list of keys" in errors) == (2, True)
    (keys_of(desk) / "keys.json").write_text(json.dumps(desk.get("keys.json")))
    with pytest.raises(KeysError, match=r"keys\.json"):
        read_list(keys_of(desk))


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(keys, arguments)
    return result.exit_code, result.output


def test_the_command_revokes_what_was_stolen_and_makes_a_key_that_counts_at_once(tmp_path: Path) -> None:
    folder = str(tmp_path)
    (old, *_) = init(tmp_path, split=False, start=datetime.now(UTC) - 48 * HOUR)
    since = datetime.now(UTC).replace(microsecond=0) - 3 * HOUR
    said = since.astimezone().isoformat()
    code, output = run("rotate", "--folder", folder, "--service", "intake", "--stolen-since", said)
    assert code == 0, output
    (ring,) = [KeyRing.load(tmp_path, "intake")]
    assert ring.public(old.kid).revoked == since
    assert ring.signing("receipts", datetime.now(UTC)).kid != old.kid
    earlier = timestamp(since - HOUR)
    assert run("revoke", "--folder", folder, "--kid", old.kid, "--stolen-since", earlier)[0] == 0
    assert f"revoked from {earlier} on" in run("list", "--folder", folder)[1]


@pytest.mark.parametrize("said", ["yesterday", "2026-01-01", "2026-01-01T00:00:00", "2999-01-01T00:00:00Z"])
def test_the_command_wants_a_moment_with_its_zone_that_is_over(tmp_path: Path, said: str) -> None:
    kid = init(tmp_path, split=False, start=AT)[0].kid
    for more in (("rotate", "--service", "intake"), ("revoke", "--kid", kid)):
        code, output = run(*more, "--folder", str(tmp_path), "--stolen-since", said)
        assert (code, "--stolen-since" in output) == (2, True)
    assert {key.revoked for key in read_list(tmp_path)} == {None}


def test_after_a_theft_no_other_times_can_be_named(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=AT)
    for option in ("--in", "--overlap"):
        code, output = run(
            *("rotate", "--folder", str(tmp_path), "--service", "intake", option, "2"),
            *("--stolen-since", "2026-01-01T00:00:00Z"),
        )
        assert (code, "counts at once" in output) == (2, True)
    assert len(read_list(tmp_path)) == 5
