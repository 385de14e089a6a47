"""`python -m services.scoring`: web, worker, prepare, recompute and the commands of every service."""

from services.scoring.app import service
from shared.cli.service import main

main(service)
