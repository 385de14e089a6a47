"""How services run, for an officer in a browser: a webhook replayed, a test event, a parked event tried again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from deploy.local.servers import Servers
from services.intake.app import service as intake
from services.intake.pages.ministry import CYCLES
from services.notify.domain import TEST_EVENT
from shared.core.settings import Settings
from shared.events.review import StageCompleted
from shared.service import Service
from tests.intake.rounds import Round, agency, people
from tests.notify.builders import Notify, new
from tests.notify.builders import agency as known_agency
from tests.notify.receiver import Receiver, receiving, says
from tests.pages.browser import Browser, foreign
from tests.pages.door import Door, before
from tests.support.gateway import Gateway
from tests.support.publishing import outgoing, publish
from tests.support.stage import LONG_AGO, Stage
from tests.waiting import until

PLACE = "/notify/subscriptions"
LATE = "2026.kota-c"


@pytest.fixture(scope="module")
def front(
    settings_of: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """The gateway before intake and notify; review and scoring are away."""
    home: Path = tmp_path_factory.mktemp("operations")
    with before(("intake", "notify"), settings_of, home, ALLOW_PRIVATE_TARGETS="yes") as running:
        yield running


@pytest.fixture
def round(stage: Callable[[Service], Stage]) -> Round:
    """An open round, and its officer."""
    found = Round(stage(intake))
    people(found.stage)
    found.open()
    return found


@pytest.fixture
def notify(stage: Callable[[Service], Stage]) -> Notify:
    """Notify, which knows the same officer."""
    found = new(stage)
    found.stage.person("minister", "ministry")
    return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def door(chromium: Browser, front: Gateway, round: Round, notify: Notify) -> Door:
    """The browsers of the officer."""
    return Door(chromium, front)


@contextmanager
def consuming(stage: Stage) -> Iterator[None]:
    """The service's worker takes events from the broker inside."""
    worker = stage.worker()
    thread = Thread(target=worker.consume)
    thread.start()
    try:
        yield
    finally:
        worker.stop.set()
        thread.join(30)
        worker.store.close()


def too_early() -> StageCompleted:
    """A stage of an agency that does not take part yet."""
    return StageCompleted(
        case="c",
        submission=f"{LATE}.1",
        participation=LATE,
        cycle="2026",
        agency="kota-c",
        edition="small-1",
        stage="document",
        completed_at=LONG_AGO,
        set_hash="h",
        ratings=(),
    )


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_webhook_is_replayed_and_a_test_event_sent(door: Door, notify: Notify, receiver: Receiver) -> None:
    receiver.scripts["/hook"] = [says(500, b"the disk is full")] * 11
    with door.at("minister", PLACE, width=360) as page:
        door.chromium.look(page, "subscriptions-empty")
        page.get_by_role("link", name="Langganan baru").click()
        press(page, "Berlangganan")
        door.chromium.look(page, "subscription-form")
        page.get_by_label("Nama").fill("Dasbor Kementerian Koordinator Bidang Contoh")
        page.get_by_label("Alamat penerima").fill(receiver.url("/hook"))
        press(page, "Berlangganan")
        secret = page.locator("#secret").inner_text()
        door.chromium.look(page, "subscription-secret")
        page.get_by_role("link", name="Sudah saya simpan").click()
        expect(page.locator("main")).to_contain_text("Alamatnya belum menjawab peristiwa uji.")
        notify.answer_tests()
        notify.consume(known_agency("kota-a"))
        (subscription,) = notify.stage.db["subscriptions"].find()
        notify.parked({"id": subscription["_id"]})
        page.reload()
        door.chromium.look(page, "subscription")
        page.locator("#deliveries").get_by_role("link", name="agency.set.v1").click()
        expect(page.locator("main")).to_contain_text("Penerima menjawab 500: ada kesalahan di pihaknya.")
        door.chromium.look(page, "delivery")
        press(page, "Kirim sekarang")
        expect(page.get_by_role("status")).to_contain_text("Sedang dikirim lagi")
        notify.deliver()
        page.reload()
        expect(page.locator("#attempts")).to_contain_text("diterima (204)")
        assert len(receiver.at("/hook")) == 12
        assert len({got.body for got in receiver.at("/hook")}) == 1
        receiver.at("/hook")[-1].verify(secret)
        page.get_by_role("link", name="Dasbor").click()
        press(page, "Kirim peristiwa uji")
        expect(page.get_by_role("status")).to_contain_text("Peristiwa uji sedang dikirim")
        notify.deliver()
        page.reload()
        expect(page.locator("#deliveries tbody tr").first).to_contain_text("Peristiwa uji")
        (got,) = receiver.tested
        got.verify(secret)
        assert (got.payload["type"], got.sequence) == (TEST_EVENT, 0)


def test_a_parked_event_is_tried_again(door: Door, round: Round, queues: str, servers: Servers) -> None:
    event = round.stage.envelope("case:c", too_early())
    events = round.stage.db["deferred_events"]
    with consuming(round.stage), door.at("minister", "/intake/operations", width=360) as page:
        expect(page.locator("#review")).to_contain_text("Layanan ini sedang tidak menjawab.")
        expect(page.locator("#notify")).to_contain_text("tidak ada yang menunggu Anda")
        publish(servers, queues, [outgoing(event)])
        until(lambda: events.count_documents({"state": "waiting"}) == 1)
        events.update_many({}, {"$set": {"state": "dead", "next_at": None}})
        page.reload()
        expect(page.locator("#notify")).to_contain_text("tidak ada yang menunggu Anda")
        door.chromium.look(page, "operations")
        page.get_by_role("link", name="Dihentikan: 1").click()
        expect(page.locator("main")).to_contain_text(f"waits for participation:{LATE}")
        door.chromium.look(page, "operations-events")
        page.get_by_role("link", name="stage.completed.v1").click()
        expect(page.locator("main")).to_contain_text("document")
        door.chromium.look(page, "operations-event")
        page.get_by_role("link", name="Buang dengan alasan").click()
        press(page, "Buang untuk seterusnya")
        expect(page.locator(".govuk-error-message")).to_have_count(1)
        door.chromium.look(page, "operations-drop")
        page.get_by_role("link", name="stage.completed.v1").click()
        round.put("minister", "/agencies/kota-c", agency("Kota C"), status=201)
        round.put(
            "minister", f"/participations/{LATE}", {"activity": "evaluation", "visit": False}, status=201
        )
        press(page, "Coba lagi sekarang")
        expect(page.get_by_role("status")).to_contain_text("1 dicoba lagi sekarang")
        until(lambda: events.count_documents({}) == 0)
    assert round.stage.audited(f"participation:{LATE}")[-1] == "stage.noted"
    entry = round.stage.db["audit"].find_one({"action": "deferred.retried"}) or {}
    assert entry["actor"].endswith("minister")


def test_the_audit_trail_is_searched_and_checked(door: Door, round: Round) -> None:
    with door.at("minister", "/intake/audit", width=360) as page:
        page.get_by_label("Tindakan").fill("cycle")
        page.get_by_role("button", name="Cari", exact=True).last.click()
        expect(page.locator("tbody")).to_contain_text("cycle.opened")
        door.chromium.look(page, "audit")
        page.locator("tbody").get_by_role("link", name="cycle:2026").first.click()
        page.get_by_role("link", name="Periksa apakah rantai ini utuh").click()
        expect(page.locator("main")).to_contain_text("semuanya masih seperti saat ditulis")
        door.chromium.look(page, "audit-chain")
        door.open(page, "/intake/audit/verification")
        press(page, "Periksa semua rantai")
        expect(page.locator("main")).to_contain_text("sedang berjalan")
        round.stage.run_jobs()
        page.get_by_role("link", name="Muat ulang").click()
        expect(page.locator("main")).to_contain_text("semuanya utuh")
        door.chromium.look(page, "audit-verification")


def test_the_pages_speak_english_too(door: Door, notify: Notify) -> None:
    made = notify.subscribe(url="https://example.go.id/hook")
    with door.at("minister", CYCLES, lang="en") as page:
        for place in (
            "/intake/operations",
            "/intake/operations/events",
            "/intake/operations/jobs?state=dead",
            "/intake/audit",
            "/intake/audit/verification",
            PLACE,
            "/notify/new-subscription",
            *(f"{PLACE}/{made['id']}{below}" for below in ("", "/change", "/secret", "/close")),
        ):
            door.open(page, place)
            expect(page.locator("h1")).to_have_count(1)
            assert foreign(page, "en") == [], place
