"""Results in real browsers: two officers decide, a stranger checks a receipt, an agency reads why."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from deploy import verify_receipt
from services.intake.app import service as intake
from services.review.app import service as review
from services.scoring.app import service as scoring
from shared.core.canonical import canonical
from shared.core.settings import Settings
from shared.events.intake import AgencySet
from shared.service import Service
from tests.pages.browser import Browser, beyond
from tests.pages.door import Door, before
from tests.review.builders import Review
from tests.review.test_words import published
from tests.scoring.builders import (
    LEVELS,
    consume,
    copy_published,
    final,
    nation,
    publish,
    sealed,
    year_before,
)
from tests.scoring.test_checking import CHANGES
from tests.support.gateway import Gateway
from tests.support.stage import LONG_AGO, Stage
from tests.waiting import until

SCORES, CHECK = "/scoring/scores", "/scoring/check"
LONG = (
    "Kementerian Koordinator Bidang Contoh Pembangunan Daerah Tertinggal, Perbatasan, dan Kepulauan Terluar"
)
GOOD, BAD, NOTHING = "Asli dan tidak diubah", "Tidak sah", "Belum ada yang diperiksa"


@dataclass(frozen=True)
class Results(Door):
    """The browsers, and the scores that they look at."""

    scoring: Stage

    @property
    def receipt(self) -> dict[str, Any]:
        """The receipt of what is published."""
        return dict(self.scoring.as_(None).get("/scoring/results/s1/receipt").json or {})


@pytest.fixture(scope="module")
def all_front(
    settings_of: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """The gateway before intake, review and scoring, which gives out the public keys."""
    home: Path = tmp_path_factory.mktemp("results")
    (home / "keys").mkdir()
    keys = settings_of("scoring").keys / "keys.json"
    (home / "keys" / "keys.json").write_bytes(keys.read_bytes())
    with before(("intake", "review", "scoring"), settings_of, home) as running:
        yield running


@pytest.fixture
def results(chromium: Browser, stage: Callable[[Service], Stage], all_front: Gateway) -> Results:
    """A published result with a year before, one that waits for its approval, one for its review."""
    stage(intake)
    on = nation(stage(scoring))
    year_before(on)
    consume(on, {"submission:s1": sealed(values={**LEVELS, "1": 5})})
    consume(on, {"agency:third": AgencySet(agency="third", name="Kota Tiga", group="Kota", since=LONG_AGO)})
    consume(on, {"submission:s3": sealed("s3", agency="third", participation="2026.third")})
    on.db["scores"].update_one({"_id": "s2.final"}, {"$set": {"agency_name": LONG}})
    return Results(chromium, all_front, on)


def test_two_officers_approve_and_publish_by_pages(results: Results) -> None:
    copy_published(results.scoring, 60)
    with results.at("officer", f"{SCORES}?state=computed", width=360) as page:
        results.chromium.look(page, "scores")
        assert beyond(page) == []
        page.get_by_label(f"Pilih {LONG}").check()
        page.get_by_role("button", name="Setujui yang dipilih").click()
        results.chromium.look(page, "decisions-approve")
        page.get_by_label("Catatan").fill("Rapat pleno 12 November")
        page.get_by_role("button", name="Setujui 1 hasil").click()
        expect(page.get_by_role("status")).to_contain_text("1 dari 1 Anda setujui")
        page.get_by_role("link", name=LONG).click()
        results.chromium.look(page, "score")
        page.get_by_role("link", name="Umumkan", exact=True).click()
        expect(page.locator("#outcomes")).to_contain_text("Tidak mungkin")
        expect(page.locator("#decide")).to_have_count(0)
    with results.at("second", f"{SCORES}?state=approved", lang="en") as page:
        page.get_by_label(f"Choose {LONG}").check()
        page.get_by_role("button", name="Publish those chosen").click()
        results.chromium.look(page, "decisions-publish", lang="en")
        page.get_by_role("button", name="Publish 1 result for good").click()
        expect(page.get_by_role("status")).to_contain_text("1 of 1 is published by you")
        results.chromium.look(page, "decisions-done", lang="en")
    with results.chromium.page() as page:
        page.goto(f"{results.front.url}/scoring/results/s2")
        assert page.locator("h1").inner_text() == LONG
        assert "Rapat pleno" not in page.content()


def test_a_stranger_reads_a_result_and_the_years_of_its_agency(results: Results) -> None:
    with results.chromium.page(360) as page:
        page.goto(f"{results.front.url}/scoring/results/s1")
        expect(page.locator("#since")).to_contain_text("dari Penilaian 2025")
        results.chromium.look(page, "result-since")
        page.get_by_role("link", name="Semua hasil instansi ini").click()
        expect(page.locator("#years tbody tr")).to_have_count(2)
        results.chromium.look(page, "agency-years")


def carried(text: str | bytes) -> str:
    """The fragment of a receipt that is not deflated."""
    raw = text.encode() if isinstance(text, str) else text
    return urlsafe_b64encode(raw).decode().rstrip("=")


def outcome(page: Page, fragment: str) -> tuple[str, str]:
    """What the browser says of the receipt in a fragment, and why."""
    script = "fragment => { document.getElementById('checked').replaceChildren(); location.hash = fragment }"
    page.evaluate(script, fragment)
    expect(page.locator("#outcome")).to_be_visible()
    return page.locator("#outcome h2").inner_text(), page.locator("#outcome p").first.inner_text()


def test_a_receipt_is_checked_in_the_browser_by_the_address_of_its_code(results: Results) -> None:
    with results.chromium.page(360) as page:
        page.goto(f"{results.front.url}/scoring/results/s1")
        address = page.get_by_role("link", name="Periksa di sini").get_attribute("href") or ""
        drawn = segno.make(results.front.url + address, error="l", micro=False)
        assert re.findall(r' d="([^"]+)"', drawn.svg_inline(omitsize=True, border=4)) == page.locator(
            ".n-qr path[stroke]"
        ).evaluate_all("all => all.map(one => one.getAttribute('d'))")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
        page.goto(results.front.url + address)
        expect(page.locator("#outcome")).to_contain_text(GOOD)
        expect(page.locator("#outcome")).to_contain_text("2,95")
        expect(page.locator("#receipt")).to_have_value(re.compile(r"^{.*result:s1.*}$"))
        results.chromium.look(page, "check-here")
        assert [one for one in sent if "POST" in one or "results" in one] == []
        here = page.locator("#outcome").inner_text()
        page.get_by_role("button", name="Periksa", exact=True).click()
        page.wait_for_url(f"**{CHECK}")
        sent_in = page.locator("#outcome").inner_text()
        assert [line for line in here.splitlines() if line and line not in sent_in] == [
            "Diperiksa di peramban ini: tanda terimanya tidak dikirim ke mana pun."
        ]


def test_the_browser_says_of_wrong_receipts_what_the_service_and_the_checker_say(results: Results) -> None:
    receipt = results.receipt
    keys = json.loads((results.scoring.settings.keys / "keys.json").read_text())
    wrong = {name: canonical(change(receipt)).decode() for name, change in CHANGES.items()}
    text = canonical(receipt).decode()
    score = results.scoring.db["scores"].find_one({"_id": "s2.final"}) or {}
    wrong |= {
        "a number with a point": text.replace('"count":', '"count":1.0,"was":'),
        "another spelling of the signature": re.sub(r"(.)==", lambda end: _next(end[1]) + "==", text),
        "no such day": text.replace(receipt["at"], "2026-02-30T00:00:00.000Z"),
        "a field more": text.replace("{", '{"é": "\\u0041",', 1),
        "another exact index": text.replace(receipt["exact"], "5"),
        "an array": "[]",
    }
    unreadable = {
        "twice": text.replace("{", '{"index": "5.00",', 1),
        "cut": text[:-1],
        "half": '{"a":"\\ud800"}',
    }
    with results.chromium.page() as page:
        page.goto(f"{results.front.url}{CHECK}")
        for good in (
            text,
            b"\xef\xbb\xbf" + json.dumps(receipt, indent=2).encode(),
            canonical(score["receipt"]),
        ):
            assert outcome(page, carried(good))[0] == GOOD
        for name, one in wrong.items():
            title, reason = outcome(page, carried(one))
            assert (title, reason in there(results, one).text) == (BAD, True), name
            with pytest.raises((verify_receipt.NotValid, ValueError)):
                verify_receipt.check_receipt(json.loads(one, parse_float=verify_receipt.integer), keys)
        for name, one in unreadable.items():
            assert outcome(page, carried(one))[0] == NOTHING, name
            assert there(results, one).status_code == 422, name
        assert outcome(page, "z.AAAA")[0] == outcome(page, "%")[0] == NOTHING
        results.chromium.look(page, "check-unreadable")


def there(results: Results, text: str) -> TestResponse:
    """What the service says of a receipt."""
    answer: TestResponse = results.scoring.as_(None).post(
        CHECK, data={"receipt": text}, headers={"Accept": "text/html"}
    )
    return answer


def _next(letter: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return alphabet[alphabet.index(letter) + 1]


def test_a_browser_without_ed25519_says_so_and_leaves_it_to_the_form(results: Results) -> None:
    receipt = carried(canonical(results.receipt))
    with results.chromium.page(360) as page:
        page.add_init_script("crypto.subtle.importKey = async () => { throw new Error() }")
        page.goto(f"{results.front.url}{CHECK}#{receipt}")
        expect(page.locator("#outcome")).to_contain_text("Tekan Periksa di bawah")
        results.chromium.look(page, "check-unable")
        page.get_by_role("button", name="Periksa", exact=True).click()
        expect(page.locator("#outcome")).to_contain_text(GOOD)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_agency_reads_its_result_with_the_words(
    results: Results, stage: Callable[[Service], Stage], scripts: bool
) -> None:
    case, on = Review(stage(review)), results.scoring
    case.appoint("ani")
    case.open(activity="monitoring")
    assert case.finish("ani", {"1": 2, "2": 2, "3": "2.75"}).status_code == 200
    consume(on, {"agency:kota-a": AgencySet(agency="kota-a", name="Kota A", group="Kota", since=LONG_AGO)})
    final(on, "s-kota-a", "kota-a")
    publish(on, "s-kota-a")
    assert case.stage.consume("result:s-kota-a", published()) == "done"
    for known in (on, case.stage):
        known.person("citra", "coordinator", "kota-a")
    with results.at("citra", "/scoring/own", java_script_enabled=scripts, width=360) as page:
        page.get_by_role("link", name="Penilaian 2026").click()
        expect(page.locator("h1")).to_have_text("Kota A")
        if scripts:
            until(lambda: page.locator("[data-words-of] details").count() == 3)
            page.locator("#words-1 summary").click()
            expect(page.locator("#words-1")).to_contain_text("It covers all units.")
            results.chromium.look(page, "own")
        page.get_by_role("link", name="Baca yang ditulis para asesor").click()
        expect(page.locator("#words-3")).to_contain_text("So level 3.")
        assert not re.search(r"\b[Aa]ni\b", page.locator("main").inner_text())
        if scripts:
            results.chromium.look(page, "words")
