"""Review: external assessors rate a completed submission, stage by stage, until the set of ratings is frozen.

Owns assessors and their conflicts of interest, cases, tasks with their leases, ratings, questions to agencies.
Publishes the events of shared/events/review.py. Consumes what handlers.py names: the ministry's data and submissions.
"""
