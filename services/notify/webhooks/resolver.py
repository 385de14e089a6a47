"""Names, asked of DNS within a bound: whoever runs a name server must not decide how long an attempt takes."""

import socket
from concurrent.futures import Future
from threading import Lock, Thread

MAX_LOOK_UPS = 64

Name = tuple[str, int]


class Resolver:
    """The look-ups of one process, each in a thread of its own, one for each name at a time.

    A look-up cannot be broken off: one that takes too long goes on alone, and whoever asks for the same name
    meanwhile waits for that one. No more than `limit` are under way, and none keeps the process from ending.
    """

    def __init__(self, limit: int = MAX_LOOK_UPS) -> None:
        self._limit = limit
        self._under_way: dict[Name, Future[list[str]]] = {}
        self._lock = Lock()

    def addresses(self, host: str, port: int, seconds: float) -> list[str]:
        """The IP addresses of a name; OSError when there is none, or when no answer comes in time."""
        try:
            return self._look_up((host, port)).result(seconds)
        except TimeoutError:
            raise _try_again(f"no answer within {seconds:g} s") from None

    def _look_up(self, name: Name) -> Future[list[str]]:
        with self._lock:
            future = self._under_way.get(name)
            if future is None:
                if len(self._under_way) >= self._limit:
                    raise _try_again(f"{self._limit} other names are waited for already")
                future = Future()
                Thread(target=self._resolve, args=(name, future), name="resolver", daemon=True).start()
                self._under_way[name] = future
            return future

    def _resolve(self, name: Name, future: Future[list[str]]) -> None:
        try:
            found = _found(*name)
        except Exception as problem:
            self._forget(name)
            future.set_exception(problem)
        else:
            self._forget(name)
            future.set_result(found)

    def _forget(self, name: Name) -> None:
        with self._lock:
            del self._under_way[name]


def _found(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def _try_again(why: str) -> socket.gaierror:
    return socket.gaierror(socket.EAI_AGAIN, why)
