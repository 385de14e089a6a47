"""What can be asked about evidence; another agency's is never there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.intake import store as intake
from services.intake.domain import Participation, Submission
from services.intake.evidence import domain, store
from services.intake.evidence.domain import Blob, Possession, Upload
from shared.core.errors import Forbidden, NotFound
from shared.core.people import Caller
from shared.signing.keys import PublicKey
from shared.signing.links import Link, open_link
from shared.storage.reader import Reader


@dataclass(frozen=True)
class File:
    """A possessed file, and where its bytes are."""

    possession: Possession
    blob: Blob


def upload(reader: Reader, participation: str, id: str, caller: Caller) -> Upload:
    """An upload of the caller's own agency; NotFound otherwise."""
    found = store.upload(reader, id)
    if found is None or found.participation != participation:
        raise domain.nothing_there()
    domain.may_see(caller, found.agency)
    return found


def files(
    reader: Reader, participation: str, caller: Caller, after: str | None, limit: int
) -> list[Possession]:
    """The files of the caller's own agency, by SHA-256."""
    return store.possessed(reader, _own_agency(reader, participation, caller), after, limit)


def own_file(reader: Reader, participation: str, sha256: str, caller: Caller) -> File:
    """A file of the caller's own agency; NotFound otherwise."""
    return _file(reader, _own_agency(reader, participation, caller), sha256)


def linked_file(reader: Reader, keys: Mapping[str, PublicKey], token: str, caller: Caller) -> File:
    """The file that a link names, for the person whom it names; Forbidden in one way for every cause."""
    try:
        link = open_link(token, keys, reader.now)
        domain.check_bearer(caller, link.issuer, link.subject)
        return _sealed_file(reader, link)
    except (Forbidden, NotFound):
        raise domain.link_refused() from None


def _sealed_file(reader: Reader, link: Link) -> File:
    """A sealed file under its sealed name: the possession's own may come from another cycle, never handed in."""
    submission = intake.get(reader, Submission, link.submission)
    names = {one.sha256: one.name for one in submission.files} if submission else {}
    if submission is None or link.sha256 not in names:
        raise domain.nothing_there()
    found = _file(reader, submission.agency, link.sha256)
    return replace(found, possession=replace(found.possession, name=names[link.sha256]))


def _own_agency(reader: Reader, participation: str, caller: Caller) -> str:
    found = intake.get(reader, Participation, participation)
    if found is None:
        raise domain.nothing_there()
    domain.may_see(caller, found.agency)
    return found.agency


def _file(reader: Reader, agency: str, sha256: str) -> File:
    possession = store.possession(reader, agency, sha256)
    blob = store.blob(reader, sha256) if possession else None
    if possession is None or blob is None:
        raise domain.nothing_there()
    return File(possession, blob)
