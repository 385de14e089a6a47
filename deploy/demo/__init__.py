"""One assessment round, played over HTTP as its users would: `python -m deploy.demo`, or `nilai demo`.

What it plays stands in round.yaml; the levels and the published indices in published-cases.yaml, with sources.
"""
