"""Who is asking and what they may do, as plain values that a domain may look at."""

from dataclasses import dataclass

AGENCY_ROLES = ("coordinator", "officer", "clerk", "member")
ROLES = ("ministry", *AGENCY_ROLES, "assessor", "machine")


@dataclass(frozen=True)
class Grant:
    """One role, for one agency or (agency None) for none in particular."""

    role: str
    agency: str | None = None


@dataclass(frozen=True)
class Caller:
    """Whoever a request comes from; `person` is Nilai's own id of a known person, assessor or machine."""

    issuer: str
    subject: str
    person: str | None = None
    grants: tuple[Grant, ...] = ()

    @property
    def id(self) -> str:
        """The name of the caller in audit entries."""
        return self.person or f"{self.issuer}|{self.subject}"

    @property
    def roles(self) -> frozenset[str]:
        """Every role that the caller holds somewhere."""
        return frozenset(grant.role for grant in self.grants)

    def has(self, *roles: str, agency: str | None = None) -> bool:
        """Whether the caller holds one of the roles, for this agency when one is named."""
        return any(
            grant.role in roles and (agency is None or grant.agency == agency) for grant in self.grants
        )

    def agencies(self, *roles: str) -> frozenset[str]:
        """The agencies for which the caller holds one of the roles."""
        return frozenset(
            grant.agency for grant in self.grants if grant.agency and grant.role in (roles or ROLES)
        )


def system(service: str) -> Caller:
    """The service itself, when it acts on an event or on the clock."""
    return Caller(issuer="nilai", subject=service, person=f"service:{service}")


OPERATOR = Caller(issuer="nilai", subject="operator", person="operator")
"""Whoever acts at the command line of a service."""
