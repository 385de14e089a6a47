"""Inviting in browsers: a link is made, opened, used at a first sign-in; a second officer confirms."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from services.intake.app import service
from shared.core.ids import utcnow
from shared.service import Service
from tests.pages.browser import Browser, faults
from tests.pages.door import Door, log_in
from tests.support.gateway import Gateway
from tests.support.stage import Stage

AGENCY = {"name": "Pemerintah Kota Contoh", "group": "Kota", "since": "2026-01-01T00:00:00Z"}
PEOPLE = "/intake/people"


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    """Two officers of the ministry, and an agency."""
    found = stage(service)
    for name in ("ministry", "ministry-2"):
        found.person(name, "ministry")
    assert found.as_("ministry").put("/intake/api/v1/agencies/kota", json=AGENCY).status_code == 201
    return found


@pytest.fixture
def door(chromium: Browser, door_front: Gateway, intake: Stage) -> Door:
    """The browsers of everybody."""
    return Door(chromium, door_front)


def invite(page: Page, role: str, agency: str, note: str) -> str:
    """Make an invitation on the page of people; gives its link."""
    page.locator(f"input[name=role][value={role}]").check()
    page.locator("#agency").select_option(agency)
    page.locator("#note").fill(note)
    page.get_by_role("button", name="Buat tautan").click()
    return page.locator("#link").input_value()


def heading(page: Page) -> str:
    """What the page is about."""
    return page.get_by_role("heading", level=1).inner_text()


def test_somebody_invited_signs_in_for_the_first_time_and_is_known_by_name(door: Door, intake: Stage) -> None:
    with door.at("ministry", PEOPLE) as officer, door.chromium.page() as new:
        link = invite(officer, "coordinator", "kota", "Sekda Kota Contoh")
        new.goto(link)
        assert heading(new) == "Anda diundang"
        assert "Pemerintah Kota Contoh" in new.locator("main").inner_text()
        new.locator("main").get_by_role("link", name="Masuk").click()
        log_in(new, "koordinator-kota-denpasar")
        expect(new.locator("main")).to_contain_text("Koordinator Kota Denpasar")
        assert faults(new) == []
        new.get_by_role("button", name="Terima peran").click()
        new.wait_for_url("**/intake/self-assessments/")
        expect(new.locator(".n-person")).to_contain_text("Koordinator Kota Denpasar")
        new.goto(f"{door.front.url}{PEOPLE}")
        assert new.locator("#agency").input_value() == "kota"
        door.open(officer, PEOPLE)
        expect(officer.locator("li", has_text="Sekda Kota Contoh")).to_contain_text("terpakai")
        expect(officer.locator("#people li", has_text="Koordinator Kota Denpasar")).to_contain_text(
            "Koordinator · Pemerintah Kota Contoh"
        )
    (person,) = intake.db["people"].find({"subject": "koordinator-kota-denpasar"})
    assert (person["issuer"], person["name"]) == (intake.settings.oidc_issuer, "Koordinator Kota Denpasar")


def test_the_usual_role_is_chosen_and_every_role_says_what_it_may(door: Door) -> None:
    with door.at("ministry", PEOPLE) as page:
        expect(page.get_by_role("radio", name="Koordinator")).to_be_checked()
        for role in ("Petugas kementerian", "Koordinator", "Petugas", "Entri data", "Anggota", "Asesor"):
            choice = page.get_by_role("radio", name=role, exact=True)
            assert choice.get_attribute("aria-describedby"), role


def test_an_assessor_takes_an_invitation_up_and_is_led_to_the_tasks(door: Door) -> None:
    with door.at("ministry", f"{PEOPLE}?role=assessor") as officer, door.chromium.page() as new:
        expect(officer.get_by_role("radio", name="Asesor", exact=True)).to_be_checked()
        link = invite(officer, "assessor", "kota", "Dosen")
        assert faults(officer) == []
        door.sign_in(new, "dosen", link.removeprefix(door.front.url))
        assert "Anda tidak menilai Pemerintah Kota Contoh" in new.locator("main").inner_text()
        assert faults(new) == []
        new.get_by_role("button", name="Terima peran").click()
        expect(new.locator("main")).to_contain_text("Anda sudah menerima penunjukan sebagai asesor")
        assert faults(new) == []
        assert new.get_by_role("link", name="Buka halaman tugas").get_attribute("href") == "/review/tasks"


def test_a_link_counts_once_and_no_longer_than_it_says(door: Door, intake: Stage) -> None:
    with door.at("ministry", PEOPLE) as officer, door.chromium.page() as page:
        first = invite(officer, "clerk", "kota", "Pertama")
        late = invite(officer, "clerk", "kota", "Terlambat")
        door.sign_in(page, "sari", first.removeprefix(door.front.url))
        page.get_by_role("button", name="Terima peran").click()
        page.wait_for_url("**/intake/self-assessments/")
        with door.chromium.page() as another:
            another.goto(first)
            assert "sudah dipakai" in another.locator("main").inner_text()
        intake.db["invitations"].update_one(
            {"note": "Terlambat"}, {"$set": {"until": utcnow() - timedelta(seconds=1)}}
        )
        page.goto(late)
        assert heading(page) == "Undangan ini tidak berlaku"
        assert "Masa berlakunya habis" in page.locator("main").inner_text()
        assert faults(page) == []
        door.open(officer, PEOPLE)
        expect(officer.locator("li", has_text="Terlambat")).to_contain_text("sudah lewat")


def test_an_officer_of_the_ministry_waits_for_a_second_one(door: Door) -> None:
    confirm = "Setujui sebagai petugas kedua"
    with (
        door.at("ministry", PEOPLE) as first,
        door.at("ministry-2", PEOPLE) as second,
        door.chromium.page() as new,
    ):
        link = invite(first, "ministry", "", "Bu Baru")
        door.sign_in(new, "baru", link.removeprefix(door.front.url))
        assert "petugas kedua" in new.locator("main").inner_text()
        new.get_by_role("button", name="Terima peran").click()
        expect(new.locator("main")).to_contain_text("menunggu petugas kedua")
        door.open(first, PEOPLE)
        assert first.get_by_role("button", name=confirm).count() == 0
        door.open(second, PEOPLE)
        second.locator("li", has_text="baru").get_by_role("button", name=confirm).click()
        expect(second.get_by_role("button", name=confirm)).to_have_count(0)
        new.reload()
        new.wait_for_url("**/intake/cycles")
