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

MEANINGS: Mapping[str, LazyString] = {
    "ministry": lazy_gettext("Runs the assessment; counts once a second officer has confirmed it."),
    "coordinator": lazy_gettext("Leads the agency's work: fills in, seals, invites its people."),
    "officer": lazy_gettext("Fills in, sends evidence, and may seal."),
    "clerk": lazy_gettext("Fills in and sends evidence; does not seal."),
    "member": lazy_gettext("Belongs to the team: may do what data entry does."),
    "assessor": lazy_gettext(
        "Assesses what agencies send; is appointed as soon as the invitation is taken up."
    ),
}


def role_name(role: str) -> str:
    """The name of a role in the reader's language."""
    return str(ROLES[role])
