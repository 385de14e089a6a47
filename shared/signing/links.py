"""Short-lived links: a token says who may fetch which file, or the explanations, of which submission, until when.

A token is a JSON Web Token, signed with EdDSA (RFC 8037) and of a type of its own, that is written in exactly one
way: what reads the same and is written otherwise is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.core.errors import Forbidden
from shared.signing.keys import PublicKey, SigningKey
from shared.signing.tokens import Kind, TokenRefused

PURPOSE = "links"
SIGNER = "review"
"""The only service whose keys may vouch for a link."""
WORDS = "words"
"""What stands in a link in the place of a file's hash when it opens the explanations of a submission."""
LONGEST = 2048
"""Characters of a token."""


class LinkRefused(Forbidden):
    """The link does not open anything, or not any more."""

    code, title = "link-refused", "Link not valid"


@dataclass(frozen=True)
class Link:
    """What a link allows: a file of one submission, or its WORDS, to a person (issuer and subject), until a second.

    It was given for a task that the person held; `fence` counts the claims of that task.
    """

    sha256: str
    submission: str
    subject: str
    issuer: str
    until: datetime
    task: str
    fence: int


KIND = Kind("nilai-link+jwt", SIGNER, PURPOSE, Link, LONGEST)


def sign_link(link: Link, key: SigningKey) -> str:
    """Give the token; `until` is cut to the second."""
    return KIND.sign(link, key)


def open_link(token: str, public_keys: Mapping[str, PublicKey], now: datetime) -> Link:
    """Read a token's claims; raises LinkRefused when it was changed, is over, or no such key may sign it.

    Whether the bearer is the person named, and still holds the task, is for the caller to compare.
    """
    try:
        link = KIND.open(token, public_keys, now)
    except TokenRefused as why:
        raise LinkRefused(
            f"This link does not open anything: {why}. Open the file again from its page."
        ) from why
    if now >= link.until:
        raise LinkRefused(
            "This link is over: open the file again from the page that it stands on.", "link-over"
        )
    return link
