"""The command line of review: python -m services.review web | worker | prepare | deferred | jobs | audit | republish."""

from services.review.app import service
from shared.cli.service import main

main(service)
