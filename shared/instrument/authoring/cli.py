"""`nilai score` and `nilai instrument`: scoring and reading editions, without any server."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

import click

from shared.core.errors import AppError, BadRequest, Invalid
from shared.instrument.authoring.glossary import FILE as GLOSSARY
from shared.instrument.authoring.glossary import glossary_beside, load_glossary
from shared.instrument.authoring.lint import lint as look_through
from shared.instrument.authoring.show import WIDTH, describe, overview
from shared.instrument.checks import note_crosswalk
from shared.instrument.engine import Score, band_of_displayed, parse_values
from shared.instrument.engine import score as compute
from shared.instrument.exact import ratio
from shared.instrument.loader import examine
from shared.instrument.model import LANGUAGES, Edition
from shared.instrument.problems import EditionInvalid
from shared.instrument.shipped import FOLDER, shipped, shipped_ids
from shared.instrument.source import LONGEST, decode, read_file

# A line that runs on and on is read worse than two.
WIDEST = 110


def _there(_: click.Context, __: click.Parameter, folder: Path) -> Path:
    # The folder by default may be missing: not every image has it.
    if folder != FOLDER and not folder.is_dir():
        raise click.BadParameter(f"there is no folder {folder}")
    return folder


_folder = click.option(
    "--instruments",
    "folder",
    type=click.Path(path_type=Path),
    default=FOLDER,
    callback=_there,
    help="Folder with the editions as YAML files.",
)


@click.command()
@click.argument("file", type=click.Path(allow_dash=True))
@_folder
def score(file: str, folder: Path) -> None:
    """Compute the index from FILE (- for standard input) and print it, with every node's, as JSON.

    FILE is JSON: {"edition": "spbe-59-2020", "values": {"1": 3, "2": "2", ...}} with every indicator.
    Values are numbers or strings, read exactly; where an edition takes decimals, "7/6" is a value too. A note
    says so when the displayed index alone would earn another predicate.
    """
    with _refusing():
        wanted, values = _request(_read(file))
        edition = shipped(wanted, folder)
        found = compute(edition, parse_values(edition, values))
        click.echo(json.dumps(_answer(edition, found), ensure_ascii=False, indent=2))


@click.group()
def instrument() -> None:
    """Look at the editions of the instrument, and check new ones."""


@instrument.command("list")
@_folder
def list_(folder: Path) -> None:
    """List the editions at hand."""
    with _refusing():
        refusals = [said for id in shipped_ids(folder) if (said := _listed(id, folder))]
    if refusals:
        raise _Refused("\n".join(refusals))


@instrument.command()
@click.argument("id")
@click.argument("code", required=False)
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
@_folder
def show(id: str, code: str | None, language: str, folder: Path) -> None:
    """Print the edition ID, or its node CODE, for people to read."""
    with _refusing():
        edition = shipped(id, folder)
        if code is None:
            _print(overview(edition, language, _columns()))
        else:
            _print(describe(edition, edition.node(code), language, _columns()))


@instrument.command()
@click.argument("file", type=click.Path(allow_dash=True))
@_folder
def check(file: str, folder: Path) -> None:
    """Say whether the edition in FILE (YAML, - for standard input) adds up, or all that is wrong with it."""
    with _refusing():
        edition, notes = examine(_text(file))
        if edition.crosswalk and (before := _at_hand(edition.crosswalk.edition, folder)):
            note_crosswalk(edition, before, notes)
        notes.refuse()
        click.echo(f"{edition.id} adds up: {len(edition.codes)} indicators, SHA-256 {edition.hash}")


@instrument.command()
@click.argument("file", type=click.Path(allow_dash=True))
@click.option(
    "--glossary",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The words to use; else {GLOSSARY} in the folder of the editions.",
)
@_folder
def lint(file: str, glossary: Path | None, folder: Path) -> None:
    """Say everything that is wrong with the edition in FILE (- for standard input), its texts included."""
    with _refusing():
        terms = load_glossary(_text(str(glossary))) if glossary else glossary_beside(folder)
        problems = look_through(_text(file), terms, lambda id: _at_hand(id, folder))
        _print(map(str, problems) if problems else [f"{_name(file)}: nothing is wrong"])
    if problems:
        raise SystemExit(1)


def _listed(id: str, folder: Path) -> str | None:
    try:
        edition = shipped(id, folder)
    except AppError as error:
        return f"{id}.yaml: {_said(error)}"
    click.echo(f"{edition.id:<16} {len(edition.codes):>3} indicators  {edition.regulation}")
    return None


def _at_hand(id: str, folder: Path) -> Edition | None:
    return shipped(id, folder) if id in shipped_ids(folder) else None


def _columns() -> int:
    return max(40, min(get_terminal_size((WIDTH, 0)).columns, WIDEST))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


class _Refused(click.ClickException):
    exit_code = 2


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except AppError as error:
        raise _Refused(_said(error)) from None


def _said(error: AppError) -> str:
    if isinstance(error, EditionInvalid):
        return "\n  ".join([f"the {error.subject} does not add up:", *map(str, error.problems)])
    each = error.extra.get("errors")
    return "\n  ".join(["the values cannot be scored:", *each.values()]) if each else error.detail


def _text(file: str) -> str:
    if file != "-":
        return read_file(Path(file))
    if sys.stdin is None:
        raise BadRequest(f"{_name(file)} cannot be read: it is closed")
    return decode(sys.stdin.buffer.read(LONGEST + 1), _name(file))


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def _read(file: str) -> Any:
    text = _text(file)
    try:
        # Numbers stay the text that was written: no float comes between the file and the exact sum.
        return json.loads(text, object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise BadRequest(f"{_name(file)} is not JSON: line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise BadRequest(f"{_name(file)} is nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = Counter(key for key, _ in pairs)
        twice = ", ".join(sorted(repr(key) for key, count in keys.items() if count > 1))
        raise Invalid(f"the file gives more than once: {twice}")
    return found


def _request(found: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(found, dict):
        raise Invalid('the file must hold an object like {"edition": "spbe-59-2020", "values": {"1": 3}}')
    edition, values = found.get("edition"), found.get("values")
    if not isinstance(edition, str):
        raise Invalid('"edition" must be the id of an edition, like "spbe-59-2020"')
    if not isinstance(values, dict):
        raise Invalid('"values" must be an object that gives each indicator\'s code a value')
    return edition, values


def _answer(edition: Edition, found: Score) -> dict[str, Any]:
    return {
        "edition": found.edition,
        "index": found.displayed,
        "exact": ratio(found.index),
        "predicate": found.predicate.name["id"],
        **_note(edition, found),
        "nodes": {node.code: node.displayed for node in found.nodes},
    }


def _note(edition: Edition, found: Score) -> dict[str, str]:
    other = band_of_displayed(edition, found)
    if other is None:
        return {}
    said = f"Bands look at the exact index, which is {'less' if found.index < Fraction(found.displayed) else 'more'} "
    return {"note": f"{said}than {found.displayed}; as displayed it would be {other.name['id']}."}
