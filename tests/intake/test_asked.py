"""What pages say of what an edition asks, where values lie between its levels or it is over."""

from datetime import timedelta

from tests.instrument.builders import CODED, LATER, LEVELLED, WITH_TEXTS, changed
from tests.intake.rounds import OPENS, Round, cycle

QUESTION = "question: {id: Kapan?, en: When?}"
DOUBT = (QUESTION, f"{QUESTION}, uncertain: [{{id: Urutannya., en: Its order.}}]")
SOURCE = (
    "scale: line,",
    "scale: line, source: {gives: value, name: {id: Indeks lain, en: Another index}, owner: BPS, "
    "uncertain: {id: Ujungnya., en: Its ends.}},",
)
NEW = ("id: small-1", "id: small-2")


def opened(play: Round, text: str) -> str:
    """Open a cycle under another edition; gives the participation of an agency."""
    play.load_edition(text)
    opens = (OPENS + timedelta(days=365)).isoformat()
    play.put("minister", "/cycles/2027", cycle(opens=opens, edition="small-2"), status=201)
    play.post("minister", "/cycles/2027/open")
    taking = {"activity": "monitoring", "visit": False}
    return str(play.put("minister", "/participations/2027.kota-a", taking, status=201)["id"])


def page(play: Round, path: str, who: str = "clerk-a") -> str:
    answer = play.as_(who).get(f"/intake/{path}?lang=en", headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_levels_of_a_range_are_read_with_their_conditions_and_not_chosen(open_round: Round) -> None:
    changes = (NEW, LEVELLED, WITH_TEXTS, LATER, CODED, DOUBT, SOURCE)
    id = opened(open_round, changed(*changes))
    text = page(open_round, f"self-assessments/{id}/indicators/3")
    for said in (
        "2 points of this indicator",
        "Its order.",
        "Its ends.",
        "The value comes from Another index (BPS)",
        "2 · Two (1.50 to below 2.50)",
        "3 · Three (2.50 to 3.00)",
        "0 of 1 conditions",
        "With the value 1.50 the index would be",
        "3.2.a",
    ):
        assert said in text, said
    assert 'type="radio"' not in text
    assert 'name="ticks"' in text
    first = page(open_round, f"self-assessments/{id}/indicators/1")
    for said in ("The value comes from the assessors", "I1-L2-01", "less than 2 years old", "Its age."):
        assert said in first, said
    ministry = page(open_round, "editions/small-2", "minister")
    for said in ("Its order.", "I1-L2-01", "Read like this."):
        assert said in ministry, said


def test_a_number_opens_its_level_and_what_is_no_number_none(open_round: Round) -> None:
    id = opened(open_round, changed(NEW, LEVELLED, WITH_TEXTS, LATER))
    place = f"/intake/self-assessments/{id}/indicators/3"
    for typed, count in (("1,6", 2), ("banyak", 0)):
        sent = open_round.as_("clerk-a").post(place, data={"rev": "0", "value": typed})
        text = (
            page(open_round, f"self-assessments/{id}/indicators/3") if sent.status_code == 303 else sent.text
        )
        assert text.count('n-level__conditions" open') == count, typed


def test_an_edition_that_is_over_says_why_it_has_no_conditions(open_round: Round) -> None:
    over = ("weight: 100\n", "weight: 100\nfacts: {cycles: 2018-2020, repealed_by: Regulation 2}\n")
    id = opened(open_round, changed(NEW, over))
    said = "The cycles of this edition (2018-2020) are over: no conditions are kept for its levels."
    assert said in page(open_round, f"self-assessments/{id}/indicators/1")
    assert said in page(open_round, "editions/small-2", "minister")
    assert said not in page(open_round, "editions/small-1", "minister")
