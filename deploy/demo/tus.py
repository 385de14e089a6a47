"""A small client for resumable uploads: tus 1.0.0 with checksums."""

from base64 import b64encode
from hashlib import sha256

from deploy.demo.world import Person

CHUNK = 1024 * 1024
VERSION = "1.0.0"


def send(who: Person, participation: str, name: str, data: bytes) -> None:
    """Send a file."""
    go_on(who, participation, begin(who, participation, name, data), data)


def begin(who: Person, participation: str, name: str, data: bytes) -> str:
    """Promise a file; gives the id of the upload."""
    told = f"filename {_base64(name.encode())},sha256 {_base64(sha256(data).hexdigest().encode())}"
    answer = who.ask(
        "POST",
        "intake",
        f"/uploads/{participation}",
        Tus_Resumable=VERSION,
        Upload_Length=str(len(data)),
        Upload_Metadata=told,
    )
    return answer.headers["Location"].rpartition("/")[2]


def go_on(who: Person, participation: str, id: str, data: bytes, chunks: int | None = None) -> int:
    """Send what is missing, or so many chunks of it; gives the number of requests that this took."""
    path = f"/uploads/{participation}/{id}"
    state = who.ask("HEAD", "intake", path, Tus_Resumable=VERSION)
    offset, sent = int(state.headers["Upload-Offset"]), 0
    while offset < len(data) and sent != chunks:
        chunk = data[offset : offset + CHUNK]
        answer = who.ask(
            "PATCH",
            "intake",
            path,
            chunk,
            Tus_Resumable=VERSION,
            Upload_Offset=str(offset),
            Upload_Checksum=f"sha256 {_base64(sha256(chunk).digest())}",
            Content_Type="application/offset+octet-stream",
        )
        offset, sent = int(answer.headers["Upload-Offset"]), sent + 1
    return sent


def _base64(content: bytes) -> str:
    return b64encode(content).decode()
