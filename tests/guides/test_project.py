"""What the project says of itself to others: publiccode.yml and SECURITY.md."""

from importlib.metadata import metadata
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.local.config import CHECKOUT
from shared.web.language import LANGUAGES
from shared.web.markdown import DOCS

TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https?://[^ ]+$"}
DESCRIPTION = {
    "type": "object",
    "required": ["shortDescription", "longDescription", "features"],
    "properties": {
        "genericName": {"type": "string", "maxLength": 35},
        "shortDescription": {"type": "string", "minLength": 1, "maxLength": 150},
        "longDescription": {"type": "string", "minLength": 150, "maxLength": 10_000},
        "documentation": URL,
        "features": {"type": "array", "minItems": 1, "items": {"type": "string", "maxLength": 100}},
    },
    "additionalProperties": False,
}
NEEDED = {"type": "array", "items": {"type": "object", "required": ["name"]}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [
        *("publiccodeYmlVersion", "name", "url", "releaseDate", "platforms", "developmentStatus"),
        *("softwareType", "description", "legal", "maintenance", "localisation"),
    ],
    "properties": {
        "publiccodeYmlVersion": {"const": "0.4"},
        "name": TEXT,
        "url": URL,
        "softwareVersion": TEXT,
        "releaseDate": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
        "platforms": {"type": "array", "minItems": 1, "items": {"enum": ["web", "windows", "mac", "linux"]}},
        "developmentStatus": {"enum": ["concept", "development", "beta", "stable", "obsolete"]},
        "softwareType": {
            "enum": [
                *("standalone/mobile", "standalone/iot", "standalone/desktop", "standalone/web"),
                *("standalone/backend", "standalone/other", "addon", "library", "configurationFiles"),
            ]
        },
        "intendedAudience": {
            "type": "object",
            "properties": {"scope": {"type": "array"}, "countries": {"items": {"pattern": "^[A-Z]{2}$"}}},
        },
        "description": {"type": "object", "minProperties": 1, "additionalProperties": DESCRIPTION},
        "legal": {"type": "object", "required": ["license"], "properties": {"license": TEXT}},
        "maintenance": {
            "type": "object",
            "required": ["type", "contacts"],
            "properties": {
                "type": {"enum": ["internal", "community"]},
                "contacts": {"type": "array", "minItems": 1, "items": {"required": ["name"]}},
            },
        },
        "localisation": {
            "type": "object",
            "required": ["localisationReady", "availableLanguages"],
            "properties": {"localisationReady": {"type": "boolean"}, "availableLanguages": {"minItems": 1}},
        },
        "dependsOn": {
            "type": "object",
            "properties": {"open": NEEDED, "proprietary": NEEDED, "hardware": NEEDED},
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
"""What version 0.4 of the standard asks of the keys that stand in our file."""


@pytest.fixture
def told() -> dict[str, Any]:
    """What publiccode.yml says."""
    found: dict[str, Any] = yaml.safe_load((CHECKOUT / "publiccode.yml").read_text())
    return found


def test_publiccode_is_as_its_standard_wants_it(told: dict[str, Any]) -> None:
    jsonschema.validate(told, SCHEMA)
    for key in SCHEMA["required"]:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({name: value for name, value in told.items() if name != key}, SCHEMA)


def test_publiccode_says_what_the_project_says(told: dict[str, Any]) -> None:
    package = metadata("nilai")
    assert not [one for one in told["description"].values() if ".example" in one.get("documentation", "")]
    assert told["softwareVersion"] == package["Version"]
    assert told["legal"]["license"] == package["License-Expression"] == "Apache-2.0"
    assert "Apache License" in (CHECKOUT / "LICENSE").read_text()
    assert set(told["localisation"]["availableLanguages"]) == set(told["description"]) == set(LANGUAGES)
    assert (
        f"## [{told['softwareVersion']}] - {told['releaseDate']}" in (CHECKOUT / "CHANGELOG.md").read_text()
    )


def test_readme_leads_to_the_guides_and_to_who_takes_reports() -> None:
    readme = (CHECKOUT / "README.md").read_text()
    assert all(f"]({path})" in readme for path in ("docs/en/index.md", "docs/id/index.md", "SECURITY.md"))
    assert (DOCS / "en/index.md").exists()
