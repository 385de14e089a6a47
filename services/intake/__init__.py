"""Intake: from the rules of a round to an agency's sealed submission.

Owns editions, cycles, agencies, people (ministry officers and machine clients included), participations and
their extensions, self-assessments, evidence, submissions and their receipts, answers to questions of assessors.

Publishes the events of shared/events/intake.py. Consumes what handlers.py names, so that an agency sees how far its
case is, and what it is asked.
"""
