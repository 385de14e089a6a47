"""The user of a service can neither change nor remove what stands for ever, whatever its process is made to do."""

from collections.abc import Callable

import pytest
from pymongo.errors import OperationFailure

from shared.service import Service
from shared.storage.preparation import SHARED_INDEXES, SHARED_RIGHTS
from shared.storage.rights import APPEND, DELETE, PURGE
from tests.shared.toys import TOY, agency
from tests.shared.webapp import log_lines
from tests.support.rights import CALLS, READING_AND_ADDING, refused
from tests.support.stage import Stage

ABOUT_THE_COLLECTION = frozenset({"drop", "rename", "index", "expire", "cap"})
REMOVING = frozenset({"remove", "take", "overwrite"})


@pytest.fixture
def toy(stage: Callable[[Service], Stage]) -> Stage:
    return stage(TOY)


def test_an_audit_trail_can_be_added_to_and_not_be_rewritten(toy: Stage) -> None:
    assert toy.consume("agency:a", agency("a")) == "done"
    before = list(toy.db["audit"].find())
    assert refused(toy.store.db, "audit") == CALLS.keys() - READING_AND_ADDING
    assert list(toy.db["audit"].find({"subject": {"$exists": True}})) == before


@pytest.mark.parametrize("collection", SHARED_INDEXES)
def test_each_shared_collection_allows_what_is_declared_of_it(toy: Stage, collection: str) -> None:
    right = SHARED_RIGHTS.get(collection)
    changing = CALLS.keys() - READING_AND_ADDING - ABOUT_THE_COLLECTION - REMOVING
    beyond = {
        APPEND: changing | REMOVING,
        DELETE: frozenset(),
        PURGE: changing,
        None: REMOVING,
    }[right]
    assert refused(toy.store.db, collection) == ABOUT_THE_COLLECTION | beyond


def test_a_collection_that_nobody_declared_cannot_be_entered(toy: Stage) -> None:
    assert refused(toy.store.db, "another") == CALLS.keys()
    assert refused(toy.store.db.client["admin"], "system.users") >= READING_AND_ADDING


def test_a_service_cannot_give_itself_rights(toy: Stage) -> None:
    db = toy.store.db
    more = [{"resource": {"db": db.name, "collection": "audit"}, "actions": ["remove"]}]
    for command in (
        {"updateRole": "nilai_service", "privileges": more},
        {"grantPrivilegesToRole": "nilai_service", "privileges": more},
        {"createRole": "mine", "privileges": more, "roles": []},
        {"grantRolesToUser": toy.settings.mongo_database, "roles": ["dbOwner"]},
        {"dropDatabase": 1},
        {"listCollections": 1},
    ):
        with pytest.raises(OperationFailure) as problem:
            db.command(command)
        assert problem.value.code == 13


def test_whoever_prepares_one_database_cannot_enter_another(toy: Stage) -> None:
    toy.db["audit"].delete_many({})
    assert refused(toy.db.client["nilai_other"], "audit") == CALLS.keys()


def test_to_prepare_without_an_address_of_its_own_works_and_says_what_that_leaves_open(
    toy: Stage, settings_of: Callable[..., object]
) -> None:
    given = settings_of(
        TOY.name, MONGO_URI=toy.settings.mongo_admin_uri, MONGO_ADMIN_URI="", AMQP_ADMIN_URI=""
    )
    with log_lines() as lines:
        TOY.make_ready(given)  # type: ignore[arg-type]
    assert ["MONGO_ADMIN_URI" in line["message"] for line in lines()] == [True]
