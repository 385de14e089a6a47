"""What can be asked about uploads and files."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.intake import domain, store
from services.intake.domain import Blob, FileOwnership, Participation, Submission, Upload
from shared.core.errors import Forbidden, NotFound
from shared.core.people import Caller
from shared.signing.keys import PublicKey
from shared.signing.links import Link, open_link
from shared.storage.reader import Reader


@dataclass(frozen=True)
class File:
    """A possessed file, and where its bytes are."""

    ownership: FileOwnership
    blob: Blob


def get_upload(reader: Reader, participation: str, id: str, caller: Caller) -> Upload:
    """An upload of the caller's own agency; NotFound otherwise."""
    found = store.find_upload(reader, id)
    if found is None or found.participation != participation:
        raise domain.file_not_found()
    domain.check_owner(caller, found.agency)
    return found


def list_files(
    reader: Reader, participation: str, caller: Caller, after: str | None, limit: int
) -> list[FileOwnership]:
    """The files of the caller's own agency, by SHA-256."""
    return store.list_ownerships(reader, _own_agency(reader, participation, caller), after, limit)


def get_own_file(reader: Reader, participation: str, sha256: str, caller: Caller) -> File:
    """A file of the caller's own agency; NotFound otherwise."""
    return _file(reader, _own_agency(reader, participation, caller), sha256)


def get_linked_file(reader: Reader, keys: Mapping[str, PublicKey], token: str, caller: Caller) -> File:
    """The file that a link names, for the person whom it names; Forbidden in one way for every cause."""
    try:
        link = open_link(token, keys, reader.now)
        domain.check_bearer(caller, link.issuer, link.subject)
        return _sealed_file(reader, link)
    except (Forbidden, NotFound):
        raise domain.link_refused() from None


def _sealed_file(reader: Reader, link: Link) -> File:
    """A sealed file under its sealed name: the ownership's own may come from another cycle, never handed in."""
    submission = store.get(reader, Submission, link.submission)
    names = {one.sha256: one.name for one in submission.files} if submission else {}
    if submission is None or link.sha256 not in names:
        raise domain.file_not_found()
    found = _file(reader, submission.agency, link.sha256)
    return replace(found, ownership=replace(found.ownership, name=names[link.sha256]))


def _own_agency(reader: Reader, participation: str, caller: Caller) -> str:
    found = store.get(reader, Participation, participation)
    if found is None:
        raise domain.file_not_found()
    domain.check_owner(caller, found.agency)
    return found.agency


def _file(reader: Reader, agency: str, sha256: str) -> File:
    ownership = store.find_ownership(reader, agency, sha256)
    blob = store.find_blob(reader, sha256) if ownership else None
    if ownership is None or blob is None:
        raise domain.file_not_found()
    return File(ownership, blob)
