"""A service whose keys are lost is not prepared, so that it does not start, unless somebody says that they are gone."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.core.settings import Settings
from shared.service import Service
from shared.signing.cli import init, rotate
from shared.signing.keys import KeysError
from tests.shared.toys import TOY
from tests.support.stage import Stage

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


@pytest.fixture
def given(toy: Stage, tmp_path: Path) -> Settings:
    """The toy's settings with keys of its own, prepared once."""
    init(tmp_path / "keys", split=False, start=LONG_AGO)
    settings = replace(toy.settings, keys=tmp_path / "keys", amqp_admin_uri="")
    toy.db["signing_keys"].delete_many({})
    TOY.make_ready(settings)
    return settings


def noted(toy: Stage) -> dict[str, bool]:
    """The kids that the database has seen, and whether each was lost."""
    return {row["_id"]: row["lost_at"] is not None for row in toy.db["signing_keys"].find()}


def make_anew(given: Settings) -> None:
    shutil.rmtree(given.keys)
    init(given.keys, split=False, start=LONG_AGO)


def test_new_keys_in_the_place_of_lost_ones_are_refused_until_somebody_accepts_them(
    toy: Stage, given: Settings, tmp_path: Path
) -> None:
    (old,) = noted(toy)
    shutil.copytree(given.keys, tmp_path / "backup")
    make_anew(given)
    for _ in range(2):
        with pytest.raises(
            KeysError, match=rf"{old}\. Bring the folder of keys back.*NILAI_ACCEPT_NEW_KEYS=yes"
        ):
            TOY.make_ready(given)
        assert noted(toy) == {old: False}
    TOY.make_ready(replace(given, accept_new_keys=True))
    TOY.make_ready(given)
    assert noted(toy)[old] is True
    assert sorted(noted(toy).values()) == [False, True]
    with pytest.raises(KeysError, match=r"are not in keys\.json any more"):
        TOY.make_ready(replace(given, keys=tmp_path / "backup"))


def test_keys_that_come_back_count_again(toy: Stage, given: Settings, tmp_path: Path) -> None:
    (old,) = noted(toy)
    shutil.copytree(given.keys, tmp_path / "backup")
    make_anew(given)
    TOY.make_ready(replace(given, accept_new_keys=True))
    TOY.make_ready(replace(given, keys=tmp_path / "backup", accept_new_keys=True))
    assert noted(toy)[old] is False


def test_a_rotated_key_is_noted_and_the_old_one_stays(toy: Stage, given: Settings) -> None:
    rotate(given.keys, TOY.name, datetime.now(UTC), timedelta(hours=1))
    TOY.make_ready(given)
    assert sorted(noted(toy).values()) == [False, False]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (shutil.rmtree, "cannot read"),
        (lambda keys: (keys / "keys.json").write_text("[]"), "lists no key of review"),
        (
            lambda keys: [path.unlink() for path in keys.glob("review-*.pem")],
            "review has no key for links in force",
        ),
    ],
    ids=["no folder", "no key of its own", "no secret"],
)
def test_a_service_without_a_key_to_sign_with_is_not_prepared(
    toy: Stage, given: Settings, spoil: Callable[[Path], object], said: str
) -> None:
    before = noted(toy)
    spoil(given.keys)
    with pytest.raises(KeysError, match=said):
        TOY.make_ready(given)
    assert noted(toy) == before
