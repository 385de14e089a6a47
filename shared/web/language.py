"""The reader's language: what an address asks for, what was chosen before, what the browser wishes; else Indonesian."""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import flask
from flask_babel import Babel

from shared.auth.guard import PUBLIC, audience
from shared.core.errors import BadRequest
from shared.web.choices import remember

LANGUAGES = ("id", "en")
COOKIE = "lang"
TRANSLATIONS = Path(__file__).parent / "built/translations"


def init_app(app: flask.Flask, name: str, secure: bool, translations: Path = TRANSLATIONS) -> None:
    """Speak the language of whoever reads; `POST /<name>/language` changes it and remembers."""
    # One that is not there would have its plural rule, which is English, put over the others'.
    folders = [str(path) for path in (translations / "shared", translations / name) if path.is_dir()]
    Babel(app, default_locale="id", default_translation_directories=";".join(folders), locale_selector=chosen)
    app.config["SECURE_COOKIES"] = secure
    app.add_url_rule(
        f"/{name}/language", "language", audience(PUBLIC)(_choose), methods=["POST"], strict_slashes=False
    )


def chosen() -> str:
    """The language of the present request."""
    request = flask.request
    for wished in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wished in LANGUAGES:
            return wished
    tags = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((tag for tag in tags if tag in LANGUAGES), LANGUAGES[0])


def _choose() -> flask.typing.ResponseReturnValue:
    """Remember a language, and go back to where it was chosen."""
    wished, back = flask.request.form.get("lang"), flask.request.form.get("back", "")
    if wished not in LANGUAGES:
        raise BadRequest(f"The languages are {' and '.join(LANGUAGES)}.", "bad-language")
    response = flask.make_response(flask.redirect(_own(back), HTTPStatus.SEE_OTHER))
    remember(response, COOKIE, wished)
    return response


def _own(back: str) -> str:
    """An address of our own, or the start: nobody is led elsewhere."""
    parts = urlsplit(back)
    ours = back.startswith("/") and not back.startswith(("//", "/\\")) and not parts.netloc
    return back if ours and back.isprintable() and "\\" not in back else "/"
