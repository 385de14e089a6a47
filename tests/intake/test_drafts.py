"""What is written before a level is chosen: it is kept, and counts as no answer until there is one."""

from tests.intake.rounds import A, Round, exhibit, good, problem
from tests.intake.tus import ROOT

ASSESSMENT = f"/self-assessments/{A}"


def write(play: Round, **fields: object) -> dict[str, object]:
    patch = {"answers": [{"indicator": "1", **fields}]}
    sent = play.as_("clerk-a").patch(f"{ROOT}{ASSESSMENT}/answers", json=patch)
    (found,) = good(sent)["answers"]
    return dict(found)


def test_a_draft_is_kept_with_its_files_and_versions(open_round: Round) -> None:
    write(open_round, rev=0, facts="Peraturan 1/2020")
    found = write(open_round, rev=1, evidence=[exhibit()], analysis="Sesuai")
    assert (found["outcome"], found["rev"], found["stored"]["value"]) == ("saved", 2, "")  # type: ignore[index]
    versions = open_round.get("clerk-a", f"{ASSESSMENT}/answers/1/versions")["items"]
    assert [(each["value"], each["facts"]) for each in versions] == [("", "Peraturan 1/2020")] * 2


def test_a_draft_counts_as_no_answer_anywhere(open_round: Round) -> None:
    write(open_round, rev=0, facts="Peraturan 1/2020", evidence=[exhibit()])
    whole = open_round.get("clerk-a", ASSESSMENT)
    assert (whole["answered"], "1" in whole["missing"]) == (0, True)
    assert [file["name"] for file in whole["files"]] == ["peraturan.pdf"]
    progress = open_round.get("clerk-a", f"{ASSESSMENT}/progress")
    assert (progress["answered"], "1" in progress["provisional"]["counted_as_lowest"]) == (0, True)
    ready = open_round.get("officer-a", f"{ASSESSMENT}/readiness")
    assert {"kind": "answer-missing", "indicator": "1"}.items() <= ready["gaps"][0].items()
    assert (ready["sealable"], ready["manifest"]["answers"], ready["files"]) == (False, [], 0)


def test_no_seal_takes_a_draft(open_round: Round) -> None:
    open_round.answer_all()
    order = open_round.order()
    open_round.stage.db["answers"].update_one({"_id": f"{A}.1"}, {"$set": {"value": ""}})
    order["manifest"]["answers"][0]["value"] = "0"
    refused = open_round.seal_raw(order)
    assert problem(refused) == (422, "answers-missing")
    assert refused.json is not None
    assert refused.json["missing"] == ["1"]


def test_a_value_makes_an_answer_of_it_and_is_not_taken_away_again(open_round: Round) -> None:
    write(open_round, rev=0, facts="Peraturan 1/2020")
    assert write(open_round, rev=1, value="")["outcome"] == "unchanged"
    assert write(open_round, rev=1, value="2")["outcome"] == "saved"
    assert open_round.get("clerk-a", ASSESSMENT)["answered"] == 1
    refused = write(open_round, rev=2, value="")
    assert refused["problem"]["code"] == "value-not-allowed"  # type: ignore[index]
    assert open_round.get("clerk-a", ASSESSMENT)["answers"][0]["value"] == "2"
