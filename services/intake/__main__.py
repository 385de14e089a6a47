"""`python -m services.intake`: web, worker, prepare, grant, load-edition and the commands of every service."""

from services.intake.app import service
from shared.cli.service import main

main(service)
