"""Editions: loaded as drafts, published once and for ever, published to all services."""

from pathlib import Path

import pytest

from services.intake import commands
from shared.core.canonical import canonical
from shared.core.errors import Invalid
from shared.events.intake import EditionPublished
from shared.instrument import from_dict, shipped, shipped_ids
from tests.instrument.builders import changed, small
from tests.intake.rounds import SMALL, Round, good, problem
from tests.intake.tus import ROOT

URL = f"{ROOT}/editions"


def test_an_edition_is_loaded_as_a_draft_and_published_to_all(play: Round) -> None:
    loaded = play.post("minister", "/editions", {"yaml": SMALL}, 201)
    assert (loaded["id"], loaded["state"], loaded["guide_version"]) == ("small-1", "draft", "Guide 1")
    assert play.stage.published(EditionPublished) == []
    published = play.post("minister", "/editions/small-1/publish")
    assert published["state"] == "published"
    assert play.post("minister", "/editions/small-1/publish") == published
    (event,) = play.stage.published(EditionPublished)
    assert from_dict(event.content).hash == event.hash == loaded["hash"]
    assert play.stage.audited("edition:small-1") == ["edition.loaded", "edition.published"]


def test_the_same_content_again_changes_nothing(play: Round) -> None:
    play.load_edition()
    before = play.stage.state()
    assert play.post("minister", "/editions", {"yaml": SMALL + "\n# a remark\n"})["state"] == "published"
    assert play.stage.state() == before


def test_a_draft_may_be_replaced_and_a_published_edition_never(play: Round) -> None:
    play.post("minister", "/editions", {"yaml": changed()}, 201)
    assert play.post("minister", "/editions", {"yaml": SMALL})["state"] == "draft"
    play.post("minister", "/editions/small-1/publish")
    before = play.stage.state()
    refused = play.as_("minister").post(URL, json={"yaml": changed()})
    assert problem(refused) == (409, "edition-published")
    assert play.stage.state() == before


@pytest.mark.parametrize("id", shipped_ids())
def test_every_shipped_edition_can_be_loaded_published_and_read(play: Round, id: str) -> None:
    text = Path(f"services/intake/instruments/{id}.yaml").read_text("utf-8")
    play.load_edition(text)
    shown = play.get("stranger", f"/editions/{id}")
    assert from_dict(shown["content"]).hash == shown["edition"]["hash"] == shipped(id).hash
    (event,) = play.stage.published(EditionPublished)
    assert len(canonical(dict(event.content))) < 1_000_000


def test_editions_are_listed_in_pages_and_drafts_for_the_ministry_only(play: Round) -> None:
    for number in range(1, 4):
        play.post("minister", "/editions", {"yaml": changed(("id: small-1", f"id: small-{number}"))}, 201)
    play.post("minister", "/editions/small-2/publish")
    first = play.get("minister", "/editions?limit=2")
    assert [item["id"] for item in first["items"]] == ["small-1", "small-2"]
    rest = play.get("minister", f"/editions?limit=2&after={first['next']}")
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (["small-3"], None)
    assert [item["id"] for item in play.get("stranger", "/editions")["items"]] == ["small-2"]
    assert problem(play.as_("stranger").get(f"{URL}/small-1")) == (404, "not-found")
    assert good(play.as_("minister").get(f"{URL}/small-1"))["edition"]["state"] == "draft"


def test_what_does_not_add_up_is_refused_with_node_and_line(play: Round) -> None:
    heavy = SMALL.replace('weight: "30"', 'weight: "31"')
    refused = play.as_("minister").post(URL, json={"yaml": heavy})
    assert problem(refused) == (422, "edition-invalid")
    assert refused.json is not None
    assert any(error["node"] == "P1" and error["line"] for error in refused.json["errors"])
    for body in ({}, {"yaml": ""}, {"yaml": 3}, {"yaml": SMALL, "more": 1}):
        assert problem(play.as_("minister").post(URL, json=body)) == (422, "invalid")
    assert problem(play.as_("minister").post(f"{URL}/nowhere/publish")) == (404, "not-found")
    assert set(play.stage.state()) == {"people"}


def test_a_crosswalk_is_held_against_the_edition_before(play: Round) -> None:
    before = changed(("id: small-1", "id: small-0"), ("  edition: small-0", "  edition: none-0"))
    play.post("minister", "/editions", {"yaml": before}, 201)
    refused = play.as_("minister").post(URL, json={"yaml": SMALL})
    assert problem(refused) == (422, "edition-invalid")
    assert "no indicator 7" in refused.text


def test_an_edition_too_large_to_be_published_is_refused(play: Round) -> None:
    long = small(("guide_version: Guide 1", f"guide_version: {'ä' * 600_000}"))
    with pytest.raises(Invalid) as refused:
        play.stage.run(commands.load_edition, long)
    assert refused.value.cause_code == "edition-too-large"
