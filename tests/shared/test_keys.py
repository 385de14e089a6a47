"""Key files: made once, renewed with old ones kept, each service with its own secrets only."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from shared.core.canonical import timestamp
from shared.signing.cli import PURPOSES, ensure, init, keys, rotate
from shared.signing.keys import KeyRing, KeysError, list_bytes, read_list

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LATER = BEGIN + timedelta(days=30)
HOUR = timedelta(hours=1)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_service_gets_a_key_for_its_purpose(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    for service, purpose in ((one, purpose) for one, purposes in PURPOSES.items() for purpose in purposes):
        ring = KeyRing.load(tmp_path, service)
        key = ring.signing(purpose, BEGIN)
        assert (key.public.service, key.public.purpose) == (service, purpose)
        assert ring.public(key.kid).verifies(key.sign(b"words"), b"words")
        assert not ring.public(key.kid).verifies(key.sign(b"words"), b"other words")


def test_a_service_reads_no_secret_but_its_own(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    ring = KeyRing.load(tmp_path, "review")
    assert [key.public.service for key in ring.secrets.values()] == ["review"]
    with pytest.raises(KeysError, match="review has no key for receipts"):
        ring.signing("receipts", BEGIN)


def test_secrets_are_for_their_owner_only_and_the_list_for_all(tmp_path: Path) -> None:
    init(tmp_path, split=True, start=BEGIN)
    for path in tmp_path.rglob("*"):
        expected = 0o700 if path.is_dir() else 0o600 if path.suffix == ".pem" else 0o644
        assert path.stat().st_mode & 0o777 == expected, path


def test_split_folders_hold_one_services_secrets_and_everybodys_public_keys(tmp_path: Path) -> None:
    made = init(tmp_path, split=True, start=BEGIN)
    assert not list(tmp_path.glob("*.pem"))
    for service in PURPOSES:
        assert {path.stem for path in (tmp_path / service).glob("*.pem")} == {
            key.kid for key in made if key.service == service
        }
        assert read_list(tmp_path / service) == read_list(tmp_path) == made


def test_no_secret_stands_in_the_public_list_or_in_print(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    listed = json.loads((tmp_path / "keys.json").read_text())
    assert {name for key in listed for name in key} == {
        "kid",
        "service",
        "purpose",
        "from",
        "until",
        "public",
    }
    key = KeyRing.load(tmp_path, "intake").signing("receipts", BEGIN)
    assert repr(key) == f"SigningKey({key.kid})"


def test_keys_that_are_there_are_never_made_anew(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    before = files(tmp_path)
    with pytest.raises(KeysError, match="is there already"):
        init(tmp_path, split=False, start=LATER)
    assert files(tmp_path) == before


@pytest.mark.parametrize("split", [False, True])
def test_what_an_update_needs_is_added_to_keys_that_are_there_once(tmp_path: Path, split: bool) -> None:
    made = ensure(tmp_path, split, BEGIN)
    (sessions,) = [key for key in made if key.purpose == "sessions"]
    older = [key for key in made if key is not sessions]
    (tmp_path / "keys.json").write_bytes(list_bytes(older))
    (new,) = ensure(tmp_path, split, LATER)
    assert (new.service, new.purpose, new.start) == ("intake", "sessions", LATER)
    assert read_list(tmp_path) == [*older, new]
    own = tmp_path / "intake" if split else tmp_path
    assert KeyRing.load(own, "intake").signing("sessions", LATER).kid == new.kid
    before = files(tmp_path)
    assert ensure(tmp_path, split, LATER) == []
    assert files(tmp_path) == before


@pytest.mark.parametrize("split", [False, True])
def test_rotation_keeps_the_old_key_for_what_it_signed(tmp_path: Path, split: bool) -> None:
    init(tmp_path, split, BEGIN)
    own = tmp_path / "intake" if split else tmp_path
    old = KeyRing.load(own, "intake").signing("receipts", BEGIN)
    made = rotate(tmp_path, "intake", LATER, HOUR)[0]
    ring = KeyRing.load(own, "intake")
    assert ring.signing("receipts", LATER - timedelta(milliseconds=1)).kid == old.kid
    assert ring.signing("receipts", LATER).kid == made.kid
    assert ring.public(old.kid).until == LATER + HOUR
    for folder in [tmp_path, *filter(Path.is_dir, tmp_path.iterdir())]:
        assert read_list(folder) == read_list(tmp_path)


def test_rotation_of_one_service_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    before = init(tmp_path, split=False, start=BEGIN)
    rotate(tmp_path, "intake", LATER, HOUR)
    after = read_list(tmp_path)
    assert [key for key in after if key.service != "intake"] == [
        key for key in before if key.service != "intake"
    ]


def test_each_rotation_keeps_all_keys_before_it(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    for turn in range(1, 4):
        rotate(tmp_path, "intake", BEGIN + turn * HOUR, timedelta())
    ring = KeyRing.load(tmp_path, "intake")
    used = [ring.signing("receipts", BEGIN + turn * HOUR).kid for turn in range(4)]
    assert len(set(used)) == 4
    ends = [ring.public(kid).until for kid in used]
    assert ends == [BEGIN + HOUR, BEGIN + 2 * HOUR, BEGIN + 3 * HOUR, None]


def test_after_a_theft_nothing_that_the_old_key_signs_counts(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    old = KeyRing.load(tmp_path, "intake").signing("receipts", BEGIN)
    waiting = rotate(tmp_path, "intake", LATER + 24 * HOUR, HOUR)[0]
    fresh = rotate(tmp_path, "intake", LATER, timedelta())[0]
    ring = KeyRing.load(tmp_path, "intake")
    assert not ring.public(old.kid).in_force(LATER)
    assert not any(ring.public(waiting.kid).in_force(LATER + hours * HOUR) for hours in range(100))
    assert ring.signing("receipts", LATER + 50 * HOUR).kid == fresh.kid


def test_a_process_without_the_new_secret_stops_signing_when_its_key_has_ended(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    made = rotate(tmp_path, "intake", LATER, HOUR)[0]
    (tmp_path / f"{made.kid}.pem").unlink()
    ring = KeyRing.load(tmp_path, "intake")
    assert ring.signing("receipts", LATER + HOUR - timedelta(milliseconds=1)).kid != made.kid
    with pytest.raises(KeysError, match=r"in force at 2026-01-31T01:00:00\.000Z"):
        ring.signing("receipts", LATER + HOUR)


def test_a_key_does_not_count_before_its_time(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    with pytest.raises(KeysError, match="in force at"):
        KeyRing.load(tmp_path, "intake").signing("receipts", BEGIN - timedelta(milliseconds=1))


def test_a_name_that_nobody_listed_is_unknown(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    with pytest.raises(KeysError, match="no key is called 'nobody'"):
        KeyRing.load(tmp_path, "intake").public("nobody")


def test_a_folder_without_a_list_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="nilai keys init"):
        KeyRing.load(tmp_path, "intake")


def test_a_secret_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    (secret,) = tmp_path.glob("intake-receipts-*.pem")
    secret.chmod(0o644)
    with pytest.raises(KeysError, match="chmod 600"):
        KeyRing.load(tmp_path, "intake")
    assert KeyRing.load(tmp_path, "review").secrets


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_is_no_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    init(tmp_path, split=False, start=BEGIN)
    (secret,) = tmp_path.glob("intake-receipts-*.pem")
    secret.write_bytes(content)
    with pytest.raises(KeysError, match="holds no secret key"):
        KeyRing.load(tmp_path, "intake")


def test_a_secret_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    (secret,) = tmp_path.glob("intake-receipts-*.pem")
    secret.unlink()
    secret.mkdir(mode=0o700)
    with pytest.raises(KeysError, match="cannot read"):
        KeyRing.load(tmp_path, "intake")


def test_the_secret_of_another_key_is_refused(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    (secret,), (other,) = tmp_path.glob("intake-receipts-*.pem"), tmp_path.glob("review-*.pem")
    secret.write_bytes(other.read_bytes())
    with pytest.raises(KeysError, match="is not the secret of the public key"):
        KeyRing.load(tmp_path, "intake")


def test_a_list_that_an_editor_of_windows_saved_is_read(tmp_path: Path) -> None:
    init(tmp_path, split=False, start=BEGIN)
    path = tmp_path / "keys.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert KeyRing.load(tmp_path, "intake").publics


SPOILED: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "no list": lambda listed: {"keys": listed},
    "a key twice": lambda listed: [*listed, listed[0]],
    "a field missing": lambda listed: [{name: value for name, value in listed[0].items() if name != "until"}],
    "a field more": lambda listed: [listed[0] | {"secret": "x"}],
    "a short key": lambda listed: [listed[0] | {"public": "AAAA"}],
    "no base64": lambda listed: [listed[0] | {"public": "!" * 44}],
    "no moment": lambda listed: [listed[0] | {"from": "yesterday"}],
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_spoiled_list_is_refused(tmp_path: Path, spoil: Callable[[list[dict[str, Any]]], Any]) -> None:
    init(tmp_path, split=False, start=BEGIN)
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(spoil(json.loads(path.read_text()))))
    with pytest.raises(KeysError, match=r"keys\.json"):
        KeyRing.load(tmp_path, "intake")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(keys, arguments)
    return result.exit_code, result.output


def test_the_command_makes_renews_and_shows_keys(tmp_path: Path) -> None:
    folder = str(tmp_path / "keys")
    assert run("init", "--folder", folder, "--split")[0] == 0
    code, output = run("rotate", "--folder", folder, "--service", "notify", "--in", "0", "--overlap", "2")
    assert code == 0
    assert "notify/webhooks" in output
    code, listed = run("list", "--folder", folder)
    assert code == 0
    assert len(listed.splitlines()) == 6
    old, new = (key for key in read_list(Path(folder)) if key.service == "notify")
    assert old.until == new.start + timedelta(hours=2)
    assert f"until {timestamp(old.until)}" in listed


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("rotate", "--service", "intake")],
)
def test_the_command_says_in_a_sentence_what_is_wrong(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, output = run(*arguments, "--folder", str(tmp_path))
    assert code == 1
    assert output.startswith("Error: cannot read")
    assert list(tmp_path.iterdir()) == []


def test_the_command_refuses_to_make_keys_twice(tmp_path: Path) -> None:
    assert run("init", "--folder", str(tmp_path))[0] == 0
    code, output = run("init", "--folder", str(tmp_path))
    assert code == 1
    assert "is there already" in output


def test_the_command_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    code, output = run("rotate", "--service", "intake", "--folder", str(tmp_path / "nowhere"))
    assert code == 1
    assert "nowhere" in output


def test_the_command_refuses_a_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, output = run("init", "--folder", str(tmp_path / "file" / "keys"))
    assert code == 1
    assert output.startswith("Error: ")


def test_a_list_without_the_service_is_not_rotated(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("[]")
    with pytest.raises(KeysError, match="lists no key of intake"):
        rotate(tmp_path, "intake", LATER, HOUR)


@pytest.mark.parametrize("hours", ["nan", "inf", "1e308", "-5", "soon"])
def test_a_key_counts_from_a_time_that_can_be_named(tmp_path: Path, hours: str) -> None:
    made = init(tmp_path, split=False, start=BEGIN)
    arguments = ["rotate", "--folder", str(tmp_path), "--service", "intake", "--in", hours]
    result = CliRunner().invoke(keys, arguments)
    assert (result.exit_code, "--in" in result.output) == (2, True)
    assert [key.kid for key in read_list(tmp_path)] == [key.kid for key in made]
