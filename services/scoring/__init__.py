"""Scoring: from a set of values to the exact index, and from the frozen set to the published result.

Owns scores with the sets of ratings that they rest on, and results with their approval and publication.
Publishes the events of shared/events/scoring.py. Consumes what handlers.py names: the ministry's data, assessors,
submissions, the sets of ratings of completed stages and the frozen one.
"""
