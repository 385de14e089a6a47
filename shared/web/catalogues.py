"""The texts for people: `python -m shared.web.catalogues` adds to each catalogue what templates and code say anew.

Sentences stand in the source in English; a folder's catalogue holds their Indonesian. What is no longer said goes.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

CHECKOUT = Path(__file__).parents[2]
FILE = "translations/id/LC_MESSAGES/messages.po"
_KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None, "lazy_ngettext": (1, 2)}
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.svg", "jinja2")]
_OPTIONS = {"**/templates/**.html": {"silent": "false", "trimmed": "true"}}


def folders(checkout: Path = CHECKOUT) -> dict[str, Path]:
    """The folders with texts of their own, by the name under which their catalogue is built."""
    services = {path.parent.name: path.parent for path in sorted(checkout.glob("services/*/__init__.py"))}
    return {"shared": checkout / "shared/web", **services}


def said(folder: Path) -> Catalog:
    """What the templates and the code of a folder say."""
    found = Catalog(locale="id", charset="utf-8")
    for _, _, message, comments, context in extract_from_dir(folder, _METHODS, _OPTIONS, _KEYWORDS):
        found.add(message, auto_comments=comments, context=context)
    return found


def read(folder: Path) -> Catalog:
    """The Indonesian catalogue of a folder; an empty one where there is none yet."""
    path = folder / FILE
    if not path.exists():
        return Catalog(locale="id", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="id", charset="utf-8", abort_invalid=True)


def wrong(folder: Path, known: Catalog | None = None) -> Iterator[str]:
    """What a folder's catalogue lacks: a sentence for each; a service may say what is `known` to all."""
    catalogue, wanted = read(folder), said(folder)
    for message in _texts(wanted):
        if message.id not in catalogue and message.id not in (known or ()):
            yield f"{message.id!r} is not in {folder.name}'s catalogue"
    for message in _texts(catalogue):
        if message.id not in wanted:
            yield f"{message.id!r} is said nowhere"
        yield from _faults(message, catalogue)


def _texts(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _faults(message: Message, catalogue: Catalog) -> Iterator[str]:
    if message.fuzzy or not _is_whole(message.string):
        yield f"{message.id!r} is not translated"
    yield from (f"{message.id!r}: {error}" for error in message.check(catalogue))


def update(folder: Path, known: Catalog | None = None) -> None:
    """Write the catalogue of a folder with what is said in it now, the new texts empty."""
    catalogue, wanted = read(folder), said(folder)
    for message in list(_texts(wanted)):
        if message.id in (known or ()) and message.id not in catalogue:
            wanted.delete(message.id, message.context)
    if not len(wanted) and not len(catalogue):
        return
    catalogue.update(wanted, no_fuzzy_matching=True)
    (folder / FILE).parent.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("wb") as file:
        write_po(file, catalogue, width=110, omit_header=True, ignore_obsolete=True, sort_output=True)


def compile_to(target: Path, checkout: Path = CHECKOUT) -> None:
    """Write what Flask-Babel reads: `<folder's name>/id/LC_MESSAGES/messages.mo` for each catalogue."""
    for name, folder in folders(checkout).items():
        if (folder / FILE).exists():
            path = target / name / "id/LC_MESSAGES/messages.mo"
            path.parent.mkdir(parents=True)
            with path.open("wb") as file:
                write_mo(file, read(folder))


def _is_whole(string: Sequence[str] | None) -> bool:
    return bool(string) and all([string] if isinstance(string, str) else string or ())


def main(checkout: Path = CHECKOUT) -> int:
    """Update all catalogues; 1 while texts are missing."""
    found = folders(checkout)
    shared = found.pop("shared")
    update(shared)
    known = read(shared)
    for folder in found.values():
        update(folder, known)
    missing = [*wrong(shared), *(line for folder in found.values() for line in wrong(folder, known))]
    sys.stdout.write("".join(f"{line}\n" for line in missing))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
