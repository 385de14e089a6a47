"""Evidence from a browser over a bad line: what was sent is not sent again, whatever ends in between."""

import time
from collections.abc import Callable
from dataclasses import replace
from math import inf
from os import environ
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.intake.files import digest, pdf
from tests.intake.rounds import A, answer, exhibit
from tests.pages.agency import Office
from tests.pages.browser import faults
from tests.support.gateway import Gateway
from tests.support.proxy import Proxy
from tests.waiting import until

MIB = 1024 * 1024
SLOW = 256_000 // 8
"""Bytes a second."""
SLOW_BYTES = int(environ.get("SLOW_LINE_MIB", "1")) * MIB


@pytest.fixture
def office(office: Office) -> Office:
    """The office when everything is answered and no file was sent."""
    office.round.answer_all(A)
    return office


def choose(page: Page, file: Path) -> None:
    page.locator("#choose").set_input_files(file)


def acknowledged(office: Office) -> int:
    found = office.round.stage.db["uploads"].find_one() or {}
    return int(found.get("offset", 0))


def until_named(office: Office, page: Page, file: Path) -> None:
    """Wait until the file is here whole, and named by the answer."""
    office.until_inspected(page, file.name, "Diterima")
    until(lambda: [each["sha256"] for each in office.stored("1")["evidence"]] == [digest(file.read_bytes())])


def test_an_upload_goes_on_after_its_tab_was_closed(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "peraturan.pdf"
    file.write_bytes(pdf("Peraturan", 3 * MIB))
    sent: list[tuple[str, str | None]] = []

    def note(request: Request) -> None:
        if "/uploads/" in request.url and request.method in ("POST", "PATCH"):
            sent.append((request.method, request.headers.get("upload-offset")))

    with office.at("clerk-a", "/indicators/1") as page:
        page.route("**/uploads/**", lambda route: route.abort() if has_sent(sent, 2) else route.continue_())
        page.on("request", note)
        choose(page, file)
        until_of_page(page, lambda: acknowledged(office) >= MIB)
        again = page.context.new_page()
        page.close()
        sent.clear()
        again.on("request", note)
        office.open(again, "/indicators/1")
        choose(again, file)
        until_named(office, again, file)
    method, offset = sent[0]
    assert (method, int(offset or 0) >= MIB) == ("PATCH", True), "it began anew"
    assert office.round.stage.db["uploads"].count_documents({}) == 1


@pytest.mark.parametrize(("method", "place"), [("POST", "begin"), ("PATCH", "send")])
def test_an_upload_that_fails_for_good_is_told_to_the_server(
    office: Office, tmp_path: Path, method: str, place: str
) -> None:
    file = tmp_path / "rahasia.pdf"
    file.write_bytes(pdf("Rahasia", MIB))

    def refuse(route: Route) -> None:
        if route.request.method == method:
            route.fulfill(status=413, content_type="text/html", body="<h1>413</h1>")
        else:
            route.continue_()

    with office.at("clerk-a", "/indicators/1") as page:
        page.route("**/uploads/**", refuse)
        with page.expect_request("**/upload-failures") as told:
            choose(page, file)
        assert told.value.post_data_json == {"stage": place, "status": 413}
        answer = told.value.response()
        assert answer
        assert answer.status == 204
        row = page.locator("#files li", has_text=file.name)
        expect(row).to_contain_text("Berkas tidak dapat dikirim")
        expect(row).not_to_contain_text("tus:")
        office.chromium.look(page, f"agency-file-failed-{place}")


def test_without_scripts_a_form_sends_a_file_and_another_takes_it_away(
    office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "peraturan daerah.pdf"
    file.write_bytes(pdf("Peraturan", 3 * MIB))
    with office.at("clerk-a", "/indicators/1", java_script_enabled=False) as page:
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name="Kirim berkas ini").click()
        row = page.locator("#files li", has_text=file.name)
        assert "Sedang diperiksa" in row.inner_text()
        office.round.stage.run_jobs()
        page.reload()
        assert "Diterima" in row.inner_text()
        assert [each["sha256"] for each in office.stored("1")["evidence"]] == [digest(file.read_bytes())]
        office.chromium.keep(page, "agency-plain-file")
        page.get_by_role("button", name=f"Lepas: {file.name}").click()
        assert office.stored("1")["evidence"] == []


def test_a_file_of_another_indicator_is_used_without_sending_it_again(office: Office) -> None:
    office.round.put("officer-a", f"/self-assessments/{A}/answers/2", answer(evidence=[exhibit()]), 1)
    with office.at("clerk-a", "/indicators/1") as page:
        page.locator("#facts").fill("Lihat halaman 3")
        page.get_by_text("Pakai berkas indikator lain").click()
        page.locator("#again").select_option(label="peraturan.pdf (2)")
        assert faults(page) == []
        page.get_by_role("button", name="Pakai juga di sini").click()
        assert "juga di indikator 2" in page.locator("#files li").inner_text()
        expect(page.locator("#facts")).to_have_value("Lihat halaman 3")
        assert page.locator("#again").count() == 0
    assert [each["name"] for each in office.stored("1")["evidence"]] == ["peraturan.pdf"]
    assert office.round.stage.db["uploads"].count_documents({}) == 0


def test_without_scripts_a_refused_file_says_why(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "surat.pdf"
    file.write_bytes(b"no pdf at all")
    with office.at("clerk-a", "/indicators/1", java_script_enabled=False) as page:
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name="Kirim berkas ini").click()
        assert "Menurut isinya" in page.locator("#file-error").inner_text()
        assert office.stored("1")["evidence"] == []
        office.chromium.keep(page, "agency-plain-refused")


def has_sent(sent: list[tuple[str, str | None]], parts: int) -> bool:
    return [method for method, _ in sent].count("PATCH") >= parts


def test_a_file_comes_whole_over_a_slow_line_that_is_cut_twice(
    office: Office, slow_front: tuple[Gateway, Proxy], tmp_path: Path
) -> None:
    front, line = slow_front
    far = replace(office, front=front)
    far.round.stage.db["cycles"].update_many({}, {"$set": {"evidence.max_file_bytes": 64 * MIB}})
    far.round.stage.db["cycles"].update_many({}, {"$set": {"evidence.quota_bytes": 128 * MIB}})
    file = tmp_path / "lampiran.pdf"
    file.write_bytes(pdf("Lampiran", SLOW_BYTES))
    begun: list[Request] = []
    resumed: list[int] = []
    with far.at("clerk-a", "/indicators/1") as page:
        page.on(
            "request", lambda request: begun.append(request) if "upload-offset" in request.headers else None
        )
        line.bytes_a_second, line.forwarded = SLOW, 0
        began = time.monotonic()
        choose(page, file)
        for part in (1, 2):
            until_of_page(page, lambda part=part: line.forwarded > part * SLOW_BYTES / 3)  # type: ignore[misc]
            before = len(begun)
            line.cut()
            until_of_page(page, lambda before=before: len(begun) > before)  # type: ignore[misc]
            resumed.append(int(begun[before].headers["upload-offset"]))
        until_of_page(page, lambda: "Sedang diperiksa" in page.locator("#files").inner_text())
        assert time.monotonic() - began > 0.8 * SLOW_BYTES / SLOW
        line.bytes_a_second = inf
        until_named(far, page, file)
    first, second = resumed
    assert 0 < first < second
    assert (first > SLOW_BYTES / 3 - MIB, second > 2 * SLOW_BYTES / 3 - MIB) == (True, True)
    assert far.round.stage.db["uploads"].count_documents({}) == 1


def until_of_page(page: Page, condition: Callable[[], bool]) -> None:
    """Wait, for as long as a slow line takes, until something holds; the page goes on meanwhile."""
    end = time.monotonic() + 60 + 2 * SLOW_BYTES / SLOW
    while not condition():
        assert time.monotonic() < end
        page.wait_for_timeout(100)
