"""A loopback proxy between a client and a server, which can hold back what the server says."""

import socket
import threading
import time
from contextlib import suppress
from math import inf

SIGN_SECONDS = 0.6
PIECE = 8192


class Proxy:
    """Forwards one port to another; while `let_through` is clear nothing comes back; `left` says that a client went.

    `sign_of_life` comes back all the same, now and then. What goes to the server goes at `bytes_a_second` at most;
    `forwarded` counts it.
    """

    def __init__(self, target: int, sign_of_life: bytes = b"", bytes_a_second: float = inf) -> None:
        self._target = target
        self.bytes_a_second = bytes_a_second
        self._sign_of_life = sign_of_life
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
        self.forwarded = 0
        self.port: int = self._server.getsockname()[1]
        self.let_through = threading.Event()
        self.let_through.set()
        self._sockets: list[socket.socket] = []
        self.left = threading.Event()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                broker = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, broker]
                threading.Thread(target=self._pump, args=(client, broker, False), daemon=True).start()
                threading.Thread(target=self._pump, args=(broker, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536 if answers else PIECE):
                if answers:
                    while not self.let_through.wait(SIGN_SECONDS):
                        sink.sendall(self._sign_of_life)
                else:
                    time.sleep(len(data) / self.bytes_a_second)
                sink.sendall(data)
                self.forwarded += 0 if answers else len(data)
            if not answers:
                self.left.set()
            sink.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """Break every connection."""
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets.clear()

    def close(self) -> None:
        """End everything."""
        self.let_through.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._server.close()
        self.cut()
