"""What libraries say of a wrong input, in words that tell its sender what to write instead."""

import re
from collections.abc import Iterable
from typing import Any

from marshmallow import Schema

_MARSHMALLOW = {
    "Invalid input type.": "Must be an object with named fields.",
    "Invalid type.": "Must be an object with named fields.",
    "Not a valid mapping type.": "Must be an object with named fields.",
    "Not a valid list.": "Must be a list.",
    "Not a valid string.": "Must be a text.",
    "Not a valid integer.": "Must be a whole number.",
    "Not a valid number.": "Must be a number.",
    "Not a valid boolean.": "Must be true or false.",
    "Not a valid utf-8 string.": "Must be a text in UTF-8.",
    "Missing data for required field.": "Is missing, and needed.",
    "Field may not be null.": "May not be null.",
}
UNKNOWN = ["Unknown field."]
_KINDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object with named fields",
}
_PLACE = re.compile(r"(.*?)(?: - at `\$(.*)`)?", re.DOTALL)


def say(text: str) -> str:
    """What marshmallow says, in our words."""
    return _MARSHMALLOW.get(text, text)


def say_known(of: Schema) -> str:
    """That a schema does not know a field, and those that it knows."""
    known = [field.data_key or name for name, field in of.load_fields.items()]
    return f"There is no such field; known are {', '.join(known)}."


def nest(text: str, patterns: Iterable[tuple[str, str]]) -> Any:
    """What msgspec says of nested rows, as marshmallow's nested messages; `patterns` with what each means."""
    found = _PLACE.fullmatch(text)
    assert found is not None
    message: Any = [_rows(found[1], patterns)]
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", found[2] or "")
    for name, place in reversed(steps):
        message = {name or int(place): message}
    return message


def _rows(said: str, patterns: Iterable[tuple[str, str]]) -> str:
    for pattern, meaning in patterns:
        if "matching regex" in said and pattern in said:
            return f"Must be {meaning}."
    said = re.sub(r"Object missing required field `(\w+)`", r"The field `\1` is missing, and needed", said)
    said = re.sub(r"Object contains unknown field `(.*)`", r"There is no field `\1`", said, flags=re.DOTALL)
    said = re.sub(r"^Expected `([\w |]+)`", lambda found: f"Must be {_kinds(found[1])}", said)
    said = re.sub(r", got `(\w+)`$", lambda found: f", not {_kinds(found[1])}", said)
    return f"{said}."


def _kinds(names: str) -> str:
    return " or ".join(dict.fromkeys(_KINDS.get(name, name) for name in names.split(" | ")))
