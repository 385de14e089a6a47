"""Resumable uploads by tus 1.0.0, sent by tuspy: every chunk with its SHA-256."""

from hashlib import sha256
from io import BytesIO
from typing import Any

from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tusclient.uploader.uploader import Uploader

from deploy.demo.world import DemoError, Person

CHUNK = 1024 * 1024


class CountedUploader(Uploader):
    """An upload that counts its requests, one that begins or finds it and one a chunk, as those of a person."""

    CHECKSUM_ALGORITHM_PAIR = ("sha256", sha256)

    def __init__(self, who: Person, **options: Any) -> None:
        super().__init__(chunk_size=CHUNK, upload_checksum=True, retries=4, retry_delay=1, **options)
        self._who = who
        who.count("intake", 0)

    def upload_chunk(self) -> None:
        """Send the next chunk."""
        before = self.offset
        super().upload_chunk()  # type: ignore[no-untyped-call]  # tuspy says no types here
        self._who.count("intake", self.offset - before)


def send(who: Person, participation: str, name: str, data: bytes, breaks_off_at: int | None = None) -> None:
    """Send a file; at `breaks_off_at` bytes the line is lost, the server asked how far it got, the rest sent.

    Raises DemoError when the server refuses or does not answer.
    """
    client = TusClient(who.url("intake", f"/uploads/{participation}"), who.authorization)
    metadata = {"filename": name, "sha256": sha256(data).hexdigest()}
    try:
        upload = CountedUploader(who, client=client, file_stream=BytesIO(data), metadata=metadata)
        upload.upload(breaks_off_at)
        if breaks_off_at:
            CountedUploader(who, client=client, file_stream=BytesIO(data), url=upload.url).upload()
    except TusCommunicationError as error:
        reason = error.response_content or error
        raise DemoError(f"The upload of {name} to {client.url} failed: {reason!s:.300}") from error
