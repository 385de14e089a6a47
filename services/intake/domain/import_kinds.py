"""What a table may set here."""

AGENCIES, PARTICIPATIONS, PEOPLE, INDICES = "agencies", "participations", "people", "indices"
"""The kinds of things that a table sets; behind that of participations stands their cycle."""
