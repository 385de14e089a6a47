"""Review: external assessors rate a completed submission, stage by stage, until the set of ratings is frozen.

Owns assessors and their conflicts of interest, cases, tasks with their leases, ratings.
Tells assessor.set, case.opened, task.assigned, task.released, stage.completed, review.finalised.
Handler edition.published, cycle.opened, agency.set, member.set, participation.set, submission.completed.
"""
