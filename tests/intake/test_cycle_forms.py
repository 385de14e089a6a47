"""Cycles are planned and editions loaded on pages, by forms that say what is wrong."""

import io
import json
import re
from typing import Any

import pytest
import yaml
from werkzeug.test import TestResponse

from shared.events.intake import EditionPublished
from tests.instrument.builders import SMALL, changed
from tests.intake.forms import PAGE, Forms
from tests.intake.rounds import Round
from tests.intake.tus import ROOT

NEW = "/intake/new-cycle"
FIELDS = {
    "id": "2027",
    "title": "Putaran 2027",
    "edition": "small-1",
    "opens": "2027-01-01T00:00",
    "deadline": "31 Maret 2027",
    "bytes_until": "2027-04-07 23.59",
    "max_file": "8,5",
    "quota": "2000",
    "types": ["pdf", "image"],
    "clarification_days": "10",
}


@pytest.fixture
def officer(play: Round) -> Forms:
    """An officer's browser; the edition is in force."""
    play.load_edition()
    return Forms(play, "minister")


def _is_ticked(form: str) -> bool:
    """Whether the form has the assessors' words be shown."""
    (box,) = re.findall(r'<input[^>]*name="shows_words"[^>]*>', form)
    return " checked" in box


def send(officer: Forms, place: str = NEW, **changes: Any) -> TestResponse:
    fields = {**FIELDS, **changes}
    return officer.client.post(place, data={"csrf_token": officer.csrf, **fields}, headers=PAGE)


def look(officer: Forms, place: str, status: int = 200) -> str:
    answer = officer.client.get(place, headers=PAGE)
    assert answer.status_code == status, answer.text
    return answer.text


def test_a_cycle_is_planned_changed_and_opened(officer: Forms, play: Round) -> None:
    first = look(officer, NEW)
    assert "small-1" in first
    assert _is_ticked(first)
    made = send(officer)
    assert (made.status_code, made.location) == (303, "/intake/cycles/2027?saved")
    assert "Tersimpan" in look(officer, made.location)
    shown = play.get("minister", "/cycles/2027")
    assert [shown[name] for name in ("opens", "deadline", "bytes_until")] == [
        "2026-12-31T17:00:00.000Z",
        "2027-03-31T16:59:59.000Z",
        "2027-04-07T16:59:00.000Z",
    ]
    assert shown["evidence"] == {
        "max_file_bytes": 8_500_000,
        "quota_bytes": 2_000_000_000,
        "types": ["image", "pdf"],
    }
    assert (shown["clarification_days"], shown["shows_words"]) == (10, False)
    assert "Tetap pada para asesor dan kementerian" in look(officer, "/intake/cycles/2027")
    form = look(officer, "/intake/cycles/2027/change")
    assert 'value="8.5"' in form
    assert 'value="2027-03-31T23:59:59"' in form
    assert 'value="10"' in form
    assert not _is_ticked(form)
    again = {"title": "Putaran baru", "max_file": "8.5", "shows_words": "1"}
    changed = send(officer, "/intake/cycles/2027/change", rev="1", **again)
    assert changed.status_code == 303
    assert play.get("minister", "/cycles/2027")["shows_words"] is True
    assert _is_ticked(look(officer, "/intake/cycles/2027/change"))
    stale = send(officer, "/intake/cycles/2027/change", rev="1", title="Ketiga")
    assert (stale.status_code, 'name="rev" value="2"' in stale.text) == (409, True)
    assert "Putaran baru" in stale.text
    play.post("minister", "/cycles/2027/open")
    refused = send(officer, "/intake/cycles/2027/change", rev="3", title="Keempat")
    assert refused.status_code == 409
    assert officer.client.get("/intake/cycles/2027/change", headers=PAGE).location == "/intake/cycles/2027"
    assert play.get("minister", "/cycles/2027")["title"] == "Putaran baru"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        (dict.fromkeys(FIELDS, ""), 10),
        ({"clarification_days": "0"}, 1),
        ({"clarification_days": "91"}, 1),
        ({"clarification_days": "seminggu"}, 1),
        ({"id": "Siklus 2027", "max_file": "banyak", "quota": "-1", "types": ["exe"]}, 4),
        ({"opens": "kemarin", "deadline": "2027-13-01", "bytes_until": "x"}, 3),
        ({"deadline": "2026-01-01"}, 1),
        ({"max_file": "3000"}, 1),
        ({"edition": "none"}, 1),
        ({"max_file": "0"}, 1),
    ],
)
def test_a_plan_that_does_not_fit_is_said_at_its_fields(
    officer: Forms, play: Round, changes: dict[str, Any], faults: int
) -> None:
    before = play.stage.state()
    refused = send(officer, **changes)
    assert (refused.status_code, refused.text.count("govuk-error-message")) == (422, faults)
    assert play.stage.state() == before


def test_a_form_without_an_edition_in_force_says_so(play: Round) -> None:
    play.post("minister", "/editions", {"yaml": SMALL}, 201)
    officer = Forms(play, "minister")
    assert "Belum ada edisi yang berlaku" in look(officer, NEW)
    assert send(officer).status_code == 409


def upload(officer: Forms, text: bytes, name: str = "edisi.yaml") -> TestResponse:
    return officer.client.post(
        f"/intake/new-edition?csrf_token={officer.csrf}",
        data={"file": (io.BytesIO(text), name)},
        headers=PAGE,
    )


def test_an_edition_is_loaded_looked_at_and_published(officer: Forms, play: Round) -> None:
    look(officer, "/intake/new-edition")
    text = changed(("id: small-1", "id: small-2"))
    sent = upload(officer, text.encode())
    assert (sent.status_code, sent.location) == (303, "/intake/editions/small-2?loaded")
    assert "Terbitkan untuk seterusnya" in look(officer, sent.location)
    assert upload(officer, text.replace("Kecil", "Lain").encode()).status_code == 303
    for _ in range(2):
        done = officer.client.post(
            "/intake/editions/small-2/publish", data={"csrf_token": officer.csrf}, headers=PAGE
        )
        assert (done.status_code, done.location) == (303, "/intake/editions/small-2")
    assert "Terbitkan untuk seterusnya" not in look(officer, done.location)
    assert [one.edition for one in play.stage.published(EditionPublished)] == ["small-1", "small-2"]
    assert 'href="/intake/editions/small-2/file"' in look(officer, done.location)
    refused = upload(officer, text.encode())
    assert (refused.status_code, "sudah" in refused.text) == (409, True)


def test_the_file_of_an_edition_begins_another_one(officer: Forms, play: Round) -> None:
    taken = officer.client.get("/intake/editions/small-1/file", headers=PAGE)
    assert taken.headers["Content-Disposition"] == 'attachment; filename="small-1.json"'
    look(officer, "/intake/new-edition")
    again = upload(officer, taken.data.replace(b'"small-1"', b'"small-3"'), "edisi.json")
    assert (again.status_code, again.location) == (303, "/intake/editions/small-3?loaded")
    same = officer.client.get("/intake/editions/small-3/file", headers=PAGE)
    assert same.data == taken.data.replace(b'"small-1"', b'"small-3"')
    assert officer.client.get("/intake/editions/none/file", headers=PAGE).status_code == 404


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        (b"", 422, "Pilih berkas"),
        (b"\xff\xfe\xff", 400, "tidak dapat dibaca"),
        (
            SMALL.replace("weight: 100", "weight: 99").encode(),
            422,
            "jumlah bobot simpul teratas 100, bukan 99",
        ),
        (b"id: [", 422, "bukan YAML yang benar"),
        (b"%PDF-1.7", 422, "Baris"),
    ],
)
def test_a_file_that_is_no_edition_is_said_line_by_line(
    officer: Forms, play: Round, text: bytes, status: int, says: str
) -> None:
    before = play.stage.state()
    refused = upload(officer, text)
    assert (refused.status_code, says in refused.text) == (status, True), refused.text
    assert play.stage.state() == before


def test_an_english_reader_reads_english_and_a_program_the_code(officer: Forms, play: Round) -> None:
    text = SMALL.replace("weight: 100", "weight: 99")
    officer.client.set_cookie("lang", "en")
    page = upload(officer, text.encode()).text
    said = "the weights of the top nodes add up to 100, not 99"
    assert (said in page, "jumlah bobot" in page) == (True, False)
    refused = play.as_("minister").post(f"{ROOT}/editions", json={"yaml": text})
    assert refused.json is not None
    (problem,) = refused.json["errors"]
    assert (problem["detail"], problem["code"], problem["field"]) == (said, "top-weights", "weight")


def test_an_edition_may_be_sent_as_json(officer: Forms) -> None:
    text = json.dumps(yaml.safe_load(changed(("id: small-1", "id: small-3"))))
    assert upload(officer, text.encode(), "edisi.json").status_code == 303
