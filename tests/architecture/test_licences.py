"""Every locked package may be given away together with this project, and one that may not is seen."""

import pytest

from tests.architecture.licences import (
    CHECKOUT,
    LOCKS,
    NPM_LOCKS,
    OURS,
    Package,
    breaches,
    is_allowed,
    packages,
)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_goes_together_with_our_licence(lock: str) -> None:
    found = list(packages(lock, (CHECKOUT / lock).read_text()))
    some = {"tus-js-client", "@redocly/cli"} if lock in NPM_LOCKS else {"click", "pymongo", "tzdata"}
    assert some <= {package.name for package in found}
    assert breaches(found) == []


@pytest.mark.parametrize(
    ("licence", "sentence"),
    [
        ("", "x in requirements.txt says no licence: look it up, or choose another package."),
        (
            "AGPL-3.0-only",
            "x in requirements.txt is under AGPL-3.0-only, which does not go together with Apache-2.0: "
            "choose another package.",
        ),
    ],
)
def test_a_licence_that_is_unknown_or_does_not_go_is_seen(licence: str, sentence: str) -> None:
    assert breaches([Package("x", "requirements.txt", licence)]) == [sentence]


def test_a_package_that_nobody_knows_is_seen() -> None:
    (found,) = packages("requirements.txt", "nobody-has-written-this==1.0 \\\n    --hash=sha256:0\n")
    assert breaches([found]) == [
        "nobody-has-written-this in requirements.txt says no licence: look it up, or choose another package."
    ]


def test_tools_may_be_under_any_licence_of_free_software() -> None:
    assert breaches([Package("x", "requirements-dev.txt", "GPL-3.0-or-later")]) == []
    assert breaches([Package("x", "requirements-dev.txt", "Proprietary")]) != []


def test_what_npm_locks_for_browsers_is_held_to_more_than_what_it_locks_for_tests() -> None:
    (lock,) = NPM_LOCKS
    assert breaches([Package("x", lock, "GPL-3.0-or-later", dev=True)]) == []
    assert breaches([Package("x", lock, "GPL-3.0-or-later")]) != []


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("Apache-2.0 AND MIT OR GPL-3.0-only", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("", False),
    ],
)
def test_an_expression_is_allowed_when_one_alternative_is(expression: str, allowed: bool) -> None:
    assert is_allowed(expression, LOCKS["requirements.txt"]) is allowed


def test_our_licence_is_whole_and_named_in_the_metadata() -> None:
    text = (CHECKOUT / "LICENSE").read_text()
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert f'license = "{OURS}"\n' in (CHECKOUT / "pyproject.toml").read_text()
