"""Whoever sends or reads a file at a few bytes a second is cut, and keeps nobody waiting meanwhile."""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
import requests

from services.intake.domain import EvidenceRules
from shared.service import Service
from tests.intake.evidence_app import EVIDENCE, MIB, TYPES, open_round
from tests.intake.files import digest, pdf
from tests.intake.server import Person, Server, Slow, running
from tests.intake.tus import ROOT, Tus
from tests.support.stage import Stage
from tests.waiting import until

FILE = pdf() + bytes(40 * MIB)
URL = f"{ROOT}/evidence/2026.kota-a/{digest(FILE)}"


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    on = stage(EVIDENCE)
    on.run(open_round, EvidenceRules(200 * MIB, 900 * MIB, TYPES))
    on.person("ani", "clerk", "kota-a")
    return on


@pytest.fixture
def kept(intake: Stage) -> Stage:
    """Intake, which holds one large file."""
    assert Tus(intake.as_("ani")).send("a.pdf", FILE).status_code == 204
    return intake


def read_slowly(server: Server, token: str) -> socket.socket:
    """A reader who asks for the file and takes nothing of it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(60)
    client.connect(("127.0.0.1", server.port))
    client.sendall(f"GET {URL} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return client


def test_slow_readers_leave_threads_for_everybody_else(kept: Stage, mint: Callable[[str], str]) -> None:
    """The server has eight threads, so two seats for readers and one for each of them."""
    with running(kept.settings) as server, ExitStack() as readers:
        for _ in range(18):
            readers.enter_context(read_slowly(server, mint("ani")))
        ani = {"Authorization": f"Bearer {mint('ani')}"}
        until(lambda: requests.get(server.url + URL, headers=ani, timeout=5).status_code == 423)
        began = time.monotonic()
        answer = requests.get(f"{server.url}{ROOT}/evidence/2026.kota-a", headers=ani, timeout=30)
        assert answer.status_code == 200
        assert time.monotonic() - began < 2


def test_a_reader_below_the_least_pace_is_cut_and_leaves_its_seat(
    kept: Stage, mint: Callable[[str], str]
) -> None:
    with running(kept.settings, pace=1) as server, read_slowly(server, mint("ani")):
        ani = {"Authorization": f"Bearer {mint('ani')}"}
        until(lambda: requests.get(server.url + URL, headers=ani, timeout=60).status_code == 200)


def test_a_sender_below_the_least_pace_is_cut_and_what_came_counts(
    intake: Stage, mint: Callable[[str], str]
) -> None:
    place = Tus(intake.as_("ani")).place("b.pdf", MIB)
    with running(intake.settings, pace=1) as server:
        slow = Slow(server, mint("ani"), place, 0, MIB, {})
        slow.socket.settimeout(0.1)
        slow.send(b"%PDF-1.7 ")

        def cut() -> bool:
            slow.send_unless_refused(b"x")
            try:
                return slow.status() == 400
            except TimeoutError:
                return False

        until(cut)
        slow.break_off()
        assert 9 < Person(mint("ani")).offset(server, place) < MIB
