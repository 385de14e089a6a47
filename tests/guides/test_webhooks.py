"""The examples of the guide for receivers, run against bodies that are really signed."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.npm import NODE
from services.notify.domain import Secret
from services.notify.webhooks import PURPOSE, public_key, secret
from services.notify.webhooks.bodies import freeze
from services.notify.webhooks.signing import headers
from shared.signing.keys import KeyRing
from shared.web.markdown import DOCS
from tests.guides.texts import fences

AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
GUIDE = DOCS / "en/webhooks.md"
STREAM = "0198-the-stream"


@dataclass(frozen=True)
class Arrived:
    """A webhook as a receiver gets it, and what it looks at it with."""

    secret: str
    headers: dict[str, str]
    body: bytes
    now: int = int(AT.timestamp())


@pytest.fixture
def ring(key_folder: Path) -> KeyRing:
    """Notify's keys."""
    return KeyRing.load(key_folder, "notify")


@pytest.fixture
def arrived(ring: KeyRing) -> Arrived:
    """A webhook that is signed by two secrets, while the receiver knows the one before."""
    kid = ring.signing(PURPOSE, AT).kid
    newer, older = Secret(kid, "salt-1"), Secret(kid, "salt-2", AT + timedelta(hours=1))
    body = freeze("result.published.v1", AT, {"agency": "kota-ü"}, stream=STREAM, sequence=1, event="e")
    return Arrived(secret(ring, older), headers(ring, (newer, older), "delivery-1", body, AT), body)


def spoiled(arrived: Arrived, secret: str) -> list[Arrived]:
    """The same webhook, wrong in each way in which it can be."""
    head = arrived.headers
    return [
        replace(arrived, body=arrived.body.replace(b"kota", b"desa")),
        replace(arrived, secret=secret),
        replace(arrived, now=arrived.now + 301),
        replace(arrived, now=arrived.now - 301),
        replace(arrived, headers={**head, "webhook-id": "delivery-2"}),
        replace(arrived, headers={**head, "webhook-timestamp": str(arrived.now + 1)}),
        replace(arrived, headers={**head, "webhook-signature": "v1,AAAA v1a,AAAA"}),
    ]


Example = Callable[[Path, list[Arrived]], list[bool]]


def code(language: str, place: int = 0) -> str:
    """An example of the guide."""
    return [text for info, text in fences(GUIDE) if info == language][place]


def by_python(folder: Path, all: list[Arrived]) -> list[bool]:
    scope: dict[str, Any] = {}
    exec(code("python"), scope)
    return [scope["is_genuine"](one.secret, one.headers, one.body, one.now) for one in all]


def by_javascript(folder: Path, all: list[Arrived]) -> list[bool]:
    (folder / "example.mjs").write_text(code("javascript"))
    (folder / "main.mjs").write_text(
        "import { readFileSync } from 'node:fs'\nimport { isGenuine } from './example.mjs'\n"
        "const all = JSON.parse(readFileSync(0))\n"
        "console.log(JSON.stringify(all.map(one =>"
        " isGenuine(one.secret, one.headers, Buffer.from(one.body), one.now))))\n"
    )
    return answered([NODE, folder / "main.mjs"], all)


def by_java(folder: Path, all: list[Arrived]) -> list[bool]:
    (folder / "Webhook.java").write_text(code("java"))
    calls = ", ".join(
        f"Webhook.isGenuine({json.dumps(one.secret)}, java.util.Map.of({pairs(one.headers)}), "
        f"{json.dumps(one.body.decode())}.getBytes(java.nio.charset.StandardCharsets.UTF_8), {one.now}L)"
        for one in all
    )
    (folder / "Main.java").write_text(
        "public class Main { public static void main(String[] no) throws Exception {\n"
        f"System.out.println(java.util.Arrays.toString(new boolean[] {{{calls}}})); }} }}\n"
    )
    subprocess.run(["javac", "-d", folder, *folder.glob("*.java")], check=True, timeout=60)
    return answered(["java", "-cp", folder, "Main"], all)


def pairs(heads: dict[str, str]) -> str:
    """The headers as Java's Map.of takes them."""
    return ", ".join(json.dumps(text) for pair in heads.items() for text in pair)


def answered(command: list[str | Path], all: list[Arrived]) -> list[bool]:
    """What a program says of each webhook, which it is given as JSON."""
    given = json.dumps([{**vars(one), "body": one.body.decode()} for one in all])
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=60)
    found: list[bool] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    "run",
    [
        by_python,
        by_javascript,
        pytest.param(by_java, marks=pytest.mark.skipif(not shutil.which("javac"), reason="there is no Java")),
    ],
)
def test_an_example_takes_what_is_signed_and_nothing_else(
    run: Example, ring: KeyRing, arrived: Arrived, tmp_path: Path
) -> None:
    other = secret(ring, Secret(ring.signing(PURPOSE, AT).kid, "salt-3"))
    wrong = spoiled(arrived, other)
    assert run(tmp_path, [arrived, *wrong]) == [True, *[False for _ in wrong]]


def test_the_example_without_a_secret_takes_its_own_stream_only(
    ring: KeyRing, arrived: Arrived, tmp_path: Path
) -> None:
    key = public_key(ring.signing(PURPOSE, AT).public)
    (tmp_path / "example.mjs").write_text(code("javascript", 1))
    (tmp_path / "main.mjs").write_text(
        "import { readFileSync } from 'node:fs'\nimport { isSignedFor } from './example.mjs'\n"
        "const all = JSON.parse(readFileSync(0))\n"
        f"const streams = [{json.dumps(STREAM)}, 'another']\n"
        "console.log(JSON.stringify(all.flatMap(one => streams.map(stream =>"
        f" isSignedFor(stream, {json.dumps(key)}, one.headers, Buffer.from(one.body))))))\n"
    )
    changed = replace(arrived, body=arrived.body.replace(b"kota", b"desa"))
    assert answered([NODE, tmp_path / "main.mjs"], [arrived, changed]) == [True, False, False, False]
