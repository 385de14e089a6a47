"""TLS to broker and database, under an authority of one's own: who cannot show its certificate is not spoken to."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from ssl import SSLError

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pymongo.errors import ServerSelectionTimeoutError

from deploy.local import mongo, rabbit
from deploy.local.config import Ports, listens
from shared.core.names import SERVICES
from shared.messaging import broker
from shared.storage.mongo import Store
from tests.waiting import until

PASSWORDS = dict.fromkeys(("admin", *SERVICES), "secret")
NOW = datetime.now(UTC)
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `file` holds its own."""

    file: Path
    key: Key
    name: x509.Name


def pem(key: Key) -> bytes:
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())


def sign(subject: str, key: Key, by: Authority | None) -> x509.Certificate:
    """A certificate for a name or an address; without an authority, one that may sign others."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    made = x509.CertificateBuilder(
        by.name if by else name, name, key.public_key(), x509.random_serial_number()
    )
    made = made.not_valid_before(NOW - timedelta(hours=1)).not_valid_after(NOW + timedelta(days=1))
    made = made.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    if by:
        there = x509.IPAddress(ip_address(subject)) if subject[0].isdigit() else x509.DNSName(subject)
        made = made.add_extension(x509.SubjectAlternativeName([there]), critical=False)
    return made.sign(by.key if by else key, hashes.SHA256())


def authority(folder: Path, name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    made = sign(name, key, None)
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return Authority(folder / f"{name}.pem", key, made.subject)


def server(folder: Path, subject: str, by: Authority) -> Path:
    """A file with a server's key and certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    file = folder / f"server-{subject}.pem"
    file.write_bytes(pem(key) + sign(subject, key, by).public_bytes(serialization.Encoding.PEM))
    return file


@dataclass(frozen=True)
class World:
    """Authorities, and a broker and a database with a certificate of the first for 127.0.0.1."""

    ours: Authority
    other: Authority
    ports: Ports


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("tls")
    found = World(authority(home, "ours"), authority(home, "other"), Ports.free())
    shown = server(home, "127.0.0.1", found.ours)
    database = start_mongod(home, found, shown)
    start_broker(home, found, shown)
    try:
        until(lambda: listens(found.ports.amqp) and listens(found.ports.mongo))
        yield found
    finally:
        rabbit.stop(home)
        database.terminate()
        database.wait(20)


def start_mongod(home: Path, found: World, shown: Path) -> "subprocess.Popen[bytes]":
    data = home / "data"
    data.mkdir()
    network = ["--bind_ip", "127.0.0.1", "--port", str(found.ports.mongo), "--nounixsocket"]
    tls: list[str | Path] = [
        "--tlsMode",
        "requireTLS",
        "--tlsCertificateKeyFile",
        shown,
        "--tlsCAFile",
        found.ours.file,
    ]
    more: list[str | Path] = [
        "--tlsAllowConnectionsWithoutCertificates",
        "--dbpath",
        data,
        "--wiredTigerCacheSizeGB",
        "0.25",
    ]
    with (home / "mongod.log").open("wb") as log:
        return subprocess.Popen([mongo.command(home, 1)[0], *network, *tls, *more], stdout=log, stderr=log)


def start_broker(home: Path, found: World, shown: Path) -> None:
    rabbit.write_folder(home, found.ports, rabbit.definitions(PASSWORDS, any_prefix=True))
    conf = home / "rabbitmq/rabbitmq.conf"
    plain = f"listeners.tcp.1 = 127.0.0.1:{found.ports.amqp}\n"
    tls = [
        "listeners.tcp = none",
        f"listeners.ssl.1 = 127.0.0.1:{found.ports.amqp}",
        f"ssl_options.cacertfile = {found.ours.file}",
        f"ssl_options.certfile = {shown}",
        f"ssl_options.keyfile = {shown}",
        "ssl_options.verify = verify_none",
    ]
    text = conf.read_text()
    assert plain in text
    conf.write_text(text.replace(plain, "\n".join(tls) + "\n"))
    rabbit.launch(home, found.ports)


def amqps(world: World, options: str, host: str = "127.0.0.1") -> str:
    return f"amqps://admin:secret@{host}:{world.ports.amqp}//{options}"


def test_the_broker_is_spoken_to_under_an_authority_of_ones_own(world: World) -> None:
    uri = amqps(world, f"?cacertfile={world.ours.file}")
    until(lambda: entered(uri))
    broker.declare(uri, "tls.")
    assert broker.queue_depths(uri, ["tls.intake"]) == {"tls.intake": 0}


def entered(uri: str) -> bool:
    with broker.connect(uri) as connection:
        connection.connect()
        return bool(connection.connected)


def test_a_broker_that_another_authority_vouches_for_is_not_believed(world: World) -> None:
    for options in ("", f"?cacertfile={world.other.file}"):
        with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            entered(amqps(world, options))


def test_a_broker_of_another_name_is_not_believed(world: World) -> None:
    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        entered(amqps(world, f"?cacertfile={world.ours.file}", host="localhost"))
    named = f"?cacertfile={world.ours.file}&server_name_indication=127.0.0.1"
    assert entered(amqps(world, named, host="localhost"))


def ping(world: World, options: str, host: str = "127.0.0.1") -> None:
    uri = (
        f"mongodb://{host}:{world.ports.mongo}/?directConnection=true&serverSelectionTimeoutMS=1500{options}"
    )
    with closing(Store(uri, "tls", "intake")) as store:
        store.db.client.admin.command("ping")


def test_the_database_is_spoken_to_under_an_authority_of_ones_own(world: World) -> None:
    ping(world, f"&tls=true&tlsCAFile={world.ours.file}")


@pytest.mark.parametrize("authority", ["", "other"])
def test_a_database_that_another_authority_vouches_for_is_not_believed(world: World, authority: str) -> None:
    options = f"&tls=true&tlsCAFile={world.other.file}" if authority else "&tls=true"
    with pytest.raises(ServerSelectionTimeoutError, match="CERTIFICATE_VERIFY_FAILED"):
        ping(world, options)


def test_a_database_of_another_name_is_not_believed(world: World) -> None:
    with pytest.raises(ServerSelectionTimeoutError, match="CERTIFICATE_VERIFY_FAILED"):
        ping(world, f"&tls=true&tlsCAFile={world.ours.file}", host="localhost")
