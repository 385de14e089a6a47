"""What an officer does with the events and jobs of a service that wait, failed or were given up: `…/operations`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import LazyString, lazy_gettext

from shared.auth.guard import audience
from shared.core import reading
from shared.core.errors import AppError, Conflict, NotFound
from shared.core.names import SERVICES
from shared.core.settings import Settings
from shared.core.text import says_something, seen
from shared.jobs import operations as jobs
from shared.jobs import queue
from shared.jobs.queue import Job
from shared.messaging import operations as events
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction
from shared.web import views
from shared.web.frame import OPERATIONS, ministry_frame
from shared.web.requests import arrived
from shared.web.sentences import of_error

ROWS = 50
MOST_AT_ONCE = 100
"""How many of those that were given up are retried by one form, each in a transaction of its own."""
LONGEST_ID, LONGEST_REASON = 300, 500
SERVICE_NAMES: Mapping[str, LazyString] = {
    "intake": lazy_gettext("Collecting"),
    "review": lazy_gettext("Reviewing"),
    "scoring": lazy_gettext("Scoring"),
    "notify": lazy_gettext("Delivering"),
}
STATES: Mapping[str, LazyString] = {
    "dead": lazy_gettext("Given up"),
    "retry": lazy_gettext("Tried again"),
    "waiting": lazy_gettext("Waiting"),
    "running": lazy_gettext("Running"),
}
Answer = flask.typing.ResponseReturnValue


@dataclass(frozen=True)
class Shelf:
    """One kind of what a service has before it, `events` or `jobs`, and what may be done with one."""

    name: str
    title: LazyString
    states: tuple[str, ...]
    count: Callable[[Reader], Mapping[str, int]]
    find_all: Callable[[Reader, Collection[str], int, str], list[Doc]]
    require: Callable[[Reader, str], Doc]
    retry: Callable[..., None]
    drop: Callable[..., None]


@dataclass(frozen=True)
class Site:
    """Where the pages of one service lie, and what stands on them."""

    service: str
    shelves: Mapping[str, Shelf]

    @property
    def place(self) -> str:
        """The address below which they lie."""
        return f"/{self.service}/operations"

    def shelf(self, name: str) -> Shelf:
        """One kind by its name in an address; NotFound for any other."""
        if name not in self.shelves:
            raise NotFound("There are events and jobs here, and nothing else.")
        return self.shelves[name]

    def counts(self) -> list[tuple[Shelf, Mapping[str, int]]]:
        """How many there are of each kind in each state."""
        return [(shelf, views.query(shelf.count)) for shelf in self.shelves.values()]


def blueprint(settings: Settings, kinds: Mapping[str, Job]) -> flask.Blueprint:
    """The pages of one service, which does these kinds of jobs."""
    pages = flask.Blueprint("operations", __name__, url_prefix="/operations")
    site = Site(settings.service, _shelves(settings, kinds))
    _show(pages, site)
    _retry(pages, site)
    _drop(pages, site)
    return pages


def _show(pages: flask.Blueprint, site: Site) -> None:
    """The pages that change nothing."""

    @pages.get("")
    @audience("ministry")
    def overview() -> str:
        """What each service has before it: this one's numbers at once, the others' as soon as they answer."""
        return render("overview.html", site.service, counts=site.counts(), here=site.place)

    @pages.get("/summary")
    @audience("ministry")
    def summary() -> str:
        """The numbers of this service, as the overview of another shows them."""
        counts = site.counts()
        return flask.render_template("operations/summary.html", counts=counts, here=site.place, states=STATES)

    @pages.get("/<shelf>")
    @audience("ministry")
    def parked(shelf: str) -> str:
        """The events or the jobs, by their age."""
        return _list(site, site.shelf(shelf))

    @pages.get("/<shelf>/one")
    @audience("ministry")
    def one(shelf: str) -> str:
        """One event or job, and what may be done with it."""
        return _one(site, site.shelf(shelf))


def _retry(pages: flask.Blueprint, site: Site) -> None:
    """The forms that have something tried again."""

    @pages.post("/<shelf>/retry")
    @audience("ministry")
    def retry(shelf: str) -> Answer:
        """Have one tried again at once."""
        found = site.shelf(shelf)
        return _attempt(site, found, partial(found.retry, id=_id()), "retried=1")

    @pages.post("/<shelf>/retry-all")
    @audience("ministry")
    def retry_all(shelf: str) -> Answer:
        """Have those that were given up tried again, up to MOST_AT_ONCE."""
        found = site.shelf(shelf)
        done, refused = _retry_each(found)
        place = f"{site.place}/{found.name}?state=dead&retried={done}&refused={refused}"
        return flask.redirect(place, HTTPStatus.SEE_OTHER)


def _drop(pages: flask.Blueprint, site: Site) -> None:
    """The form that drops something, and what it is told."""

    @pages.get("/<shelf>/drop")
    @audience("ministry")
    def ask_to_drop(shelf: str) -> str:
        """What dropping one means, and the form for it."""
        return _form(site, site.shelf(shelf))

    @pages.post("/<shelf>/drop")
    @audience("ministry")
    def drop(shelf: str) -> Answer:
        """Drop one for good, with a reason."""
        found, reason = site.shelf(shelf), seen(flask.request.form.get("reason", ""))
        if not says_something(reason) or len(reason) > LONGEST_REASON:
            return _form(site, found, is_wrong=True), HTTPStatus.UNPROCESSABLE_ENTITY
        return _attempt(site, found, partial(found.drop, id=_id(), reason=reason), "dropped=1")


def _attempt(site: Site, shelf: Shelf, command: Callable[[Transaction], None], done: str) -> Answer:
    """Run a command and go to the list; where the state of things does not allow it, say so beside it."""
    try:
        views.run(command)
    except Conflict as refused:
        return _one(site, shelf, refused), refused.status
    return flask.redirect(f"{site.place}/{shelf.name}?{done}", HTTPStatus.SEE_OTHER)


def render(template: str, service: str, **values: Any) -> str:
    """A page about how a service runs; of all of them the ministry's navigation knows the first one's."""
    return flask.render_template(
        f"operations/{template}",
        **ministry_frame(OPERATIONS),
        service=service,
        services=SERVICES,
        names=SERVICE_NAMES,
        states=STATES,
        now=arrived(),
        **values,
    )


def _shelves(settings: Settings, kinds: Mapping[str, Job]) -> Mapping[str, Shelf]:
    found = (
        Shelf(
            "events",
            lazy_gettext("Events"),
            ("dead", "retry", "waiting"),
            events.count,
            events.find_all,
            events.require,
            partial(events.retry, users=settings.amqp_users),
            events.drop,
        ),
        Shelf(
            "jobs",
            lazy_gettext("Jobs"),
            ("dead", "retry", "waiting", "running"),
            jobs.count,
            jobs.find_all,
            jobs.require,
            partial(queue.retry, kinds=kinds),
            partial(queue.drop, kinds=kinds),
        ),
    )
    return {shelf.name: shelf for shelf in found}


def _id() -> str:
    """Of which one a form or an address speaks."""
    return flask.request.values.get("id", "")[:LONGEST_ID]


def _list(site: Site, shelf: Shelf) -> str:
    said = flask.request.args
    state = said.get("state", "")
    state = state if state in shelf.states else ""
    after = said.get("after", "")[:LONGEST_ID]
    found = views.query(shelf.find_all, (state,) if state else shelf.states, ROWS, after)
    return render(
        "list.html",
        site.service,
        shelf=shelf,
        counts=views.query(shelf.count),
        state=state,
        rows=found[:ROWS],
        after=after,
        last=found[ROWS - 1]["_id"] if len(found) > ROWS else "",
        done={name: reading.whole(said.get(name, "")) for name in ("retried", "refused", "dropped")},
    )


def _one(site: Site, shelf: Shelf, refused: AppError | None = None) -> str:
    doc = views.query(shelf.require, _id())
    contents = events.contents(doc) if shelf.name == "events" else None
    problem = of_error(refused) if refused else ""
    return render("one.html", site.service, shelf=shelf, doc=doc, contents=contents, problem=problem)


def _form(site: Site, shelf: Shelf, is_wrong: bool = False) -> str:
    doc = views.query(shelf.require, _id())
    typed = flask.request.form.get("reason", "")
    return render("drop.html", site.service, shelf=shelf, doc=doc, is_wrong=is_wrong, typed=typed)


def _retry_each(shelf: Shelf) -> tuple[int, int]:
    """How many of those that were given up are tried again now, and how many cannot be."""
    done = refused = 0
    for doc in views.query(shelf.find_all, ("dead",), MOST_AT_ONCE, "")[:MOST_AT_ONCE]:
        try:
            views.run(partial(shelf.retry, id=doc["_id"]))
        except (Conflict, NotFound):
            refused += 1
        else:
            done += 1
    return done, refused
