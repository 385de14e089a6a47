"""The database: one store per service, one transaction per command, errors that a caller can act on."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

import pymongo
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    PyMongoError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.core import errors
from shared.core.ids import new_id, utcnow
from shared.core.people import system
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Context, Origin, Transaction

P = ParamSpec("P")
T = TypeVar("T")

COMMAND_SECONDS = 20
AWAY_SECONDS = 3
"""How long a database of which no member answers is waited for: longer waits would hold every thread."""
_DUPLICATE = 11000


def duplicate_of(problem: PyMongoError) -> str | None:
    """The unique index that a write ran into, or None when the error is another one."""
    if isinstance(problem, BulkWriteError):
        rows = [row for row in problem.details.get("writeErrors", ()) if row.get("code") == _DUPLICATE]
        message = str(rows[0].get("errmsg", "")) if rows else None
    else:
        message = str(problem) if isinstance(problem, DuplicateKeyError) else None
    if message is None:
        return None
    named = re.search(r"collection: \S+?\.(\S+) index: (\S+)", message)
    return f"{named[1]}.{named[2]}" if named else "unknown"


def is_unavailable(problem: BaseException) -> bool:
    """Whether the database did not answer; not when it answered that it refuses."""
    if isinstance(problem, PyMongoError):
        return isinstance(problem, ConnectionFailure) or problem.timeout
    return isinstance(problem, errors.TryLater)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise TryLater for what the database could not do now, with outcome-unknown for a commit without an answer.

    What it refuses for good is raised as it is.
    """
    try:
        yield
    except PyMongoError as problem:
        if problem.has_error_label("UnknownTransactionCommitResult"):
            raise errors.TryLater(
                "The database did not say whether this was carried out. Look before you send it again.",
                "outcome-unknown",
            ) from problem
        if is_unavailable(problem) or problem.has_error_label("TransientTransactionError"):
            raise errors.TryLater(
                "The database did not answer in time. Send the same request again in a few seconds."
            ) from problem
        raise


@contextmanager
def with_timeout(seconds: float | None = None) -> Iterator[None]:
    """Let what speaks to the database inside take COMMAND_SECONDS at most; TryLater when it does not answer."""
    with translate_errors(), pymongo.timeout(seconds or COMMAND_SECONDS):
        yield


class Store:
    """One service's database."""

    def __init__(self, uri: str, database: str, service: str) -> None:
        self.service = service
        self._client: MongoClient[Doc] = MongoClient(
            uri,
            tz_aware=True,
            serverSelectionTimeoutMS=5000,
            connectTimeoutMS=5000,
            retryWrites=True,
            appname=f"nilai-{service}",
        )
        self.db: Database[Doc] = self._client.get_database(
            database, write_concern=WriteConcern("majority"), read_concern=ReadConcern("majority")
        )
        # A bound session must find no write concern on what it is used with: the server refuses one there.
        self._in_transaction: Database[Doc] = self._client.get_database(database)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def ping(self, seconds: float = 2.0) -> None:
        """Return when the database answers as a primary; PyMongoError otherwise."""
        with pymongo.timeout(seconds):
            self.db.command("ping")

    def _patience(self) -> float:
        members = self._client.topology_description.server_descriptions().values()
        return AWAY_SECONDS if all(member.error for member in members) else COMMAND_SECONDS

    def query(self, question: Callable[Concatenate[Reader, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query and give its answer; TryLater when the database does not answer."""
        with with_timeout(self._patience()):
            return question(Reader(self.db, utcnow()), *args, **kwargs)

    def run(
        self,
        command: Callable[..., T],
        /,
        *args: Any,
        origin: Origin = Origin(),  # noqa: B008  # frozen
        **kwargs: Any,
    ) -> T:
        """Run a command in one transaction and give its value once everything is committed with majority.

        The database may call the command again, with the same time and ids. Raises what the command raises,
        Conflict when a unique index refuses, TryLater when the database does not answer.
        """
        context = Context(
            service=self.service,
            now=origin.at or utcnow(),
            caller=origin.caller or system(self.service),
            correlation=origin.correlation or new_id(),
            trace=origin.trace,
        )

        def work(tx: Transaction) -> T:
            tx.savepoint()
            value = command(tx, *args, **kwargs)
            tx.check_audited()
            return value

        with translate_errors():
            return self.transact(work, context)

    def transact(self, work: Callable[[Transaction], T], context: Context, tries: int = 4) -> T:
        """One transaction around `work`: snapshot reads, majority commit, again on conflicts."""
        while True:
            tries -= 1
            try:
                return self._once(work, context)
            except PyMongoError as problem:
                index = duplicate_of(problem)
                if index is None:
                    raise
                if not tries:
                    raise errors.Conflict(f"There is one already ({index}).", "already-exists") from problem

    def _once(self, work: Callable[[Transaction], T], context: Context) -> T:
        def body(_: ClientSession) -> T:
            tx = Transaction(self._in_transaction, context)
            value = work(tx)
            tx.flush()
            return value

        with (
            pymongo.timeout(self._patience()),
            self._client.start_session() as session,
            session.bind(end_session=False),
        ):
            return session.with_transaction(body, ReadConcern("snapshot"), WriteConcern("majority"))
