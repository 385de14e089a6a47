"""The editions that ship with the product: YAML files in a folder, each named by its edition's id."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from shared.core.errors import NotFound
from shared.instrument.authoring.glossary import FILE as GLOSSARY
from shared.instrument.loader import load
from shared.instrument.model import Edition
from shared.instrument.problems import EditionInvalid, Problem, cause
from shared.instrument.source import read_file

# By place, not by import: shared knows no service, and images without this folder name another or have none.
FOLDER: Final = Path(__file__).resolve().parents[2] / "services" / "intake" / "instruments"


def shipped_ids(folder: Path = FOLDER) -> tuple[str, ...]:
    """List the ids of the editions in a folder."""
    return tuple(sorted(_files(folder)))


def shipped(id: str, folder: Path = FOLDER) -> Edition:
    """Load an edition by its id; raises NotFound, BadRequest or EditionInvalid for a file that cannot be used."""
    files = _files(folder)
    if id not in files:
        known = ", ".join(sorted(files)) or "none"
        raise NotFound(f"There is no edition {id!r}; the folder {folder} has {known}.")
    edition = _loaded(read_file(files[id]))
    if edition.id != id:
        why = cause("other-edition", file=files[id].name, edition=edition.id)
        raise EditionInvalid([Problem(why, field="id")])
    return edition


# An edition never changes, and one with its texts takes a tenth of a second to read.
_loaded = lru_cache(maxsize=8)(load)


def _files(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in folder.glob("*.yaml") if path.name != GLOSSARY}
