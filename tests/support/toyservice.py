"""What plays a service behind a gateway: by itself eight threads of gunicorn, as the real ones have."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.wrappers import Request, Response

from deploy.local.config import listens
from shared.cli.service import LIMITS
from tests.waiting import until

CHECKOUT = Path(__file__).parents[2]
BIG = 2**21
CHALLENGE = (
    'Bearer realm="nilai", error="invalid_token", error_description="It is over.", '
    'error_uri="urn:nilai:problem:token-expired"'
)


@Request.application
def app(request: Request) -> Response:
    """Takes bodies of whose token is good, gives answers as large as is asked, else tells who asked for what."""
    name = request.path.rpartition("/")[2]
    who = request.headers.get("Authorization", "").removeprefix("Bearer ") or request.cookies.get("nilai")
    known = who in ("good", "other")
    if (name in ("token", "import") or "/uploads/" in request.path) and not known:
        return Response(
            "unknown", 401, {"WWW-Authenticate": CHALLENGE} if "Authorization" in request.headers else {}
        )
    if name == "token":
        return Response(status=204, headers={"X-Who": str(who)})
    if name in ("import", "seal"):
        return Response(str(len(request.get_data())))
    if name == "big":
        return Response(b"x" * int(request.args["size"]))
    return Response(f"{request.headers.get('X-Forwarded-For')} {request.path}")


@contextmanager
def toy_service(threads: int = 8) -> Iterator[int]:
    """The port on which it runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    options = [
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        "--workers=1",
        f"--threads={threads}",
        *LIMITS,
    ]
    command = [sys.executable, "-m", "gunicorn", f"{__name__}:app", *options]
    quiet = ["--no-control-socket", "--log-level=warning"]
    process = subprocess.Popen([*command, *quiet], cwd=CHECKOUT, env={"PATH": os.environ["PATH"]})
    try:
        until(lambda: listens(port))
        yield port
    finally:
        process.terminate()
        process.wait(30)
