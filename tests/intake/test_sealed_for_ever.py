"""What was sealed stands for ever: the service's own database user can neither change nor remove it."""

import pytest

from services.intake import store
from services.intake.domain import Submission
from shared.events.intake import SubmissionCompleted
from tests.intake.rounds import FILE, Round, exhibit
from tests.support.rights import CALLS, READING_AND_ADDING, refused


@pytest.mark.parametrize("collection", ["submissions", "answer_versions", "edition_contents", "idempotency"])
def test_what_was_sealed_can_be_read_and_added_to_only(open_round: Round, collection: str) -> None:
    open_round.answer_all()
    open_round.seal()
    before = list(open_round.stage.db[collection].find())
    assert before
    assert refused(open_round.stage.store.db, collection) == CALLS.keys() - READING_AND_ADDING
    assert (
        list(open_round.stage.db[collection].find({"_id": {"$in": [row["_id"] for row in before]}})) == before
    )


def test_submissions_of_the_older_layout_are_found_and_completed(open_round: Round) -> None:
    """0.2 kept a submission and how far it had come in one document."""
    open_round.answer_all(evidence={"1": [exhibit()]})
    id = open_round.seal()["submission"]
    db = open_round.stage.db
    split = find(open_round, id)
    (completion,) = db["completions"].find()
    db["submissions"].update_one({"_id": id}, {"$set": completion})
    db["completions"].delete_many({})
    for _ in range(2):
        open_round.stage.service.make_ready(open_round.stage.settings)
        assert find(open_round, id) == split
    assert open_round.upload(FILE).status_code == 204
    open_round.stage.service.make_ready(open_round.stage.settings)
    assert find(open_round, id).state == "completed"
    assert len(open_round.stage.published(SubmissionCompleted)) == 1


def find(play: Round, id: str) -> Submission:
    return play.stage.store.query(store.require_submission, id)


def test_a_submission_that_is_named_and_not_kept_is_no_silent_loss(open_round: Round) -> None:
    with pytest.raises(LookupError, match="submission nowhere is named and not kept"):
        find(open_round, "nowhere")
