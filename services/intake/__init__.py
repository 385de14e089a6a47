"""Intake: from the rules of a round to an agency's sealed submission.

Owns editions, cycles, agencies, people (ministry officers and machine clients included), participations and
their extensions, self-assessments, evidence, submissions and their receipts.

Tells edition.published, cycle.opened, agency.set, member.set, participation.set, submission.sealed,
submission.completed. Handler stage.completed and result.published, so that an agency sees how far its case is.
"""
