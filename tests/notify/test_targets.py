"""Where webhooks may go: only to the public internet, to exactly the address that was checked."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.notify import jobs
from services.notify.domain import TargetRules, check_url, is_public
from services.notify.jobs import jobs_of
from services.notify.webhooks import USUAL, WebhookSender
from services.notify.webhooks.resolver import Resolver
from services.notify.webhooks.sending import post
from shared.core.errors import Invalid
from shared.signing.keys import KeyRing
from shared.storage.mongo import COMMAND_SECONDS
from tests.notify.builders import API, QUICK, STRICT, TRYING, Notify, agency, problem
from tests.notify.receiver import Receiver, receiving
from tests.shared.webapp import log_lines

SECRET_PLACES = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", SECRET_PLACES)
def test_no_address_that_is_inside_or_leads_inside_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "103.10.10.10", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2400:cb00::1"],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.fixture
def strict(notify: Notify) -> Notify:
    """Notify as in production: no address of this machine may be reached."""
    settings = replace(notify.stage.settings, allow_private_targets=False)
    notify.stage.set(settings)
    notify.stage.jobs = jobs_of(WebhookSender(KeyRing.load(settings.keys, "notify"), STRICT, QUICK))
    return notify


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "http://10.0.0.5",
        "https://10.0.0.5",
        "https://10.5/hook",
        "https://0x0a000005/hook",
        "https://167772165/hook",
        "https://0300.0250.1.1/hook",
        "https://10.0.0.5./hook",
        "https://[fd00::1]/hook",
        "https://[64:ff9b::10.0.0.5]/hook",
        "https://localhost/hook",
        "https://LOCALHOST./hook",
        "https://a.localhost/hook",
        "https://0/hook",
    ],
)
def test_an_address_inside_is_refused_when_it_is_written_down(strict: Notify, url: str) -> None:
    by, before = strict.ministry, strict.stage.state()
    refused = by.post(f"{API}/subscriptions", json={"name": "n", "scope": "ministry", "url": url})
    assert (refused.status_code, problem(refused)["code"]) == (422, "bad-url")
    assert strict.stage.state() == before


@pytest.mark.parametrize("port", [22, 25, 80, 444, 3306, 8443, 27017])
def test_a_port_that_is_not_that_of_https_is_refused(strict: Notify, port: int) -> None:
    by, before = strict.ministry, strict.stage.state()
    url = f"https://example.org:{port}/hook"
    refused = by.post(f"{API}/subscriptions", json={"name": "n", "scope": "ministry", "url": url})
    assert (refused.status_code, problem(refused)["code"]) == (422, "bad-url")
    assert problem(refused)["detail"] == f"The url cannot be used. Port {port} is not allowed here."
    assert strict.stage.state() == before
    assert post(url, b"{}", {}, STRICT).error == f"port {port} is not allowed here"


@pytest.mark.parametrize(
    ("rules", "allowed", "refused"),
    [
        (TargetRules(), [443], [80, 1, 22, 8443]),
        (TargetRules(ports=frozenset({8443, 9443})), [8443, 9443], [443, 80]),
        (TargetRules(private=True), [443, 80, 8190, 40000], []),
        (TargetRules(private=True, ports=frozenset({80, 443})), [443, 80], [22, 8190]),
    ],
)
def test_the_settings_say_which_ports_may_be_reached(
    rules: TargetRules, allowed: list[int], refused: list[int]
) -> None:
    assert [port for port in [*allowed, *refused] if rules.allow_port(port)] == allowed


NAMED = (ip_network("198.51.100.0/24"), ip_network("36.66.0.0/16"), ip_network("2400:cb00::/32"))


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize(
    "address",
    [
        "36.66.0.0",
        "36.66.255.255",
        "2400:cb00::1",
        "::ffff:36.66.1.2",
        "64:ff9b::36.66.1.2",
        "2002:2442:0102::1",
        "198.51.100.7",
    ],
)
def test_what_the_ministry_names_is_reached_by_nobody(private: bool, address: str) -> None:
    rules = TargetRules(private=private, refused=NAMED)
    assert not rules.allow_address(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Invalid):
        check_url(f"https://{host}/hook", rules)
    assert "may not be reached" in str(post(f"https://{host}/hook", b"{}", {}, rules).error)


def test_what_lies_beside_the_named_ranges_is_reached() -> None:
    rules = TargetRules(refused=NAMED)
    for address in ("36.67.0.1", "36.65.255.255", "2400:cb01::1"):
        assert rules.allow_address(address)
    check_url("https://example.org/hook", rules)


Names = dict[str, list[list[str]]]


@contextmanager
def names(answers: Names, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let the outside world's DNS give these answers, one after the other; gives the names that were asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def lookup(host: str, port: int, *args: Any, **options: Any) -> Any:
        if host not in answers:
            return real(host, port, *args, **options)
        asked.append(host)
        found = answers[host].pop(0)
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (families[ip_address(address).version], socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lookup)
        yield asked


def test_a_name_is_asked_for_once_and_exactly_that_address_is_reached(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"rebind.example": [["127.0.0.1"], ["127.0.0.2"]]}
    with names(answers, monkeypatch) as asked:
        answer = post(receiver.url(host="rebind.example"), b"{}", {}, rules=TRYING)
    assert (answer.status, asked) == (204, ["rebind.example"])
    assert receiver.got[0].headers["host"] == f"rebind.example:{receiver.server_address[1]}"


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]])
def test_one_address_inside_among_the_answers_is_enough_to_refuse(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    with names({"mixed.example": [found]}, monkeypatch):
        rules = TargetRules(ports=frozenset({receiver.server_address[1]}))
        answer = post(receiver.url(host="mixed.example"), b"{}", {}, rules)
    assert answer.status is None
    assert "an address that may not be reached from here" in str(answer.error)
    assert receiver.got == []


def test_an_address_that_does_not_answer_leaves_the_next_its_turn(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with names({"two.example": [["127.0.0.2", "127.0.0.1"]]}, monkeypatch):
        assert post(receiver.url(host="two.example"), b"{}", {}, rules=TRYING).status == 204


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A DNS that says nothing of `….silent` until the test ends, and of others what it knows; the names asked for."""
    asked: list[str] = []
    real, over = socket.getaddrinfo, Event()

    def lookup(host: str, *args: Any, **options: Any) -> Any:
        if host.endswith(".silent"):
            asked.append(host)
            over.wait(60)
            return []
        return real(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    yield asked
    over.set()


def test_a_name_server_that_does_not_answer_ends_the_attempt_which_is_recorded(
    notify: Notify, receiver: Receiver, silent: list[str]
) -> None:
    hasty = replace(QUICK, resolve=0.2)
    notify.stage.jobs = jobs_of(
        WebhookSender(KeyRing.load(notify.stage.settings.keys, "notify"), TRYING, hasty)
    )
    made = notify.subscribe(url=receiver.url(host="hooks.silent"))
    other = notify.subscribe(url=receiver.url())
    notify.consume(agency("bkpm"))
    for number in (1, 2):
        notify.deliver(make_due=True)
        (delivery,) = notify.deliveries(made)
        assert (delivery["state"], delivery["attempts"]) == ("waiting", number)
        assert delivery["error"] == "the name cannot be resolved: [Errno -3] no answer within 0.2 s"
    assert silent == ["hooks.silent"]
    assert [delivery["state"] for delivery in notify.deliveries(other)] == ["delivered"]


def test_names_that_are_never_answered_do_not_pile_up(silent: list[str]) -> None:
    resolver = Resolver(limit=2)
    for host in ("a.silent", "a.silent", "b.silent"):
        with pytest.raises(socket.gaierror, match=r"no answer within 0\.01 s"):
            resolver.addresses(host, 443, 0.01)
    with pytest.raises(socket.gaierror, match="2 other names are waited for already"):
        resolver.addresses("c.silent", 443, 60)
    assert silent == ["a.silent", "b.silent"]


def test_an_attempt_ends_well_before_another_runner_may_begin_it_whatever_receiver_and_name_server_do() -> (
    None
):
    assert USUAL.resolve + USUAL.total + 2 * COMMAND_SECONDS < jobs.ATTEMPT_SECONDS


def test_no_proxy_of_the_environment_stands_between(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        assert post(receiver.url(), b"{}", {}, rules=TRYING).status == 204
        assert proxy.got == []


def test_what_nobody_foresaw_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with names({"empty.example": [[]]}, monkeypatch), log_lines() as lines:
        answer = post("http://empty.example/", b"{}", {}, rules=TRYING)
    assert (answer.status, answer.error) == (None, "broken off: ZeroDivisionError: float division by zero")
    assert [line["message"] for line in lines()] == ["webhook broken off"]


# certificates


def _certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext, list[str]]:
    """A certificate for a name, a server's context with it, and the names that clients will ask that server for."""
    key = Ed25519PrivateKey.generate()
    title = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(title)
        .issuer_name(title)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    path, secret = folder / f"{name}.crt", folder / f"{name}.key"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    asked: list[str] = []
    context.sni_callback = lambda _, asked_for, __: asked.append(asked_for)
    return path, context, asked


Post = Callable[[Receiver], Any]


def test_a_secure_receiver_is_reached_by_address_and_recognised_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context, asked = _certificate(tmp_path, "hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with receiving(context) as server, names({"hooks.example": [["127.0.0.1"]]}, monkeypatch):
        answer = post(server.url(host="hooks.example"), b"{}", {}, rules=TRYING)
        assert (answer.status, answer.error) == (204, None)
        assert asked == ["hooks.example"]
        assert server.got[0].headers["host"] == f"hooks.example:{server.server_address[1]}"


def test_a_certificate_of_another_name_is_refused_before_anything_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context, _ = _certificate(tmp_path, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with receiving(context) as server, names({"hooks.example": [["127.0.0.1"]]}, monkeypatch):
        answer = post(server.url(host="hooks.example"), b"{}", {}, rules=TRYING)
        assert answer.status is None
        assert "no secure connection" in str(answer.error)
        assert server.got == []


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, context, _ = _certificate(tmp_path, "hooks.example")
    with receiving(context) as server, names({"hooks.example": [["127.0.0.1"]]}, monkeypatch):
        answer = post(server.url(host="hooks.example"), b"{}", {}, rules=TRYING)
        assert "no secure connection" in str(answer.error)
        assert server.got == []


def test_a_receiver_that_speaks_no_tls_is_cut_off(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        answer = post(url, b"{}", {}, rules=TRYING, limits=QUICK)
    assert "no complete answer" in str(answer.error)
    assert answer.milliseconds < 5000
