"""Notify: every event that somebody may know, brought to whoever subscribed to it.

Owns subscriptions, their streams (contiguous sequences of frozen bodies), deliveries and their attempts.

Publishes the events of shared/events/notify.py. Consumes everything that somebody may subscribe to, its own events
included; some also for its own replica of who may do what.

Beside the usual modules: webhooks/ (bodies under 20 kB, signatures, addresses that may be reached, the request itself),
and jobs.py (the job that makes one delivery).
"""
