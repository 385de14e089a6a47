"""A tus client for tests that says exactly what they want to say."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.test import TestResponse

from tests.support.stage import Requests

ROOT = "/intake/api/v1"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def metadata(**pairs: str) -> str:
    """An Upload-Metadata header."""
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in pairs.items())


def checksum(data: bytes, algorithm: str = "sha256") -> str:
    """An Upload-Checksum header."""
    return f"{algorithm} {b64encode(hashlib.new(algorithm, data).digest()).decode()}"


@dataclass
class Tus:
    """Somebody who sends files for a participation."""

    who: Requests
    participation: str = "2026.kota-a"
    headers: Mapping[str, str] = field(default_factory=lambda: TUS)

    @property
    def url(self) -> str:
        """Where uploads begin."""
        return f"{ROOT}/uploads/{self.participation}"

    def begin(self, name: str, length: int, **more: str) -> TestResponse:
        """POST."""
        told = {"Upload-Length": str(length), "Upload-Metadata": metadata(filename=name, **more)}
        return self.who.post(self.url, headers={**self.headers, **told})

    def place(self, name: str, length: int, **more: str) -> str:
        """POST, and give the place of the new upload."""
        answer = self.begin(name, length, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    def patch(self, place: str, offset: int, data: bytes, **more: str) -> TestResponse:
        """PATCH; underscores in further headers' names stand for hyphens."""
        told = {name.replace("_", "-"): value for name, value in more.items()}
        return self.who.patch(place, headers={**BYTES, "Upload-Offset": str(offset), **told}, data=data)

    def offset(self, place: str) -> int:
        """HEAD, and give the offset."""
        answer = self.who.head(place, headers=TUS)
        assert answer.status_code == 200, answer.status
        return int(answer.headers["Upload-Offset"])

    def send(self, name: str, data: bytes) -> TestResponse:
        """A whole file in one PATCH."""
        return self.patch(self.place(name, len(data)), 0, data)
