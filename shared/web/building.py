"""What browsers load, made ready once: `python -m shared.web.building` writes `shared/web/built`.

Every file gets its content's hash in its name, so that it may be kept for good, and a compressed copy beside it.
"""

import gzip
import json
import re
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

from shared.web import catalogues
from shared.web.assets import BUILT, MANIFEST

WEB = Path(__file__).parent
CHECKOUT = WEB.parents[1]
OWN = WEB / "static"
PICTURES = CHECKOUT / "docs/pictures"
PACKAGES = {
    "govuk.css": "govuk-frontend/dist/govuk/govuk-frontend.min.css",
    "govuk-frontend.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "public-sans.woff2": "@fontsource-variable/public-sans/files/public-sans-latin-wght-normal.woff2",
    "tus.js": "tus-js-client/dist/tus.min.js",
}
"""What is taken from npm's packages, by the name under which pages ask for it."""
SHEET = "nilai.css"
_COMPRESSED = {".woff2", ".png"}
_NEIGHBOUR = re.compile(r"(?<=[\"'(]\./)[a-z0-9-]+\.[a-z0-9]+")
_FACE = re.compile(r"@font-face\{[^}]*\}")
_MAP = re.compile(r"\s*(?://# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")


class Unknown(LookupError):
    """A file names a neighbour that is not there, or that names it in turn."""


def build(
    own: Path = OWN,
    packages: Path = CHECKOUT / "node_modules",
    built: Path = BUILT,
    pictures: Path = PICTURES,
) -> None:
    """Write all files and their manifest anew; what was built before goes."""
    sources = {name: _taken(packages / path) for name, path in PACKAGES.items()}
    sources |= _own(own) | {path.name: path.read_bytes() for path in sorted(pictures.glob("*.png"))}
    names: dict[str, str] = {}
    rmtree(built, ignore_errors=True)
    built.mkdir()
    for name in sources:
        _write(name, sources, names, built, ())
    catalogues.compile_to(built / "translations")
    (built / MANIFEST).write_text(json.dumps(names, indent=1, sort_keys=True))


def _own(own: Path) -> dict[str, bytes]:
    """Our own files; style sheets, which stand apart for their readers, come in one, in the order of their names."""
    paths = sorted(own.iterdir())
    sheets = b"".join(path.read_bytes() for path in paths if path.suffix == ".css")
    return {SHEET: sheets, **{path.name: path.read_bytes() for path in paths if path.suffix != ".css"}}


def _taken(path: Path) -> bytes:
    """A file of a package without the address of its map; a style sheet with our font and without foreign marks."""
    data = path.read_bytes()
    if path.suffix == ".woff2":
        return data
    text = _MAP.sub("", data.decode())
    if path.suffix == ".css":
        text = _FACE.sub("", text).replace("GDS Transport", "Public Sans Variable")
        text = text.replace("url(/assets/images/govuk-crest.svg)", "none")
    return text.encode()


def _write(
    name: str, sources: Mapping[str, bytes], names: dict[str, str], built: Path, within: tuple[str, ...]
) -> str:
    """Write a file after the neighbours that it names; gives its name with the hash."""
    if name in names:
        return names[name]
    if name not in sources or name in within:
        raise Unknown(f"{' → '.join((*within, name))}: there is no such file, or it names itself")
    data, suffix = sources[name], Path(name).suffix
    if name not in PACKAGES and suffix in (".css", ".js"):
        followed = (*within, name)
        data = _NEIGHBOUR.sub(
            lambda found: _write(found[0], sources, names, built, followed), data.decode()
        ).encode()
    names[name] = f"{Path(name).stem}.{sha256(data).hexdigest()[:16]}{suffix}"
    (built / names[name]).write_bytes(data)
    if suffix not in _COMPRESSED:
        (built / f"{names[name]}.gz").write_bytes(gzip.compress(data, mtime=0))
    return names[name]


if __name__ == "__main__":
    try:
        build()
    except (OSError, Unknown) as error:
        sys.exit(f"building pages: {error}")
