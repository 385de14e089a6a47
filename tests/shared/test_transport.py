"""Ways to other machines on which somebody could listen are refused in production, unless a setting says so."""

import pytest

from shared.core.settings import SettingsInvalid, load
from shared.core.transport import weakness

GOOD = {
    "MONGO_URI": "mongodb://u:p@db.example/?tls=true",
    "AMQP_URI": "amqps://nilai_review:p@broker.example:5671//",
    "NILAI_KEYS": "/keys",
    "OIDC_ISSUER": "https://id.example",
}


@pytest.mark.parametrize(
    "uri",
    [
        "https://id.example",
        "http://127.0.0.1:8100",
        "http://localhost:8100/",
        "http://[::1]:8100",
        "amqps://u:p@broker.example:5671//?cacertfile=/ca.pem",
        "amqp://u:p%40x@127.0.0.53:5672//",
        "mongodb://u:p@a.example:1,b.example:2/db?replicaSet=r&tls=true",
        "mongodb://a.example/?SSL=True",
        "mongodb+srv://u:p@cluster.example/",
        "mongodb://127.0.0.1:1,localhost:2/?replicaSet=r",
        "mongodb://%2Ftmp%2Fmongodb-27017.sock/",
    ],
)
def test_what_stays_here_or_is_encrypted_is_good(uri: str) -> None:
    assert weakness(uri) is None


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("http://id.example", "is not encrypted"),
        ("http://10.0.0.5", "is not encrypted"),
        ("http://0.0.0.0", "is not encrypted"),
        ("http://localhost.example", "is not encrypted"),
        ("http://127.0.0.1@id.example/", "is not encrypted"),
        ("amqp://u:p@broker//", "is not encrypted"),
        ("mongodb://u:p@db/?replicaSet=r", "is not encrypted"),
        ("mongodb://u:p@db/?tls=false", "is not encrypted"),
        ("mongodb://127.0.0.1,db.example/", "is not encrypted"),
        ("mongodb+srv://db.example/?tls=false", "is not encrypted"),
        ("mongodb://db/?tls=true&tlsInsecure=true", "does not check whom it reaches"),
        ("mongodb://db/?tls=true&tlsAllowInvalidCertificates=true", "does not check whom it reaches"),
        ("mongodb://db/?tls=true&tlsAllowInvalidHostnames=true", "does not check whom it reaches"),
        ("amqps://broker//?verify=verify_none", "does not check whom it reaches"),
        ("http://[::1", "cannot be read"),
    ],
)
def test_a_way_on_which_somebody_could_listen_is_seen(uri: str, problem: str) -> None:
    assert weakness(uri) == problem


PLAIN = [
    ("OIDC_ISSUER", "http://id.example", "issuer"),
    ("OIDC_JWKS_URL", "http://id.example/keys", "issuer"),
    ("MONGO_URI", "mongodb://db.example/", "database"),
    ("MONGO_ADMIN_URI", "mongodb://u:p@db.example/", "database"),
    ("AMQP_URI", "amqp://nilai_review:p@broker.example//", "broker"),
    ("AMQP_ADMIN_URI", "amqp://admin:p@broker.example//", "broker"),
    ("AMQP_MANAGEMENT_URL", "http://broker.example:15672", "broker"),
]


@pytest.mark.parametrize(("name", "uri", "kind"), PLAIN)
def test_production_refuses_it_unless_a_setting_says_so(name: str, uri: str, kind: str) -> None:
    load("review", GOOD)
    with pytest.raises(SettingsInvalid, match=f"{name} is not encrypted.*ALLOW_PLAIN={kind}"):
        load("review", GOOD | {name: uri})
    load("review", GOOD | {name: uri, "ALLOW_PLAIN": f"none, {kind}"})
    load("review", GOOD | {name: uri, "NILAI_MODE": "test"})


def test_what_may_be_plain_is_one_of_three() -> None:
    with pytest.raises(SettingsInvalid, match=r"ALLOW_PLAIN.*'brocker'"):
        load("review", GOOD | {"ALLOW_PLAIN": "brocker"})
