"""Scoring: from a set of values to the exact index, and from the frozen set to the published result.

Owns scores with the sets of ratings that they rest on, and results with their approval and publication.
Tells score.computed, result.approved, result.published.
Handler edition.published, agency.set, member.set, assessor.set, submission.sealed, stage.completed,
review.finalised.
"""
