"""What can be asked about uploads and files."""

from collections.abc import Mapping

from services.intake import domain, store
from services.intake.domain import File, FileOwnership, Participation, Submission, Upload
from shared.core.errors import Forbidden, NotFound
from shared.core.people import Caller
from shared.signing.keys import PublicKey
from shared.signing.links import Link, open_link
from shared.storage.reader import Reader


def get_upload(reader: Reader, participation: str, id: str, caller: Caller) -> Upload:
    """An upload of the caller's own agency; NotFound otherwise."""
    return domain.own_upload(caller, store.find(reader, Upload, id), participation)


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
    submission = store.find(reader, Submission, link.submission)
    agency, name = domain.sealed_file(submission, link.sha256)
    return _file(reader, agency, link.sha256, name)


def _own_agency(reader: Reader, participation: str, caller: Caller) -> str:
    found = store.find(reader, Participation, participation)
    return domain.check_own(caller, found.agency if found else None)


def _file(reader: Reader, agency: str, sha256: str, name: str | None = None) -> File:
    ownership = store.find_ownership(reader, agency, sha256)
    return domain.file_of(ownership, store.find_blob(reader, sha256), name)
