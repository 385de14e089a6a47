"""A question from the bench to the agency's page and back: asked, answered with a file after the seal, looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.intake import commands
from services.intake.app import service as intake
from services.intake.domain import Participation
from services.intake.schemas import AgencyInput, AnswerInput, CycleInput
from shared.core.people import Caller, Grant
from shared.events import decode
from shared.service import Service
from shared.storage.transaction import Transaction
from tests.intake.pdfs import document, text
from tests.intake.rounds import MINISTER, A, Round, agency, answer, cycle, people
from tests.pages.review import QUEUE, Bench, bench, review_front
from tests.review.builders import CODES, EDITION
from tests.support.stage import Stage
from tests.waiting import until

__all__ = ["bench", "review_front"]

HOME = f"/intake/self-assessments/{A}"
QUESTION = "Di halaman berapa dewan itu dibentuk, dan sejak kapan ia bekerja?"
ANSWER = "Keputusan Wali Kota 7/2026, halaman 2, menetapkan susunannya."


def _open(tx: Transaction) -> None:
    commands.load_edition(tx, EDITION)
    commands.publish_edition(tx, EDITION.id)
    commands.set_cycle(tx, CycleInput().load(cycle(edition=EDITION.id)).of("2026"))
    commands.open_cycle(tx, "2026")
    commands.set_agency(tx, AgencyInput().load(agency("Pemerintah Kota Contoh")).of("kota-a"))
    commands.set_participation(tx, Participation(A, "2026", "kota-a", "evaluation", visit=False))


def _answer(tx: Transaction) -> None:
    for code in CODES:
        draft = AnswerInput().load(answer(2))
        commands.save_answer(tx, draft.of(A, code), draft.value, 0)


@dataclass(frozen=True)
class Both:
    """Intake and review with the browsers before them; events go from one to the other when they are carried."""

    bench: Bench
    round: Round

    def carry(self) -> None:
        """Have each service handle what the other has published."""
        pair = (self.round.stage, self.bench.review.stage)
        for producer, consumer in (pair, pair[::-1]):
            for row in producer.db["outbox"].find().sort([("at", 1), ("_id", 1)]):
                event = decode(bytes(row["body"]))
                if type(event.event) in consumer.handlers and not consumer.db["inbox"].find_one(
                    {"_id": event.key}
                ):
                    assert consumer.consume_all(event)[event.id] in ("done", "superseded"), event.type

    def until_here(self, page: Page, name: str) -> None:
        """Have what has come inspected as a worker does, until the page says that it is accepted."""
        row = page.locator("#files li", has_text=name)

        def done() -> bool:
            self.round.stage.run_jobs()
            page.wait_for_timeout(100)
            return "Diterima" in row.inner_text()

        until(done)


@pytest.fixture
def both(bench: Bench, stage: Callable[[Service], Stage]) -> Both:
    """A submission that is sealed in intake, complete, and under review."""
    on = stage(intake)
    people(on)
    on.run(_open, caller=MINISTER)
    on.run(_answer, caller=Caller("", "", "p-clerk-a", (Grant("clerk", "kota-a"),)))
    round = Round(on)
    round.seal()
    found = Both(bench, round)
    found.carry()
    return found


def ask(both: Both) -> None:
    """Ask at the bench by hand, and finish the stage."""
    review = both.bench.review
    task = review.open_task()
    fence = review.claim("ani", task)
    for code in CODES:
        assert review.rate("ani", task, fence, code, 2, pins=[]).status_code == 200
    with both.bench.at("ani", f"{QUEUE}/{task}/indicators/1") as page:
        page.locator("#question").fill(QUESTION)
        expect(page.locator("#asked")).to_have_text("Pertanyaan tersimpan")
        page.get_by_role("link", name="Selesaikan tugas").first.click()
        expect(page.locator("main")).to_contain_text("nama Anda tidak disebut")
        page.get_by_role("button", name="Selesaikan tugas").click()
        expect(page.locator("h1")).to_have_text("Tugas")
    both.carry()


def test_a_question_is_asked_answered_with_a_file_and_its_answer_looked_at(
    both: Both, tmp_path: Path
) -> None:
    bench = both.bench
    file = tmp_path / "keputusan-7.pdf"
    file.write_bytes(document(text("Keputusan Wali Kota Nomor 7"), text("Susunan dewan")))
    ask(both)
    with bench.at("clerk-a", HOME) as page:
        bench.chromium.look(page, "questions-home")
        expect(page.locator("#questions")).to_contain_text(QUESTION)
        page.locator("#questions").get_by_role("link", name="Jawab sekarang").click()
        page.locator("#words").fill(ANSWER)
        expect(page.locator("#saved")).to_contain_text("Tersimpan")
        page.locator("#choose").set_input_files(file)
        both.until_here(page, "keputusan-7.pdf")
        expect(page.locator("#saved")).to_contain_text("Tersimpan")
        expect(page.get_by_role("button", name="Kirim untuk selamanya")).to_have_count(0)
        place = page.url
        page.reload()
        expect(page.locator("#words")).to_have_value(ANSWER)
        expect(page.locator("#files")).to_contain_text("keputusan-7.pdf")
        bench.chromium.look(page, "question-open")
    with bench.at("officer-a", place.removeprefix(bench.front.url)) as page:
        page.goto(f"{place}?lang=en")
        bench.chromium.look(page, "question-send", "en")
        page.get_by_role("button", name="Send for good").click()
        expect(page.locator("#words")).to_have_count(0)
        page.goto(f"{place}?lang=en")
        expect(page.locator("main")).to_contain_text("Answered")
        bench.chromium.look(page, "question-sent", "en")
        page.goto(f"{bench.front.url}{HOME}/questions?lang=id")
        bench.chromium.look(page, "questions")
    both.carry()
    task = bench.review.open_task()
    bench.review.claim("budi", task)
    with bench.at("budi", f"{QUEUE}/{task}/indicators/1") as page:
        expect(page.locator("main")).to_contain_text(ANSWER)
        image = page.locator("#image")
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 1200
        bench.chromium.look(page, "bench-answered")
        page.goto(f"{bench.front.url}{QUEUE}/{task}/indicators/1?lang=en")
        bench.chromium.look(page, "bench-answered-en", "en")


def test_a_question_that_nobody_answers_is_asked_anew(both: Both) -> None:
    bench = both.bench
    ask(both)
    task = bench.review.open_task()
    bench.review.claim("budi", task)
    with bench.at("budi", f"{QUEUE}/{task}/indicators/1") as page:
        page.get_by_text("Tanya lagi atau tarik kembali").click()
        page.locator("#anew-interview").fill("Sejak kapan?")
        page.get_by_role("button", name="Kirim pertanyaan").click()
        expect(page.locator("main")).to_contain_text("Sejak kapan?")
        bench.chromium.look(page, "bench-asked")
    both.carry()
    with bench.at("officer-a", f"{HOME}/questions") as page:
        expect(page.locator("main")).to_contain_text("Sejak kapan?")
