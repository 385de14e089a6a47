"""What a table may set here."""

AGENCIES, PARTICIPATIONS, PEOPLE = "agencies", "participations", "people"
"""The kinds of things that a table sets; behind that of participations stands their cycle."""
