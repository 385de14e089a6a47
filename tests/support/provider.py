"""An identity provider that answers what a test wants."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Provider:
    """Answers each path with what stands in `answers`, and counts."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked = 0
        self.open = threading.Event()
        self.open.set()
        self.url = ""

    def answer(self, path: str) -> bytes:
        """The body of an answer, held back while `open` is not set."""
        self.asked += 1
        self.open.wait(10)
        return json.dumps(self.answers.get(path)).encode()


@contextmanager
def provider_running() -> Iterator[Provider]:
    """Run one on a free port."""
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = found.answer(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        found.open.set()
        server.shutdown()
        thread.join()
