"""Names, asked of DNS within a bound: whoever runs a name server must not decide how long an attempt takes."""

import socket
from concurrent.futures import Future
from threading import Lock, Thread

MOST_AT_ONCE = 64

Asked = tuple[str, int]


class Resolver:
    """The look-ups of one process, each in a thread of its own, one for each name at a time.

    A look-up cannot be broken off: one that takes too long goes on alone, and whoever asks for the same name
    meanwhile waits for that one. No more than `most` are under way, and none keeps the process from ending.
    """

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most = most
        self._under_way: dict[Asked, Future[list[str]]] = {}
        self._lock = Lock()

    def addresses(self, host: str, port: int, seconds: float) -> list[str]:
        """The IP addresses of a name; OSError when there is none, or when no answer comes in time."""
        try:
            return self._look_up((host, port)).result(seconds)
        except TimeoutError:
            raise _again(f"no answer within {seconds:g} s") from None

    def _look_up(self, asked: Asked) -> Future[list[str]]:
        with self._lock:
            future = self._under_way.get(asked)
            if future is None:
                if len(self._under_way) >= self._most:
                    raise _again(f"{self._most} other names are waited for already")
                future = Future()
                Thread(target=self._answer, args=(asked, future), name="names", daemon=True).start()
                self._under_way[asked] = future
            return future

    def _answer(self, asked: Asked, future: Future[list[str]]) -> None:
        try:
            found = _found(*asked)
        except Exception as problem:
            self._forget(asked)
            future.set_exception(problem)
        else:
            self._forget(asked)
            future.set_result(found)

    def _forget(self, asked: Asked) -> None:
        with self._lock:
            del self._under_way[asked]


def _found(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _again(why: str) -> socket.gaierror:
    return socket.gaierror(socket.EAI_AGAIN, why)
