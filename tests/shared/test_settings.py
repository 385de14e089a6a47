"""Settings: everything that is wrong is said at once, and secrets may come from files."""

from pathlib import Path

import pytest

from shared.core.settings import SettingsInvalid, load

GOOD = {"MONGO_URI": "mongodb://db", "NILAI_KEYS": "/keys", "OIDC_ISSUER": "https://id.example"}


def test_defaults_fill_what_is_not_said() -> None:
    found = load("review", GOOD)
    assert (found.mode, found.mongo_database, found.exchange) == (
        "production",
        "nilai_review",
        "nilai.events",
    )
    assert (found.oidc_audience, found.port, found.allow_private_targets) == ("nilai", 8080, False)


def test_every_problem_is_said_in_one_message() -> None:
    wrong = {
        "NILAI_MODE": "prod",
        "MONGO_URI": "postgres://db",
        "PORT": "eighty",
        "ALLOW_PRIVATE_TARGETS": "maybe",
    }
    with pytest.raises(SettingsInvalid) as refused:
        load("review", wrong)
    for name in ("NILAI_MODE", "MONGO_URI", "PORT", "ALLOW_PRIVATE_TARGETS", "NILAI_KEYS", "OIDC_ISSUER"):
        assert name in refused.value.detail
    assert "eighty" in refused.value.detail


def test_a_file_gives_a_setting(tmp_path: Path) -> None:
    (tmp_path / "uri").write_text("mongodb://secret@db\n")
    found = load("review", GOOD | {"MONGO_URI_FILE": str(tmp_path / "uri")})
    assert found.mongo_uri == "mongodb://secret@db"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="AMQP_URI_FILE"):
        load("review", GOOD | {"AMQP_URI_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(("content", "said"), [(b" \n", "there is nothing in"), (b"\xff", "this is no text")])
def test_a_file_that_says_nothing_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "mode").write_bytes(content)
    with pytest.raises(SettingsInvalid, match=f"NILAI_MODE_FILE: {said}"):
        load("review", GOOD | {"NILAI_MODE_FILE": str(tmp_path / "mode")})


def test_production_refuses_webhooks_to_the_inside() -> None:
    with pytest.raises(SettingsInvalid, match="refused in production"):
        load("notify", GOOD | {"ALLOW_PRIVATE_TARGETS": "yes"})
    assert load(
        "notify", GOOD | {"ALLOW_PRIVATE_TARGETS": "yes", "NILAI_MODE": "local"}
    ).allow_private_targets


def test_each_service_may_have_an_address_of_its_own() -> None:
    found = load(
        "review", GOOD | {"NILAI_URL": "https://nilai.example/", "NILAI_URL_NOTIFY": "https://n.example"}
    )
    assert found.urls["intake"] == "https://nilai.example"
    assert found.urls["notify"] == "https://n.example"
