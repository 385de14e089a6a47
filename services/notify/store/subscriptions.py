"""Subscriptions, and which of them there are for each scope."""

from collections.abc import Iterable

from services.notify import domain
from services.notify.domain import Subscription, SubscriptionFilter
from shared.storage import documents
from shared.storage.documents import from_document
from shared.storage.reader import Doc, Page, Reader
from shared.storage.transaction import Transaction


def find_subscription(reader: Reader, id: str) -> Subscription | None:
    """One subscription, or None."""
    doc = reader.get("subscriptions", id)
    return from_document(Subscription, doc) if doc else None


def list_subscriptions(
    reader: Reader, wanted: SubscriptionFilter, after: str | None, limit: int
) -> Page[Subscription]:
    """The subscriptions that match, in the order in which they were made, after an id."""
    where: Doc = {"_id": {"$gt": after}} if after else {}
    if wanted.scopes is not None:
        where |= {"owner": wanted.owner, "scope": {"$in": sorted(wanted.scopes)}}
    docs = reader.find_page("subscriptions", where, [("_id", 1)], limit)
    return docs.map(lambda doc: from_document(Subscription, doc))


def list_open_names(reader: Reader, owner: str | None) -> list[str]:
    """The names of an owner's subscriptions that are not closed."""
    return [doc["name"] for doc in reader.find("subscriptions", {"owner": owner, "open": True})]


def list_open_subscriptions(tx: Transaction, scopes: Iterable[str] | None) -> list[Subscription]:
    """The subscriptions of these scopes that are not closed; of every scope when None."""
    if scopes is None:
        rosters: list[Doc | None] = list(tx.find("rosters", {}, [("_id", 1)]))
    else:
        rosters = [tx.get("rosters", scope) for scope in scopes]
    ids = [id for roster in rosters if roster for id in roster["subscriptions"]]
    tx.load("subscriptions", ids)
    tx.load("streams", ids)
    tx.load("heads", [f"subscription:{id}" for id in ids])
    return [found for id in ids if (found := find_subscription(tx, id))]


def save_subscription(tx: Transaction, subscription: Subscription) -> Subscription:
    """Keep a subscription, and whether events of its scope have to look for it; gives it as stored."""
    scope = subscription.scope
    roster = tx.get("rosters", scope) or {"_id": scope, "subscriptions": []}
    listed = domain.listed(roster["subscriptions"], subscription)
    if listed != roster["subscriptions"]:
        tx.put("rosters", {**roster, "subscriptions": listed})
    return documents.save(tx, "subscriptions", subscription, open=subscription.open)
