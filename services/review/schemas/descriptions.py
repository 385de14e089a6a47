"""Descriptions of fields."""

from typing import Any


def describe(text: str) -> dict[str, Any]:
    """What stands beside a field in the API's description: options of a marshmallow field."""
    return {"metadata": {"description": text}}
