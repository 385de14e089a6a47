"""Notes that an agency's people leave each other; what they say stands in no audit trail and no event."""

from services.intake import store
from services.intake.commands.answers import writable_edition
from services.intake.domain import Participation, comments, may_answer
from services.intake.domain.comments import Comment, CommentDraft, comments_subject
from services.intake.store import comments as kept
from shared.storage.transaction import Transaction


def add_comment(tx: Transaction, participation: str, draft: CommentDraft, key: str) -> Comment:
    """Leave a note at an indicator; the same key again leaves no second one."""
    edition = writable_edition(tx, participation)
    wanted = draft.of(participation, tx.caller.id, key, tx.now)
    if stored := kept.find_comment(tx, wanted.id):
        return comments.check_same(stored, wanted)
    comments.check_new(edition, wanted, kept.count_comments(tx, participation))
    _audit(tx, wanted, "comment.added")
    return kept.save_comment(tx, wanted)


def mark_comment(tx: Transaction, participation: str, id: str, settled: bool) -> Comment:
    """Mark a note as settled, or open it again; as it is already, nothing changes."""
    stored = _writable(tx, participation, id)
    after = comments.marked(stored, settled, tx.caller.id, tx.now)
    if after == stored:
        return stored
    _audit(tx, after, "comment.settled" if settled else "comment.reopened")
    return kept.save_comment(tx, after)


def withdraw_comment(tx: Transaction, participation: str, id: str) -> None:
    """Take one's own open note away."""
    stored = _writable(tx, participation, id)
    comments.check_withdrawal(stored, tx.caller.id)
    _audit(tx, stored, "comment.withdrawn")
    kept.delete_comment(tx, stored)


def _writable(tx: Transaction, participation: str, id: str) -> Comment:
    may_answer(tx.caller, store.find(tx, Participation, participation))
    stored = comments.comment_of(participation, kept.find_comment(tx, id))
    writable_edition(tx, participation)
    return stored


def _audit(tx: Transaction, comment: Comment, action: str) -> None:
    # One chain for all notes of a self-assessment: whoever adds one at the same time counts anew.
    tx.audit(comments_subject(comment.participation), action, comment=comment.id, indicator=comment.indicator)
