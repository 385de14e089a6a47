"""What people choose for themselves."""

from dataclasses import replace

from services.intake.domain.profiles import Profile, ProfileDraft, profile_id
from services.intake.store import profiles
from shared.storage.transaction import Transaction


def set_profile(tx: Transaction, draft: ProfileDraft) -> Profile:
    """Keep in which zone and language the caller reads."""
    wanted = draft.of(profile_id(tx.caller.issuer, tx.caller.subject))
    stored = profiles.find_profile(tx, wanted.id) or Profile(wanted.id)
    if replace(wanted, rev=stored.rev) == stored:
        return stored
    tx.audit(f"profile:{wanted.id}", "profile.set", zone=wanted.zone, language=wanted.language)
    return profiles.save_profile(tx, wanted)
