"""A local issuer as a process of its own, for tests."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def issuer_running(folder: Path, port: int = 0) -> Iterator[str]:
    """Run the local issuer, its key in `folder`, on a free port unless one is named; give its address."""
    with issuer_process(folder, port) as (_, url):
        yield url


@contextmanager
def issuer_process(folder: Path, port: int = 0) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run it likewise; give its process too."""
    command = [sys.executable, "-m", "deploy.local.issuer", "--mode", "test", "--port", str(port)]
    with subprocess.Popen([*command, "--folder", folder], stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            found = re.search(r"Local issuer (\S+) on", said)
            if found is None:
                raise RuntimeError(f"the issuer did not start: {said}")
            yield process, found[1]
        finally:
            process.terminate()
