"""Notify: every event that somebody may know, brought to whoever subscribed to it.

Owns subscriptions, their streams (contiguous sequences of frozen bodies), deliveries and their attempts.

Publishes the events of shared/events/notify.py. Consumes everything that somebody may subscribe to, its own events
included; some also for its own copy of who may do what.

Beside the usual modules: bodies.py (what a webhook says, under 20 kB), webhooks/ (signatures, addresses that may
be reached, the request itself), deliver.py (the job that makes one delivery).
"""
