"""A receiver of webhooks: checks each, keeps it as a line in a file, and only then says that it has it.

It stumbles on purpose: the first try of the first few deliveries gets a 500, so that retries are seen.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Lock, Thread
from typing import Any

from deploy.demo.signatures import Keys, find_defect

STUMBLES = 3
TEST_EVENT = "subscription.test.v1"
"""What comes first, so that an address shows that it checks signatures; it stands in no stream."""
PATIENCE_SECONDS = 10.0


class Receiver:
    """What has been received; `base` is the address under which the notify service reaches it."""

    def __init__(self, file: Path, base: str, patience: float = PATIENCE_SECONDS) -> None:
        self._file = file
        self._base = base
        self._patience = patience
        self._known = Condition()
        self._keys: dict[str, Keys] = {}
        self._lock = Lock()
        self._tries: Counter[str] = Counter()

    def url(self, name: str) -> str:
        """Where webhooks for this subscriber go."""
        return f"{self._base}/{name}"

    def expect(self, name: str, keys: Keys) -> None:
        """Let in what is signed with these keys."""
        with self._known:
            self._keys[name] = keys
            self._known.notify_all()

    def take(self, name: str, headers: Mapping[str, str], body: bytes) -> int:
        """Check and keep one webhook; gives the status to answer with."""
        keys = self._keys_of(name)
        defect = "nobody here expects it" if keys is None else find_defect(keys, headers, body)
        if defect is None and json.loads(body).get("type") == TEST_EVENT:
            return 204
        with self._lock:
            id = headers.get("webhook-id", "")
            self._tries[id] += 1
            status = 401 if defect else 500 if self._stumbles(id) else 204
            self._keep({"to": name, "id": id, "answered": status, "defect": defect, "body": body.decode()})
        return status

    def fetched(self, name: str, body: str) -> None:
        """Keep an event that was fetched from its stream, since no webhook brought it."""
        with self._lock:
            self._keep({"to": name, "id": None, "answered": None, "defect": None, "body": body})

    def _keep(self, row: dict[str, Any]) -> None:
        with self._file.open("a") as file:
            file.write(json.dumps({"at": datetime.now(UTC).isoformat(), **row}) + "\n")

    def _keys_of(self, name: str) -> Keys | None:
        """A webhook may be faster than the answer to the request that subscribed."""
        with self._known:
            self._known.wait_for(lambda: name in self._keys, self._patience)
            return self._keys.get(name)

    def _stumbles(self, id: str) -> bool:
        return self._tries[id] == 1 and len(self._tries) <= STUMBLES


@contextmanager
def receiving(file: Path, listen: tuple[str, int], base: str | None) -> Iterator[Receiver]:
    """A receiver that listens while this lasts; without `base` it is reached where it listens."""
    server = ThreadingHTTPServer(listen, _Handler)
    receiver = Receiver(file, (base or f"http://{listen[0]}:{server.server_port}").rstrip("/"))
    server.receiver = receiver  # type: ignore[attr-defined]  # what the handler hands requests to
    thread = Thread(target=server.serve_forever, name="receiver", daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self) -> None:
        """Take one webhook."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]  # see receiving
        headers = {name.lower(): text for name, text in self.headers.items()}
        self.send_response(receiver.take(self.path.strip("/"), headers, body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: the file says it all."""
