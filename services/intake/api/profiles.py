"""What somebody chose for themselves, and what is kept about them."""

from services.intake import commands, queries
from services.intake.domain.profiles import OwnData, ProfileDraft, ProfileView
from services.intake.schemas import OwnDataSchema, ProfileInput, ProfileSchema
from shared import web
from shared.auth.guard import ANYONE, audience, caller
from shared.auth.sessions import session_name

blp = web.Blueprint("profile", __name__, url_prefix="/profile", description="Oneself.")


@blp.route("")
@blp.response(200, ProfileSchema)
@audience(ANYONE)
def get_profile() -> ProfileView:
    """Who the caller is here, what they may do, and what they chose."""
    return _profile()


@blp.route("", methods=["PUT"])
@blp.arguments(ProfileInput)
@blp.response(200, ProfileSchema)
@audience(ANYONE)
def set_profile(draft: ProfileDraft) -> ProfileView:
    """Choose a zone and a language; pages follow from the next signing in, or from the page of the profile, at once."""
    web.run(commands.set_profile, draft)
    return _profile()


@blp.route("/data")
@blp.response(200, OwnDataSchema)
@web.large
@audience(ANYONE)
def get_own_data() -> OwnData:
    """All that intake keeps about the caller by themselves: profile, roles, own acts."""
    return web.query(queries.get_own_data, caller(), session_name())


def _profile() -> ProfileView:
    return web.query(queries.get_profile, caller(), session_name())
