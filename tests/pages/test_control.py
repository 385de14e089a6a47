"""The ministry's way to a running cycle and its control room, in real browsers and both languages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.intake.app import service
from shared.service import Service
from shared.web.catalogues import folders, read
from tests.instrument.builders import changed
from tests.intake.rounds import Round, agency, people
from tests.intake.stories import begin
from tests.pages.browser import Browser, foreign
from tests.pages.door import Door
from tests.support.gateway import Gateway
from tests.support.stage import Stage

CYCLES = "/intake/cycles"
LONG = (
    "Kementerian Koordinator Bidang Contoh Pembangunan Daerah Tertinggal, Perbatasan, dan Kepulauan Terluar"
)


@pytest.fixture
def round(stage: Callable[[Service], Stage]) -> Round:
    """Intake with its people and an edition in force."""
    found = Round(stage(service))
    people(found.stage)
    found.load_edition()
    return found


@pytest.fixture
def door(chromium: Browser, door_front: Gateway, round: Round) -> Door:
    """The browsers of the ministry."""
    return Door(chromium, door_front)


def in_language(lang: str) -> Callable[..., str]:
    """What a sentence of intake or of all services is in a language."""
    known = [read(folders()[name]) for name in ("intake", "shared")]

    def say(text: str, **values: str) -> str:
        found = next((one.get(text) for one in known if one.get(text)), None)
        assert found is not None, text
        return str(found.string if lang == "id" else text) % values

    return say


def choose(page: Page, file: Path, text: str, button: str) -> None:
    """Choose a file with this text and send it."""
    file.write_bytes(text.encode("utf-8-sig"))
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name=button).click()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_cycle_from_its_plan_to_its_control_room(
    door: Door, round: Round, tmp_path: Path, lang: str
) -> None:
    say, file = in_language(lang), tmp_path / "lokus.csv"
    for name in ("kota-a", "kota-b"):
        round.put("minister", f"/agencies/{name}", agency(name), status=201)
    with door.at("minister", CYCLES, lang=lang) as page:
        page.get_by_role("link", name=say("Plan a cycle")).click()
        page.locator("#id").fill("2027")
        page.locator("#title").fill("Putaran 2027")
        page.locator("#edition").select_option("small-1")
        page.locator("#opens").fill("2021-01-01T00:00:00")
        page.locator("#deadline").fill("2020-01-01T00:00:00")
        page.locator("#bytes_until").fill("2100-01-01T00:00:00")
        page.get_by_role("button", name=say("Save"), exact=True).click()
        expect(page.locator(".govuk-error-message")).to_have_count(1)
        door.chromium.look(page, f"ministry-cycle-form-{lang}", lang)
        page.locator("#deadline").fill("2099-12-31T23:59:59")
        page.get_by_role("button", name=say("Save"), exact=True).click()
        page.get_by_role("link", name=say("Agencies that take part"), exact=True).click()
        page.get_by_role("link", name=say("Import"), exact=True).click()
        show = say("Show what it would do")
        choose(page, file, "agency;activity\r\nkota-a;monitoring\r\nkota-c;monitorin\r\n", show)
        expect(page.locator(".govuk-table__row--bad")).to_have_count(1)
        page.get_by_role("link", name=say("Send the corrected file")).click()
        choose(page, file, "agency;activity\r\nkota-a;monitoring\r\nkota-b;monitoring\r\n", show)
        page.get_by_role("button", name=say("Save exactly this")).click()
        expect(page.get_by_role("status")).to_contain_text("2")
        door.open(page, f"{CYCLES}/2027")
        page.get_by_role("button", name=say("Open the cycle for good")).click()
        page.get_by_role("link", name=say("Control room")).click()
        assert foreign(page, lang) == []
        page.locator(".n-figures a", has_text=say("Answering")).first.click()
        expect(page.get_by_role("link", name="kota-")).to_have_count(2)
        expect(page.locator("#state")).to_have_value("answering")


def test_the_control_room_of_a_cycle_that_runs(door: Door, round: Round) -> None:
    on = round.stage
    ways = [("monitoring", False, "late"), *[("evaluation", True, "completed")] * 4]
    stories = begin(on, ways)
    for story, steps, way in zip(stories[1:], (2, 3, 5, 9), ([7], [7, 1], [7] * 9, [7] * 9), strict=True):
        for envelope in story.play(on, steps, iter(way)):
            on.consume_all(envelope)
    on.db["agencies"].update_one({"_id": "kota-2"}, {"$set": {"name": LONG}})
    id = stories[0].participation.cycle
    with door.at("minister", f"{CYCLES}/{id}/control") as page:
        expect(page.locator(".n-late")).to_have_count(3)
        door.chromium.look(page, "ministry-control")
        page.locator("td a", has_text="1").first.click()
        expect(page.get_by_role("rowheader")).to_have_count(1)
        door.open(page, f"{CYCLES}/{id}/participations")
        door.chromium.look(page, "ministry-places")


def test_an_edition_that_does_not_add_up_and_one_that_does(door: Door, tmp_path: Path) -> None:
    say, file = in_language("id"), tmp_path / "edisi.yaml"
    with door.at("minister", "/intake/editions") as page:
        page.get_by_role("link", name=say("Load an edition")).click()
        check = say("Check and save as a draft")
        choose(page, file, changed(("weight: 100", "weight: 99"), ("small-1", "small-2")), check)
        door.chromium.look(page, "ministry-edition-problems")
        choose(page, file, changed(("small-1", "small-2")), check)
        door.chromium.look(page, "ministry-edition-draft")
        page.get_by_role("button", name=say("Publish it for good")).click()
        expect(page.locator("main")).to_contain_text(say("in force"))
