"""Names of files, as people wrote them."""

import unicodedata

from shared.core.errors import Invalid
from shared.core.text import character_name, find_hidden, is_visible

NAME_BYTES = 255
_NOT_IN_FOLDERS = frozenset('/\\:*?"<>|')


def safe_name(raw: str) -> str:
    """A file name as people wrote it, in NFC; Invalid when it could mislead a person, a shell or a folder."""
    name = unicodedata.normalize("NFC", raw).strip()
    problem = _problem(name)
    if problem:
        raise Invalid(f"{problem} Give the file another name.", "bad-file-name")
    return name


def _problem(name: str) -> str | None:
    size = len(name.encode(errors="replace"))
    if not name:
        return "The file has no name."
    if size > NAME_BYTES:
        return f"The file name has {size} bytes; at most {NAME_BYTES} are taken."
    if hidden := find_hidden(name):
        return f"The file name holds {character_name(hidden)}, which cannot be seen."
    if barred := next((one for one in name if one in _NOT_IN_FOLDERS), None):
        return f"The file name holds {barred} and must hold none of {' '.join(sorted(_NOT_IN_FOLDERS))}."
    if not any(map(is_visible, name.partition(".")[0])):
        return "The file name must not start with a dot: something before it must be seen."
    return None
