"""How roles are called where people read them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

ROLES: Mapping[str, LazyString] = {
    "ministry": lazy_gettext("Officer of the ministry"),
    "coordinator": lazy_gettext("Coordinator"),
    "officer": lazy_gettext("Officer"),
    "clerk": lazy_gettext("Data entry"),
    "member": lazy_gettext("Member"),
    "assessor": lazy_gettext("Assessor"),
    "machine": lazy_gettext("Program"),
}


def role_name(role: str) -> str:
    """The name of a role in the reader's language."""
    return str(ROLES[role])
