"""What can be asked about uploads and files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.intake import domain, store
from services.intake.domain import EndedClaim, File, FileOwnership, Participation, Upload
from services.intake.domain.inspection import Examined
from services.intake.store.clarifications import find_sent_name
from shared.core.errors import Forbidden, NotFound
from shared.core.people import Caller
from shared.signing.keys import PublicKey
from shared.signing.links import Link, open_link
from shared.storage.reader import Page, Reader


@dataclass(frozen=True)
class LinkedFile:
    """A file that a link names, and until when that opens it."""

    file: File
    until: datetime

    def seconds(self, now: datetime) -> int:
        """For how many whole seconds the link still opens it."""
        return max(int((self.until - now).total_seconds()), 0)


def get_upload(reader: Reader, participation: str, id: str, caller: Caller) -> Upload:
    """An upload of the caller's own agency; NotFound otherwise."""
    return domain.own_upload(caller, store.find(reader, Upload, id), participation)


def list_uploads(
    reader: Reader, participation: str, caller: Caller, after: str | None, limit: int
) -> Page[Upload]:
    """The uploads of a participation of the caller's own agency, the oldest first."""
    _own_agency(reader, participation, caller)
    return store.list_uploads(reader, participation, after, limit)


def get_inspecting(reader: Reader, id: str) -> tuple[Upload, Examined | None] | None:
    """An upload that is to be inspected, and what is known of its bytes; None when it is not to be any more."""
    upload = store.require(reader, Upload, id)
    if upload.state != "inspecting":
        return None
    blob = store.find_blob(reader, str(upload.content_sha256))
    return upload, blob.examined if blob else None


def list_files(
    reader: Reader, participation: str, caller: Caller, after: str | None, limit: int
) -> Page[FileOwnership]:
    """The files of the caller's own agency, by SHA-256."""
    return store.list_ownerships(reader, _own_agency(reader, participation, caller), after, limit)


def get_own_file(reader: Reader, participation: str, sha256: str, caller: Caller) -> File:
    """A file of the caller's own agency; NotFound otherwise."""
    return _file(reader, _own_agency(reader, participation, caller), sha256)


def get_linked_file(reader: Reader, keys: Mapping[str, PublicKey], token: str, caller: Caller) -> LinkedFile:
    """The file that a link names, for the person whom it names; Forbidden in one way for every cause."""
    try:
        link = open_link(token, keys, reader.now)
        domain.check_bearer(caller, link.issuer, link.subject)
        domain.check_claim(link.fence, store.find(reader, EndedClaim, link.task))
        return LinkedFile(_sealed_file(reader, link, caller), link.until)
    except (Forbidden, NotFound):
        raise domain.link_refused() from None


def _sealed_file(reader: Reader, link: Link, caller: Caller) -> File:
    """A sealed file, or one that came with an answer since, under the name that it has there.

    The ownership's own name may come from another cycle, never handed in.
    """
    submission = store.find_submission(reader, link.submission)
    answered = find_sent_name(reader, link.submission, link.sha256)
    agency, name = domain.sealed_file(submission, link.sha256, answered)
    domain.check_reader(caller, agency)
    return _file(reader, agency, link.sha256, name)


def _own_agency(reader: Reader, participation: str, caller: Caller) -> str:
    found = store.find(reader, Participation, participation)
    return domain.check_own(caller, found.agency if found else None)


def _file(reader: Reader, agency: str, sha256: str, name: str | None = None) -> File:
    ownership = store.find_ownership(reader, agency, sha256)
    return domain.file_of(ownership, store.find_blob(reader, sha256), name)
