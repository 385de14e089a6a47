"""`python -m services.review`: web, worker, prepare and the commands of every service."""

from services.review.app import service
from shared.cli.service import main

main(service)
