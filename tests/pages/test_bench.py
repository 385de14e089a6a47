"""The bench in a browser: a case rated by keyboard, the lease, what is typed while the line is away."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from shared.core.ids import utcnow
from tests.pages.browser import faults
from tests.pages.review import LONG_AGENCY, QUEUE, Bench, bench, review_front
from tests.review.builders import EXPLANATION
from tests.waiting import until

__all__ = ["bench", "review_front"]


def claimed(bench: Bench, who: str = "ani") -> str:
    """The id of a task that somebody holds; intake knows nothing of its files."""
    bench.review.open()
    task = bench.review.open_task()
    bench.review.claim(who, task)
    return task


def saved(page: Page) -> None:
    """Wait until the page says that everything is saved."""
    expect(page.locator("#saved")).to_contain_text("Tersimpan")


def test_axe_finds_nothing_at_the_bench_nor_at_its_end(bench: Bench) -> None:
    task = claimed(bench)
    bench.review.stage.db["agencies"].update_one({"_id": "kota-a"}, {"$set": {"name": LONG_AGENCY}})
    with bench.at("ani", f"{QUEUE}/{task}/indicators/1") as page:
        page.get_by_label("Dua").check()
        saved(page)
        for lang in ("id", "en"):
            for path in ("indicators/1", "indicators/3", "end"):
                page.goto(f"{bench.front.url}{QUEUE}/{task}/{path}?lang={lang}")
                bench.chromium.look(page, f"bench-{path.replace('/', '-')}-{lang}", lang)


def rated(bench: Bench) -> dict[str, dict[str, object]]:
    """What ani has saved so far, by indicator."""
    task = bench.review.get("ani", "/cases/s-kota-a").json["task"]
    return {each["indicator"]: each for each in task["ratings"]} if task else {}


def test_a_value_that_is_proposed_is_taken_with_one_press(bench: Bench) -> None:
    task = claimed(bench)
    with bench.at("ani", f"{QUEUE}/{task}/indicators/3") as page:
        page.get_by_label("Anggaran").check()
        proposal = page.locator("#proposal")
        expect(proposal).to_contain_text("1,50: 1 dari 2 bukti tingkat 1 diterima")
        for lang in ("id", "en"):
            page.goto(f"{bench.front.url}{QUEUE}/{task}/indicators/3?lang={lang}")
            bench.chromium.look(page, f"bench-proposal-{lang}", lang)
        page.goto(f"{bench.front.url}{QUEUE}/{task}/indicators/3?lang=id")
        page.get_by_role("button", name="Ambil nilai ini").click()
        until(lambda: rated(bench)["3"]["value"] == "1.5")
        expect(page.locator("#take")).to_have_count(0)
        page.get_by_label("Ada rencana.").check()
        expect(page.locator("#follows")).to_contain_text("Tingkat 1")
        page.locator("#value").fill("2,25")
        page.locator("#value").blur()
        expect(proposal).to_contain_text("nilai Anda berbeda")
        expect(page.locator("#follows")).to_contain_text("pilihan Anda berbeda")


def write(page: Page) -> None:
    """Write the three texts with nothing but keys, and leave them."""
    page.keyboard.press("w")
    for name, text in EXPLANATION.items():
        expect(page.locator(f"#{name}")).to_be_focused()
        page.keyboard.type(text)
        if name != "justification":
            page.keyboard.press("Tab")
    page.keyboard.press("Escape")


def test_a_whole_case_is_rated_by_keyboard(bench: Bench) -> None:
    bench.review.open()
    with bench.at("ani", QUEUE) as page:
        page.get_by_role("button", name="Ambil").focus()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Satu")
        for code in ("1.1.a", "1.2.a", "1.2.b"):
            page.keyboard.press("t")
            while page.evaluate("document.activeElement.value") != code:
                page.keyboard.press("Tab")
            page.keyboard.press("Space")
        expect(page.get_by_label("Dua")).to_be_checked()
        expect(page.locator("#follows")).to_have_text("Tingkat 2 menurut syarat yang dicentang")
        page.keyboard.press("3")
        expect(page.locator("#follows")).to_contain_text("pilihan Anda berbeda")
        write(page)
        page.keyboard.press("j")
        expect(page.locator("h1")).to_have_text("Dua")
        assert rated(bench)["1"]["value"] == "3"
        assert rated(bench)["1"]["conditions"] == ["1.1.a", "1.2.a", "1.2.b"]
        page.keyboard.press("2")
        write(page)
        page.keyboard.press("c")
        page.keyboard.type("Sejak kapan?")
        page.keyboard.press("Escape")
        expect(page.locator("#asked")).to_have_text("Pertanyaan tersimpan")
        page.keyboard.press("j")
        expect(page.locator("h1")).to_have_text("Tiga")
        page.wait_for_load_state()
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        expect(page.locator("#keys")).to_contain_text("1 … 3mulai menulis nilai")
        page.keyboard.press("Escape")
        page.keyboard.press("2")
        expect(page.locator("#value")).to_be_focused()
        page.keyboard.type(",75")
        page.keyboard.press("Escape")
        write(page)
        page.keyboard.press("k")
        expect(page.locator("h1")).to_have_text("Dua")
        page.keyboard.press("e")
        expect(page.locator("#asked")).to_contain_text("Sejak kapan?")
        expect(page.locator("#missing")).to_have_count(0)
        page.get_by_role("button", name="Selesaikan tugas").focus()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Tugas")
        expect(page.get_by_role("status")).to_contain_text("Tugas selesai")
    (done,) = bench.review.stage.db["tasks"].find({"stage": "document"})
    assert (done["state"], len(done["rated"])) == ("finished", 3)
    assert [task["indicators"] for task in bench.review.stage.db["tasks"].find({"stage": "interview"})] == [
        ["2"]
    ]


def test_keys_do_nothing_while_one_writes_nor_when_they_are_switched_off(bench: Bench) -> None:
    task = claimed(bench)
    with bench.at("ani", f"{QUEUE}/{task}/indicators/1") as page:
        page.locator("#facts").focus()
        page.keyboard.type("j3?/")
        expect(page.locator("#facts")).to_have_value("j3?/")
        expect(page.locator("h1")).to_have_text("Satu")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        assert faults(page) == []
        bench.chromium.keep(page, "bench-keys")
        page.get_by_label("Pintasan aktif").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("3")
        page.reload()
        page.keyboard.press("3")
        page.keyboard.press("j")
        expect(page.locator("h1")).to_have_text("Satu")
        expect(page.get_by_label("Tiga")).not_to_be_checked()


def test_what_two_windows_type_is_shown_in_both_and_loses_nothing(bench: Bench) -> None:
    task = claimed(bench)
    place = f"{QUEUE}/{task}/indicators/1"
    with bench.at("ani", place) as one, bench.at("ani", place) as other:
        one.locator("#facts").fill("Dari jendela pertama")
        saved(one)
        other.locator("#analysis").fill("Dari jendela kedua")
        saved(other)
        expect(other.locator("#facts")).to_have_value("Dari jendela pertama")
        other.get_by_label("Sudah ditetapkan.").check()
        until(lambda: rated(bench)["1"]["conditions"] == ["1.2.a"])
        one.get_by_label("Ada rancangan.").check()
        expect(one.locator("#conditions-stored")).to_contain_text("1.2.a")
        one.get_by_role("button", name="Ambil yang ini").click()
        saved(one)
    assert rated(bench)["1"]["conditions"] == ["1.2.a"]


def test_a_lease_that_lapses_under_an_open_bench_is_told_and_what_was_typed_waits(bench: Bench) -> None:
    task = claimed(bench)
    with bench.at("ani", f"{QUEUE}/{task}/indicators/1") as page:
        bench.review.run_out(task)
        fence = bench.review.claim("budi", task)
        page.locator("#facts").fill("Tidak boleh hilang")
        expect(page.locator("#lease")).to_contain_text("Anda tidak lagi memegang tugas ini")
        expect(page.locator("#saved")).to_contain_text("Belum tersimpan")
        bench.review.post("budi", f"/tasks/{task}/release", {"fence": fence})
        page.get_by_role("link", name="Ke daftar tugas").click()
        page.get_by_role("button", name="Ambil").click()
        expect(page.locator("#facts")).to_have_value("Tidak boleh hilang")
        saved(page)
    assert rated(bench)["1"]["facts"] == "Tidak boleh hilang"


def test_what_is_typed_while_the_line_is_away_goes_when_it_is_back(bench: Bench) -> None:
    task = claimed(bench)
    with bench.at("ani", f"{QUEUE}/{task}/indicators/1") as page:
        page.context.set_offline(True)
        page.locator("#facts").fill("Ditulis tanpa sambungan")
        expect(page.locator("#saved")).to_contain_text("Sambungan terputus")
        page.context.set_offline(False)
        saved(page)
    assert rated(bench)["1"]["facts"] == "Ditulis tanpa sambungan"


def test_an_open_page_renews_the_lease(bench: Bench) -> None:
    task = claimed(bench)
    soon = {"$set": {"until": utcnow() + timedelta(seconds=30)}}
    bench.review.stage.db["tasks"].update_one({"_id": task}, soon)
    with bench.at("ani", f"{QUEUE}/{task}/indicators/1") as page:
        before = page.locator("#lease").inner_text()
        expect(page.locator("#lease")).not_to_have_text(before, timeout=60_000)
    (held,) = bench.review.stage.db["tasks"].find()
    assert held["until"] > utcnow() + timedelta(minutes=20)
