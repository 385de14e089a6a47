"""Names of files, as people wrote them."""

import re
import unicodedata

from shared.core.errors import Invalid

NAME_BYTES = 255


def safe_name(raw: str) -> str:
    """A file name as people wrote it, in NFC; Invalid when it could mislead a person, a shell or a folder."""
    name = unicodedata.normalize("NFC", raw).strip()
    hidden = any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for character in name
    )
    if (
        not name
        or len(name.encode(errors="replace")) > NAME_BYTES
        or hidden
        or re.search(r'[/\\:*?"<>|]', name)
    ):
        raise Invalid(
            f"The file name must have 1 to {NAME_BYTES} bytes, without control characters and without any of "
            '/ \\ : * ? " < > |.',
            "bad-file-name",
        )
    if name.startswith("."):
        raise Invalid("The file name must not start with a dot.", "bad-file-name")
    return name
