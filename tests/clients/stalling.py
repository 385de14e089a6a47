"""A network that loses a client's connection and does not tell the server."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 64 * 1024
RESET = struct.pack("ii", 1, 0)


class Stalling:
    """Passes connections on to a server; the first that sends more than so many bytes is lost.

    The client's side of that one is reset, the server's stays open and silent.
    """

    def __init__(self, port: int, after: int) -> None:
        self._to, self._after = ("127.0.0.1", port), after
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.lost = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def run(self) -> None:
        """Pass on whoever connects, until it is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._to)
                self._open += [client, server]
                threading.Thread(target=self._send, args=(client, server), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client), daemon=True).start()

    def close(self) -> None:
        """End every connection."""
        for line in (self._listening, *self._open):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _send(self, client: socket.socket, server: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while data := client.recv(PIECE):
                server.sendall(data)
                passed += len(data)
                if passed > self._after and not self.lost.is_set():
                    self.lost.set()
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    client.close()
                    return
            server.shutdown(socket.SHUT_WR)

    def _pass(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(PIECE):
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)


@contextmanager
def stalling(port: int, after: int) -> Iterator[Stalling]:
    """Such a network in front of a server's port."""
    network = Stalling(port, after)
    thread = threading.Thread(target=network.run, daemon=True)
    thread.start()
    try:
        yield network
    finally:
        network.close()
        thread.join()
