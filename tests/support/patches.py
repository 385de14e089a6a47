"""Several saves in one request, field by field: what answers and ratings hold their outcomes against."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from pymongo.database import Database

from shared.storage.reader import Doc

Step = tuple[int, str, str, str]
"""Whose turn it is, what is done (look, type, send), and at which field of which indicator."""


def steps(people: int, codes: Sequence[str], fields: Sequence[str]) -> st.SearchStrategy[list[Step]]:
    """What several people do in turn."""
    step = st.tuples(
        st.integers(0, people - 1),
        st.sampled_from(["look", "type", "type", "send"]),
        st.sampled_from(codes),
        st.sampled_from(fields),
    )
    return st.lists(step, min_size=5, max_size=25)


def check_outcome(
    found: Mapping[str, Any],
    typed: Mapping[str, Any],
    seen: Mapping[str, Any],
    was: Mapping[str, Any],
    stored: Mapping[str, Any],
    fields: Sequence[str],
) -> None:
    """Nothing that its sender had not seen is overwritten, and nothing that was typed is lost."""
    unseen = {name for name in typed if was[name] != seen[name] and was[name] != typed[name]}
    is_new = any(was[name] != said for name, said in typed.items())
    assert found["outcome"] == ("stale" if unseen else "saved" if is_new else "unchanged")
    assert set(found["differing"]) == unseen
    expected = was if unseen else {**was, **typed}
    assert {name: stored[name] for name in fields} == {name: expected[name] for name in fields}
    if unseen:
        assert {name: found["yours"][name] for name in typed} == typed


def count_queries(db: Database[Doc], save: Callable[[], Iterable[Mapping[str, Any]]]) -> int:
    """How many questions the database is asked while something is saved, and every item of it is."""
    db.command("profile", 2)
    try:
        found = save()
        asked = db["system.profile"].count_documents({"op": "query"})
    finally:
        db.command("profile", 0)
        db["system.profile"].drop()
    assert {each["outcome"] for each in found} == {"saved"}
    assert asked
    return asked
