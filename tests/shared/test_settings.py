"""Settings: everything that is wrong is said at once, and secrets may come from files."""

from pathlib import Path

import pytest

from shared.core.settings import SettingsInvalid, load

GOOD = {"MONGO_URI": "mongodb://127.0.0.1", "NILAI_KEYS": "/keys", "OIDC_ISSUER": "https://id.example"}


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
    (tmp_path / "uri").write_text("mongodb://secret@localhost\n")
    found = load("review", GOOD | {"MONGO_URI_FILE": str(tmp_path / "uri")})
    assert found.mongo_uri == "mongodb://secret@localhost"


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


def test_where_webhooks_may_go_is_said_in_ports_and_ranges() -> None:
    found = load(
        "notify", GOOD | {"TARGET_PORTS": "443, 8443", "REFUSED_TARGETS": "36.66.0.0/16, 2400:cb00::/32,"}
    )
    assert found.target_ports == {443, 8443}
    assert [str(network) for network in found.refused_targets] == ["36.66.0.0/16", "2400:cb00::/32"]
    assert load("notify", GOOD | {"TARGET_PORTS": "any"}).target_ports == set(range(1, 65536))
    plain = load("notify", GOOD)
    assert (plain.target_ports, plain.refused_targets) == (frozenset(), ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TARGET_PORTS", "0"),
        ("TARGET_PORTS", "443,65536"),
        ("TARGET_PORTS", "443 8443"),
        ("TARGET_PORTS", "https"),
        ("TARGET_PORTS", "443,any"),
        ("REFUSED_TARGETS", "36.66.0.0/33"),
        ("REFUSED_TARGETS", "36.66.1.0/16"),
        ("REFUSED_TARGETS", "example.org"),
        ("REFUSED_TARGETS", "36.66.0.0/16;10.0.0.0/8"),
    ],
)
def test_ports_and_ranges_that_cannot_be_read_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid, match=name):
        load("notify", GOOD | {name: value})


def test_each_service_may_have_an_address_of_its_own() -> None:
    found = load(
        "review", GOOD | {"NILAI_URL": "https://nilai.example/", "NILAI_URL_NOTIFY": "https://n.example"}
    )
    assert found.urls["intake"] == "https://nilai.example"
    assert found.urls["notify"] == "https://n.example"
