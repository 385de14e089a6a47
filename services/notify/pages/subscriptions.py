"""Subscriptions, for the ministry: who gets what, made, changed, tried out and ended by forms."""

from http import HTTPStatus
from typing import Any

import flask

from services.notify import commands, queries, webhooks
from services.notify.domain import ChangeOrder, DeliveryFilter, Subscription
from services.notify.pages import forms
from services.notify.pages.frame import OUTCOMES, PLACE, ROWS, TEMPLATES, after, render
from services.notify.schemas import place_at, place_of
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import AppError, Conflict
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.web import paging
from shared.web.forms import attempt
from shared.web.sentences import of_error

NEW = "/notify/new-subscription"
Answer = flask.typing.ResponseReturnValue


def blueprint(settings: Settings) -> flask.Blueprint:
    """The pages of subscriptions, with notify's keys, and where webhooks may go."""
    pages = flask.Blueprint("subscription-pages", __name__, template_folder=str(TEMPLATES))
    _show(pages)
    _make(pages, settings)
    _change(pages, settings)
    _deeds(pages)
    _secrets(pages, settings)
    return pages


def _show(pages: flask.Blueprint) -> None:
    @pages.get("/subscriptions")
    @audience("ministry")
    def subscriptions() -> str:
        """Every subscription, and how its receiver does."""
        begin, limit = web.page_args({"after": after(), "limit": ROWS})
        found = web.query(queries.list_subscription_rows, caller(), begin, limit)
        page = web.by_id(found, lambda row: row.subscription.id)
        ways = paging.links(PLACE, {}, begin is not None, page["next"])
        return render("subscriptions.html", rows=page["items"], **ways)

    @pages.get("/subscriptions/<id>")
    @audience("ministry")
    def subscription(id: str) -> str:
        """One subscription with its deliveries, and what can be done with it."""
        return _page(id)


def _make(pages: flask.Blueprint, settings: Settings) -> None:
    ring = KeyRing.load(settings.keys, settings.service)

    @pages.get("/new-subscription")
    @audience("ministry")
    def ask_for_new() -> str:
        """The form for a new subscription."""
        return _form({"which": "all", "types": []}, {})

    @pages.post("/new-subscription")
    @audience("ministry")
    def make() -> Answer:
        """Make a subscription; its secret is shown in this answer only."""
        form = forms.said()
        order, wrong = forms.read_new(form)
        status: int = HTTPStatus.UNPROCESSABLE_ENTITY
        if order:
            kid, rules = ring.signing(webhooks.PURPOSE, web.arrived()).kid, webhooks.rules_of(settings)
            made, wrong, status = attempt(
                lambda: web.run(commands.subscribe, order, kid, rules), forms.PLACES
            )
            if made:
                return _secret(ring, made, is_new=True), HTTPStatus.CREATED
        return _form(form, wrong), status


def _change(pages: flask.Blueprint, settings: Settings) -> None:
    rules = webhooks.rules_of(settings)

    @pages.get("/subscriptions/<id>/change")
    @audience("ministry")
    def ask_for_change(id: str) -> str:
        """The form for a subscription that is there."""
        known, _ = web.query(queries.get_subscription, caller(), id)
        return _form(forms.shown(known), {}, known)

    @pages.post("/subscriptions/<id>/change")
    @audience("ministry")
    def change(id: str) -> Answer:
        """Change the address or the types, if nobody else changed it since the form was opened."""
        known, _ = web.query(queries.get_subscription, caller(), id)
        form = forms.said()
        order, wrong = forms.read_change(form)
        status: int = HTTPStatus.UNPROCESSABLE_ENTITY
        if order:
            rev = forms.read_rev()
            done, wrong, status = attempt(
                lambda: web.run(commands.change, id, order, rev, rules), forms.PLACES
            )
            if done:
                return _back(id, "changed")
        # Who sees what somebody else stored meanwhile may save over it.
        rev = known.rev if status == HTTPStatus.CONFLICT else forms.read_rev()
        return _form({**form, "rev": str(rev)}, wrong, known), status

    @pages.post("/subscriptions/<id>/disable")
    @audience("ministry")
    def disable(id: str) -> Answer:
        """Deliver nothing any more until somebody switches it on again."""
        known, _ = web.query(queries.get_subscription, caller(), id)
        return _attempt(
            id, "off", lambda: web.run(commands.change, id, ChangeOrder(enabled=False), known.rev, rules)
        )


def _deeds(pages: flask.Blueprint) -> None:
    @pages.post("/subscriptions/<id>/enable")
    @audience("ministry")
    def enable(id: str) -> Answer:
        """Deliver again, once the address has answered a test event."""
        return _attempt(id, "on", lambda: web.run(commands.enable, id))

    @pages.post("/subscriptions/<id>/test")
    @web.counted("60/minute")
    @audience("ministry")
    def test(id: str) -> Answer:
        """Have a test event delivered."""
        return _attempt(id, "tested", lambda: web.run(commands.send_test, id))

    @pages.post("/subscriptions/<id>/retry")
    @web.counted("60/minute")
    @audience("ministry")
    def retry_parked(id: str) -> Answer:
        """Retry the deliveries that wait for somebody, up to 200 at a time."""
        return _attempt(id, "retried", lambda: web.run(commands.retry_parked, id))

    @pages.get("/subscriptions/<id>/close")
    @audience("ministry")
    def ask_to_close(id: str) -> str:
        """What closing means."""
        known, _ = web.query(queries.get_subscription, caller(), id)
        return render("close.html", subscription=known)

    @pages.post("/subscriptions/<id>/close")
    @audience("ministry")
    def close(id: str) -> Answer:
        """End a subscription for good."""
        return _attempt(id, "closed", lambda: web.run(commands.close, id))


def _secrets(pages: flask.Blueprint, settings: Settings) -> None:
    ring = KeyRing.load(settings.keys, settings.service)

    @pages.get("/subscriptions/<id>/secret")
    @audience("ministry")
    def ask_for_secret(id: str) -> str:
        """What a new secret means for the receiver."""
        known, _ = web.query(queries.get_subscription, caller(), id)
        return render("rotate.html", subscription=known)

    @pages.post("/subscriptions/<id>/secret")
    @audience("ministry")
    def rotate(id: str) -> Answer:
        """Give a new secret, shown in this answer only; a form that is sent twice gives none the second time."""
        kid, keep = ring.signing(webhooks.PURPOSE, web.arrived()).kid, forms.read_keep()
        try:
            return _secret(ring, web.run(commands.rotate, id, kid, keep, forms.read_rev()))
        except Conflict as refused:
            return _page(id, refused), refused.status


def _attempt(id: str, done: str, work: Any) -> Answer:
    """Do something and go back; where the state of things does not allow it, say so on the page."""
    try:
        work()
    except Conflict as refused:
        return _page(id, refused), refused.status
    return _back(id, done)


def _back(id: str, done: str) -> Answer:
    return flask.redirect(f"{PLACE}/{id}?done={done}", HTTPStatus.SEE_OTHER)


def _page(id: str, refused: AppError | None = None) -> str:
    found = web.query(queries.get_subscription_row, caller(), id)
    args = flask.request.args
    state = args.get("state") if args.get("state") in OUTCOMES else None
    position = web.parse_cursor(after(), int, int, str)
    wanted = DeliveryFilter(state, place_at(position) if position else None)
    deliveries = web.page(web.query(queries.list_deliveries, caller(), id, wanted, ROWS), place_of)
    ways = paging.links(f"{PLACE}/{id}", {"state": state}, bool(position), deliveries["next"], "#deliveries")
    return render(
        "subscription.html",
        subscription=found.subscription,
        health=found.health,
        parked=found.parked,
        problem=of_error(refused) if refused else "",
        done=args.get("done", ""),
        state=state,
        rows=deliveries["items"],
        **ways,
    )


def _form(said: dict[str, Any], wrong: dict[str, str], known: Subscription | None = None) -> str:
    return render(
        "form.html",
        typed=said,
        wrong=wrong,
        known=known,
        types=forms.offered(),
        action=f"{PLACE}/{known.id}/change" if known else NEW,
    )


def _secret(ring: KeyRing, subscription: Subscription, is_new: bool = False) -> str:
    secret = webhooks.secret(ring, subscription.secrets[0])
    return render("secret.html", subscription=subscription, secret=secret, is_new=is_new)
