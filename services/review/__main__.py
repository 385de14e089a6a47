"""The command line of review: web, worker, prepare, and the commands that every service has."""

from services.review.app import service
from shared.cli.service import main

main(service)
