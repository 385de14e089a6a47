"""Whether somebody between could read or change what goes to an address: issuers, brokers, databases."""

from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlsplit

_ENCRYPTED = {"https": True, "amqps": True, "mongodb+srv": True}
"""Schemes that encrypt unless an option says otherwise."""
_UNCHECKED = {
    "tlsinsecure": "true",
    "tlsallowinvalidcertificates": "true",
    "tlsallowinvalidhostnames": "true",
    "verify": "verify_none",
}
"""Options of MongoDB's and RabbitMQ's addresses under which the other side may be anybody."""


def weakness(uri: str) -> str | None:
    """What is wrong with the way to an address, such as "is not encrypted"; None for one of this machine."""
    try:
        parts = urlsplit(uri)
        options = {name.lower(): value.lower() for name, value in parse_qsl(parts.query)}
        if all(_is_here(host) for host in _hosts(parts.netloc)):
            return None
    except ValueError:
        return "cannot be read"
    encrypts = options.get("tls", options.get("ssl", ""))
    if encrypts == "false" or not (encrypts or _ENCRYPTED.get(parts.scheme)):
        return "is not encrypted"
    if any(options.get(name) == value for name, value in _UNCHECKED.items()):
        return "does not check whom it reaches"
    return None


def _hosts(netloc: str) -> list[str]:
    """The hosts of an address, without users and ports; MongoDB's may be several."""
    return [urlsplit(f"//{one}").hostname or "" for one in netloc.rpartition("@")[2].split(",")]


def _is_here(host: str) -> bool:
    if host == "localhost" or unquote(host).startswith("/"):  # a socket in a folder
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
