"""`python -m services.notify`: web, worker, prepare and the commands of every service."""

from services.notify.app import service
from shared.cli.service import main

main(service)
