"""The largest seal that there may be is taken, at both doors: 5,000 files with the longest names."""

import re
from pathlib import Path

import pytest

from deploy.local.config import CHECKOUT
from services.intake import commands
from services.intake.domain import MOST_FILES, AnswerDraft
from services.intake.schemas import AnswerInput
from shared.core.people import Caller, Grant
from shared.instrument import shipped
from shared.storage.transaction import Transaction
from tests.intake.forms import Forms
from tests.intake.rounds import CONSENT, MINUTES, A, Round, answer, exhibit, good
from tests.intake.tus import ROOT

EDITION = "spbe-59-2020"
NAME = "é" * 125 + "a.pdf"
CLERK = Caller("", "", "p-clerk-a", (Grant("clerk", "kota-a"),))


def _answer(tx: Transaction, code: str, numbers: range) -> None:
    named = [exhibit(str(number).encode(), NAME) for number in numbers]
    draft: AnswerDraft = AnswerInput().load(answer(2, evidence=named))
    commands.save_answer(tx, draft.of(A, code), draft.value, 0)


@pytest.fixture
def crowded(play: Round) -> Round:
    """A self-assessment that names as many files as one may, each by the longest name."""
    assert len(NAME.encode()) == 255
    play.load_edition(Path(CHECKOUT / f"services/intake/instruments/{EDITION}.yaml").read_text())
    play.open(edition=EDITION)
    codes = shipped(EDITION).codes
    for place, code in enumerate(codes):
        play.stage.run(_answer, code, range(place, MOST_FILES, len(codes)), caller=CLERK)
    return play


def sealed_files(play: Round) -> int:
    (submission,) = play.stage.db["submissions"].find()
    return len(submission["files"])


def test_a_program_seals_the_most_files(crowded: Round) -> None:
    order = crowded.order()
    assert len(order["manifest"]["files"]) == MOST_FILES
    good(crowded.seal_raw(order), 201)
    assert sealed_files(crowded) == MOST_FILES


def test_a_form_seals_the_most_files_that_its_page_showed_and_no_others(crowded: Round) -> None:
    forms = Forms(crowded, "coordinator-a")
    (shown,) = re.findall('name="manifest" value="([^"]*)"', forms.get("/seal").text)
    typed = {**MINUTES, "publication": "yes" if CONSENT["publication"] else "", "key": "k", "manifest": shown}
    code = shipped(EDITION).codes[0]
    change = {"answers": [{"indicator": code, "rev": 1, "facts": "Lain"}]}
    saved = crowded.as_("clerk-a").patch(f"{ROOT}/self-assessments/{A}/answers", json=change)
    assert good(saved)["answers"][0]["outcome"] == "saved"
    refused = forms.post("/seal", **typed)
    assert (refused.status_code, "Jawaban berubah sejak Anda membacanya" in refused.text) == (422, True)
    (shown,) = re.findall('name="manifest" value="([^"]*)"', refused.text)
    assert forms.post("/seal", **typed | {"manifest": shown}).status_code == 303
    assert sealed_files(crowded) == MOST_FILES
