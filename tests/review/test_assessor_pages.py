"""Assessors at the ministry's pages: found, appointed by form, changed, their appointment ended."""

from datetime import UTC, datetime

import pytest

from shared.events.intake import MemberGrant, MemberSet
from shared.events.review import TaskReleased
from tests.review.builders import Review
from tests.review.ministry import ASSESSORS, FORM, NEW, Pages, officer_of


@pytest.fixture
def officer(review: Review) -> Pages:
    return officer_of(review)


def test_somebody_is_appointed_by_form_under_an_id_made_from_the_name(officer: Pages, review: Review) -> None:
    sent = officer.send(NEW, **FORM, employer_agency="kota-b", until="2099-12-31T23:59")
    assert (sent.status_code, sent.location) == (303, f"{ASSESSORS}/ani-suryani?done=saved")
    stored = review.get("officer", "/assessors/ani-suryani").json
    assert (stored["name"], stored["subject"], stored["issuer"], stored["employer_agency"]) == (
        "Ani Suryani",
        "ani",
        review.stage.settings.oidc_issuer,
        "kota-b",
    )
    assert (stored["since"], stored["until"]) == ("2025-12-31T17:00:00.000Z", "2099-12-31T16:59:00.000Z")
    text = officer.text(sent.location)
    for said in (
        "Saved",
        "Ani Suryani",
        "appointed",
        "Kota-B",
        "is the employer",
        "No task was held yet.",
    ):
        assert said in text
    namesake = officer.send(NEW, **{**FORM, "name": "Áni  Suryani!", "subject": "ani-2"})
    assert namesake.location == f"{ASSESSORS}/ani-suryani-2?done=saved"
    assert officer.send(NEW, **{**FORM, "name": "王", "subject": "w"}).location.startswith(
        f"{ASSESSORS}/assessor?"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Write the name of the person."),
        ({"name": "a\u202eb"}, "Write one line of at most 200 characters"),
        ({"subject": ""}, "Say how the identity provider knows the person."),
        ({"subject": "a b"}, "holds U+0020 SPACE"),
        ({"subject": "x" * 301}, "Write at most 300 characters"),
        ({"since": ""}, "Say since when the person is appointed."),
        ({"since": "kemarin"}, "Write a moment"),
        ({"until": "2025-01-01T00:00"}, "must be later"),
        ({"employer_agency": "kota-z"}, "No agency is called kota-z."),
        ({"employer_agency": "/"}, "Choose an agency from the list."),
        ({"subject": "budi"}, "are the assessor budi already"),
        ({"subject": "officer"}, "Nobody appoints themselves"),
    ],
)
def test_what_cannot_be_appointed_is_refused_and_the_form_keeps_what_was_typed(
    officer: Pages, review: Review, change: dict[str, str], said: str
) -> None:
    review.appoint("budi")
    status = {"budi": 409, "officer": 403}.get(change.get("subject", ""), 422)
    text = officer.refused(status, NEW, **{**FORM, **change})
    assert said in text
    assert "Nobody was appointed yet" in text
    assert ("Ani Suryani" in text) == ("name" not in change)


def test_whoever_is_known_is_found_by_name_and_fills_the_form_in(officer: Pages, review: Review) -> None:
    review.appoint("budi")
    for subject, name, agency in (("citra", "Citra Dewi", "kota-a"), ("budi", "Budi Dewi", None)):
        grants = (MemberGrant(role="clerk", agency=agency, since=datetime(2020, 1, 1, tzinfo=UTC)),)
        event = MemberSet(
            person=f"p-{subject}",
            issuer=review.stage.settings.oidc_issuer,
            subject=subject,
            grants=grants if agency else (),
            name=name,
        )
        review.stage.consume(f"person:p-{subject}", event)
    assert "Choose" not in officer.text(f"{NEW}?q=nobody")
    assert "Nobody is found." in officer.text(f"{NEW}?q=nobody")
    text = officer.text(f"{NEW}?q=dewi")
    for said in ("Citra Dewi", "Data entry · Kota-A", f"{NEW}?person=p-citra", "no role", "is an assessor"):
        assert said in text
    assert "person=p-budi" not in text
    chosen = officer.text(f"{NEW}?person=p-citra")
    assert 'value="Citra Dewi"' in chosen
    assert 'value="citra"' in chosen
    for other in ("assessor:budi", "nobody"):
        assert 'name="subject" type="text" value' not in officer.text(f"{NEW}?person={other}")


def test_the_list_finds_by_words_and_state_and_tells_what_each_has_to_do(
    officer: Pages, review: Review
) -> None:
    review.open()
    review.open("kota-b")
    review.appoint("ani", until="2099-01-01T00:00:00Z")
    review.appoint("budi", until="2021-01-01T00:00:00Z")
    review.appoint("citra", since="2098-01-01T00:00:00Z", employer_agency="kota-a")
    review.claim("ani", review.open_task())
    review.finish("ani", {"1": 1, "2": 2, "3": 3}, claimed=review.open_task("kota-b"))

    def names(query: str) -> list[str]:
        text = officer.text(f"{ASSESSORS}{query}")
        return [name for name in ("Ani", "Budi", "Citra") if f"<strong>{name}</strong>" in text]

    assert names("") == ["Ani", "Budi", "Citra"]
    assert names("?q=IT+c") == ["Citra"]
    assert [names(f"?state={state}") for state in ("serving", "over", "planned", "odd")] == [
        ["Ani"],
        ["Budi"],
        ["Citra"],
        ["Ani", "Budi", "Citra"],
    ]
    assert "No assessor is found." in officer.text(f"{ASSESSORS}?q=.*")
    (row,) = [each for each in officer.text(ASSESSORS).split("<tr") if "<strong>Ani</strong>" in each]
    assert ">1</td>" in row.partition('data-column="Holds"')[2]
    assert ">1</td>" in row.partition('data-column="Finished"')[2]


def test_there_is_nobody_at_first_and_many_come_page_by_page(officer: Pages, review: Review) -> None:
    assert "Nobody is appointed yet." in officer.text(ASSESSORS)
    for number in range(51):
        review.appoint(f"a-{number:02}")
    text = officer.text(ASSESSORS)
    assert (text.count("/review/assessors/a-"), "after=a-49" in text) == (50, True)
    assert officer.text(f"{ASSESSORS}?after=a-49").count("/review/assessors/a-") == 1


def test_one_s_page_tells_its_tasks(officer: Pages, review: Review) -> None:
    for id in ("kota-a", "kota-b", "kota-c", "kota-d"):
        review.open(id)
    review.appoint("ani")
    review.appoint("budi")
    review.finish("ani", {"1": 1, "2": 2, "3": 3}, claimed=review.open_task("kota-a"))
    review.claim("ani", review.open_task("kota-b"))
    for id in ("kota-c", "kota-d"):
        task = review.open_task(id)
        review.claim("ani", task)
        review.run_out(task)
    review.claim("budi", task)
    text = officer.text(f"{ASSESSORS}/ani")
    for said in ("holds 1, finished 1", "passed to somebody else", "open again", "0 of 3 rated", "Document"):
        assert said in text


def test_an_appointment_is_changed_unless_somebody_else_did_meanwhile(officer: Pages, review: Review) -> None:
    review.appoint("ani", employer_agency="kota-a", until="2099-01-01T00:00:00Z")
    place = f"{ASSESSORS}/ani/change"
    form = officer.text(place)
    for said in ('value="2020-01-01T07:00"', 'value="2099-01-01T07:00"', 'value="kota-a" selected'):
        assert said in form
    sent = {**FORM, "rev": "1", "until": "2098-01-01T00:00"}
    assert officer.send(place, **sent).location == f"{ASSESSORS}/ani?done=saved"
    assert review.get("officer", "/assessors/ani").json["name"] == "Ani Suryani"
    stale = officer.refused(409, place, **{**sent, "name": "Ani Lain"})
    for said in ("What is stored now", "Ani Suryani", 'value="Ani Lain"', 'name="rev" value="2"'):
        assert said in stale
    assert "Write the name of the person." in officer.refused(422, place, **{**sent, "name": ""})
    assert officer.send(place, **{**sent, "name": "Ani Lain", "rev": "2"}).status_code == 303
    assert officer.get(f"{ASSESSORS}/nobody/change").status_code == 404
    assert officer.send(f"{ASSESSORS}/nobody/change", **sent).status_code == 404
    assert "worked for the agency before" in officer.text(f"{ASSESSORS}/ani")


def test_an_appointment_ends_at_a_click_and_its_tasks_are_open_again(officer: Pages, review: Review) -> None:
    review.open()
    review.appoint("ani")
    review.claim("ani", review.open_task())
    assert "Somebody else changed this" in officer.refused(409, f"{ASSESSORS}/ani/end", rev="7")
    for _ in range(2):
        sent = officer.send(f"{ASSESSORS}/ani/end", rev="1")
        assert sent.location == f"{ASSESSORS}/ani?done=ended"
    assert [event.reason for event in review.stage.published(TaskReleased)] == ["appointment"]
    text = officer.text(sent.location)
    assert "The appointment has ended" in text
    assert "End it now" not in text
    assert review.get("ani", "/tasks").status_code == 403
    planned = review.appoint("budi", since="2098-01-01T00:00:00Z")
    assert "must be later" in officer.refused(422, f"{ASSESSORS}/{planned}/end", rev="1")
    assert officer.send(f"{ASSESSORS}/nobody/end", rev="1").status_code == 404


def test_only_the_ministry_opens_these_pages(officer: Pages, review: Review) -> None:
    review.appoint("ani")
    review.stage.person("kepala", "coordinator", "kota-a")
    before = review.stage.state()
    for who in ("ani", "kepala"):
        other = Pages(review, who)
        for place in (ASSESSORS, NEW, f"{ASSESSORS}/ani", f"{ASSESSORS}/ani/change"):
            assert other.get(place).status_code == 403
        for place in (NEW, f"{ASSESSORS}/ani/change", f"{ASSESSORS}/ani/end"):
            assert other.send(place, **FORM, rev="1").status_code == 403
    assert review.stage.state() == before
