"""Who may do what and who is invited, on pages: found, page by page, with the longest names and with errors."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.intake.app import service
from shared.core.ids import utcnow
from shared.service import Service
from tests.pages.agency import Office
from tests.pages.browser import Browser
from tests.pages.door import Door, age, hold
from tests.support.gateway import Gateway
from tests.support.stage import Stage

PEOPLE = "/intake/people"
LONG_AGENCY = (
    "Kementerian Koordinator Bidang Contoh Pembangunan Daerah Tertinggal, Perbatasan, dan Kepulauan Terluar"
)
LONG_NAME = "Dr. Raden Ajeng Kartika Wulandari Kusumaningrum Prawirodirdjo, S.Kom., M.T.I., M.Si., Ph.D."
LONG_NOTE = "Sekretaris " + "Pemerintahankabupatenkepulauanterluar" * 5
ROLES = ("ministry", "coordinator", "officer", "clerk", "member")


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    """Two officers, a coordinator of an agency with a long name, and another agency."""
    found = stage(service)
    found.person("ministry", "ministry")
    found.person("ministry-2", "ministry")
    found.person("koordinator", "coordinator", "long")
    for id, name in (("long", LONG_AGENCY), ("kota", "Kota Contoh")):
        agency = {"name": name, "group": "Kota", "since": "2026-01-01T00:00:00Z"}
        assert found.as_("ministry").put(f"/intake/api/v1/agencies/{id}", json=agency).status_code == 201
    return found


@pytest.fixture
def door(chromium: Browser, door_front: Gateway, intake: Stage) -> Door:
    """The browsers of everybody."""
    return Door(chromium, door_front)


def crowd(intake: Stage, count: int) -> None:
    """Make many people known, of whom every second has a name, and one waits."""
    grant = {"role": "coordinator", "agency": "long", "since": utcnow() - timedelta(1), "until": None}
    proposal = {"grant": {**grant, "role": "ministry", "agency": None}, "by": "p-ministry"}
    rows: list[dict[str, Any]] = [
        {
            "_id": f"q-{n:03}",
            "issuer": intake.settings.oidc_issuer,
            "subject": f"subjek-{n:03}",
            "name": f"{n:03} {LONG_NAME}" if n % 2 else "",
            "grants": [{**grant, "role": role} for role in ROLES[1 : 1 + n % 5]],
            "proposals": [] if n else [proposal],
            "past": [],
            "rev": 1,
        }
        for n in range(count)
    ]
    intake.db["people"].insert_many(rows)


def invited(intake: Stage, count: int) -> None:
    """Make invitations in every state."""
    now = utcnow()
    states: list[dict[str, Any]] = [
        {},
        {"used": now, "person": "q-001"},
        {"revoked": now},
        {"until": now - timedelta(1)},
    ]
    made = {"by": "p-ministry", "by_issuer": "i", "by_subject": "ministry", "until": now + timedelta(7)}
    none = {"used": None, "person": None, "revoked": None, "rev": 1}
    intake.db["invitations"].insert_many(
        {
            "_id": f"{n:064}",
            "role": ROLES[n % 5],
            "agency": "long" if n % 5 else None,
            "note": f"{n} {LONG_NOTE}"[:200] if n % 3 else "",
            "made": now - timedelta(minutes=n),
            **made,
            **none,
            **states[n % 4],
        }
        for n in range(count)
    )


def look(door: Door, page: Page, name: str) -> None:
    """Keep a picture, and see that nothing is wrong with the page."""
    assert page.locator("#n-search").evaluate_all("found => found.map(one => one.value).join()") == ""
    door.chromium.look(page, name)


def test_axe_finds_nothing_with_the_longest_names_and_with_errors(door: Door, intake: Stage) -> None:
    with door.at("koordinator", PEOPLE, width=360) as page:
        look(door, page, "people-empty")
    crowd(intake, 60)
    invited(intake, 12)
    with door.at("ministry", PEOPLE, width=360) as page:
        look(door, page, "people")
        page.locator("#note").fill(LONG_NOTE[:200])
        page.get_by_label("Entri data").check()
        page.get_by_role("button", name="Buat tautan").click()
        expect(page.locator(".govuk-error-message")).to_have_count(1)
        assert page.locator("#note").input_value() == LONG_NOTE[:200]
        look(door, page, "people-error")
        page.locator("#agency").select_option("long")
        page.get_by_role("button", name="Buat tautan").click()
        link = page.locator("#link").input_value()
        look(door, page, "people-link")
        door.open(page, f"{PEOPLE}?who=tidakada")
        look(door, page, "people-none")
        door.open(page, "/intake/self-assessments/nowhere")
        look(door, page, "people-forbidden")
    with door.chromium.page(360) as page:
        page.goto(link)
        look(door, page, "invitation-stranger")
        door.sign_in(page, "a" * 64, link.removeprefix(door.front.url))
        look(door, page, "invitation")
        page.goto(f"{link}x")
        look(door, page, "invitation-unknown")
        door.open(page, "/intake/")
        look(door, page, "no-role")


def test_axe_finds_nothing_on_the_pages_of_signing_in_and_out(door: Door, key_folder: Path) -> None:
    with door.at("a" * 64, "/intake/", width=360) as page:
        door.open(page, "/intake/signed-in?error=access_denied")
        look(door, page, "sign-in-failed")
        age(page, key_folder, until=utcnow() - timedelta(hours=2), deed=utcnow() - timedelta(hours=2))
        door.open(page, "/intake/")
        look(door, page, "session-over")
        door.open(page, "/intake/")
        look(door, page, "start")
    with door.at("a" * 64, "/intake/signed-in-again", width=360) as page:
        look(door, page, "signed-in-again")
        hold(page)
        page.get_by_role("button", name="Keluar").click()
        look(door, page, "signed-out")


def names(page: Page) -> list[str]:
    """Who stands in the list of people."""
    return page.locator("#people strong").all_inner_texts()


def test_everybody_is_found_by_name_and_agency_and_page_by_page(door: Door, intake: Stage) -> None:
    crowd(intake, 60)
    with door.at("ministry", PEOPLE) as page:
        first = names(page)
        assert page.locator("#n-search").input_value() == ""
        page.get_by_role("link", name="Berikutnya").click()
        second = names(page)
        page.get_by_role("link", name="Berikutnya").click()
        third = names(page)
        assert len(first) == len(second) == 25
        assert len({*first, *second, *third}) == 63
        assert page.get_by_role("link", name="Berikutnya").count() == 0
        page.get_by_role("link", name="Ke awal").click()
        assert names(page) == first
        page.locator("#who").fill("001 dr. raden")
        page.locator("#known").get_by_role("button", name="Cari").click()
        assert names(page) == [f"001 {LONG_NAME}"]
        page.locator("#who").fill("pembangunan daerah")
        page.locator("#known").get_by_role("button", name="Cari").click()
        assert len(names(page)) == 25
        page.locator("#who").fill(".*")
        page.locator("#known").get_by_role("button", name="Cari").click()
        expect(page.locator("#known")).to_contain_text("Tidak ada yang ditemukan")


def test_invitations_stand_newest_first_and_page_by_page(door: Door, intake: Stage) -> None:
    invited(intake, 15)
    with door.at("ministry", PEOPLE) as page:
        rows = page.locator("#invitations strong")
        assert rows.count() == 10
        assert rows.nth(1).inner_text().startswith("1 Sekretaris")
        page.get_by_role("link", name="Undangan yang lebih lama").click()
        assert rows.count() == 5
        assert rows.last.inner_text().startswith("14 Sekretaris")
        page.get_by_role("link", name="Terbaru").click()
        assert rows.count() == 10


def test_a_coordinator_sees_the_own_agency_only_and_comes_back(door: Door, intake: Stage) -> None:
    crowd(intake, 5)
    intake.person("other", "clerk", "kota")
    with door.at("koordinator", PEOPLE) as page:
        assert len(names(page)) == 5
        assert "Kota Contoh" not in page.locator("main").inner_text()
        for words in ("other", "kota contoh"):
            door.open(page, f"{PEOPLE}?who={words}")
            assert names(page) == []
        page.get_by_role("link", name="Beranda").click()
        page.wait_for_url("**/intake/self-assessments/")


def test_an_agency_s_coordinator_is_led_to_people_and_a_clerk_is_not(office: Office) -> None:
    for who, count in (("coordinator-a", 1), ("clerk-a", 0)):
        with office.at(who) as page:
            link = page.get_by_role("navigation", name="Halaman").get_by_role("link", name="Orang")
            assert link.count() == count
            if count:
                link.click()
                page.wait_for_url(f"**{PEOPLE}")


def test_a_key_is_revoked_by_two_officers_on_a_page(door: Door) -> None:
    with (
        door.at("ministry", "/intake/keys", width=360) as first,
        door.at("ministry-2", "/intake/keys", width=360) as second,
    ):
        look(door, first, "keys")
        first.get_by_text("Usulkan pencabutan").first.click()
        first.get_by_role("button", name="Usulkan", exact=True).first.click()
        look(door, first, "keys-error")
        first.locator("input[type=datetime-local]").first.fill("2026-01-02T03:04:05")
        first.locator("textarea").first.fill(LONG_NOTE)
        first.get_by_role("button", name="Usulkan", exact=True).first.click()
        look(door, first, "keys-proposed")
        door.open(second, "/intake/keys")
        second.get_by_role("button", name="Setujui sebagai petugas kedua").click()
        expect(second.locator("main")).to_contain_text("--stolen-since 2026-01-01T20:04:05")
        look(door, second, "keys-ordered")
