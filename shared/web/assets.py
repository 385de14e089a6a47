"""The files that pages load: style sheets, scripts and a font under names that change with their content."""

import json
from collections.abc import Mapping
from pathlib import Path

import flask

from shared.auth.guard import PUBLIC, audience
from shared.core.errors import NotFound

BUILT = Path(__file__).parent / "built"
MANIFEST = "manifest.json"
ROOT = "/assets"
FOR_GOOD = "public, max-age=31536000, immutable"
_NAMES = "nilai-assets"
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class NotBuilt(LookupError):
    """What pages load was not made ready."""


def init_app(app: flask.Flask, built: Path = BUILT) -> None:
    """Give out what was built, at the same addresses in every service; templates find them by `asset`."""
    names = _manifest(built)
    known = frozenset(names.values())
    app.extensions[_NAMES] = names
    app.jinja_env.globals["asset"] = asset
    pages = flask.Blueprint("assets", __name__, url_prefix=ROOT)

    @pages.get("/<name>")
    @audience(PUBLIC)
    def file(name: str) -> flask.Response:
        if name not in known:
            raise NotFound("There is no such file; pages that are loaded anew name the present ones.")
        return _given(built / name)

    app.register_blueprint(pages)


def asset(name: str) -> str:
    """The address of a file by its name before the build, as in `asset('nilai.css')`."""
    names: Mapping[str, str] = flask.current_app.extensions[_NAMES]
    return f"{ROOT}/{names[name]}"


def _manifest(built: Path) -> Mapping[str, str]:
    try:
        names: dict[str, str] = json.loads((built / MANIFEST).read_text())
    except FileNotFoundError as error:
        raise NotBuilt("What pages load was not built: run `make setup`.") from error
    return names


def _given(path: Path) -> flask.Response:
    """A file as it is, or compressed where that is taken: two forms, each with an ETag of its own."""
    packed = path.with_name(f"{path.name}.gz")
    takes = flask.request.accept_encodings["gzip"] > 0 and packed.exists()
    kind = _TYPES[path.suffix]
    response = flask.current_app.response_class((packed if takes else path).read_bytes(), mimetype=kind)
    response.set_etag(f"{path.name}{'-gzip' if takes else ''}")
    response.headers["Cache-Control"] = FOR_GOOD
    if packed.exists():
        response.vary.add("Accept-Encoding")
    if takes:
        response.content_encoding = "gzip"
    return response
