"""The licence of every locked package, held against what goes together with our own.

`python -m tests.architecture.licences` prints them all and ends with 1 when one does not go.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
OURS = "Apache-2.0"
PERMISSIVE = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BlueOak-1.0.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "PSF-2.0",
        "Python-2.0",
        "Zlib",
    }
)
RUN_TIME = PERMISSIVE | {  # copyleft of its own files only, which we do not change
    "MPL-2.0",
    "OFL-1.1",  # fonts
}
TO_DEVELOP = RUN_TIME | {  # free software; nobody is given it together with ours
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "EUPL-1.2",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "LGPL-2.1-or-later",
    "LGPL-3.0-or-later",
}
NPM_LOCKS = {"package-lock.json": RUN_TIME}
LOCKS = {"requirements.txt": RUN_TIME, "requirements-dev.txt": TO_DEVELOP, **NPM_LOCKS}
NOT_INSTALLED = {"colorama": "BSD-3-Clause", "tzdata": "Apache-2.0"}
"""What the locks name for other systems than this one, as their releases say."""
NOT_SAID = {"combine-errors": "MIT"}
"""npm packages whose package.json names no licence, as their own read-me says."""
WORDS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD-3-Clause",
    # PDFium and its parts: FreeType, libjpeg-turbo, OpenJPEG, Little CMS, zlib and others, all permissive.
    "bsd-3-clause, apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "new bsd": "BSD-3-Clause",
    "python software foundation license": "PSF-2.0",
}
"""Words of older metadata; where two clauses or three are not said, both go together with ours."""


@dataclass(frozen=True)
class Package:
    """A locked package, the lock file that names it, and its licence as an SPDX expression ("" when none is said)."""

    name: str
    lock: str
    licence: str
    dev: bool = False


def packages(lock: str, text: str) -> Iterator[Package]:
    """Every package that a lock file pins, with the licence that its metadata say."""
    if lock in NPM_LOCKS:
        for path, said in json.loads(text)["packages"].items():
            if path:  # the empty one is the folder itself
                name = path.rpartition("node_modules/")[2]
                licence = said.get("license", NOT_SAID.get(name, "")).strip("()")
                yield Package(name, lock, licence, dev=said.get("dev", False))
        return
    for found in re.finditer(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE):
        yield Package(found[1], lock, licence_of(found[1]))


def licence_of(name: str) -> str:
    """The licence that a package's metadata say: by expression, else by classifier, else by a short text."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return NOT_INSTALLED.get(name, "")
    if "License-Expression" in said:
        return said["License-Expression"]
    classifiers = [line for line in said.get_all("Classifier") or () if line.startswith("License :: ")]
    named = sorted({_word(line.rpartition(" :: ")[2]) for line in classifiers})
    return " AND ".join(named) or _word((said.get_all("License") or [""])[0])


def _word(text: str) -> str:
    return WORDS.get(text.strip().lower(), text.strip() if len(text) < 60 else "")


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Whether one alternative of an SPDX expression consists of allowed licences only; parentheses are not read."""
    alternatives = [alternative.split(" AND ") for alternative in expression.split(" OR ")]
    return any(all(part.strip() in allowed for part in parts) for parts in alternatives)


def breaches(found: list[Package]) -> list[str]:
    """One sentence for each package whose licence is unknown or does not go together with ours."""
    return [_sentence(package) for package in found if not is_allowed(package.licence, _allowed(package))]


def _allowed(package: Package) -> frozenset[str]:
    return TO_DEVELOP if package.dev else LOCKS[package.lock]


def _sentence(package: Package) -> str:
    where = f"{package.name} in {package.lock}"
    if not package.licence:
        return f"{where} says no licence: look it up, or choose another package."
    return (
        f"{where} is under {package.licence}, which does not go together with {OURS}: choose another package."
    )


def main() -> int:
    """Print every licence; 1 when one does not go."""
    found = [package for lock in LOCKS for package in packages(lock, (CHECKOUT / lock).read_text())]
    if "--quiet" not in sys.argv:
        for package in found:
            sys.stdout.write(f"{package.lock:31} {package.name:40} {package.licence or 'unknown'}\n")
    wrong = breaches(found)
    said = wrong or [f"{len(found)} locked packages go together with {OURS}."]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
