"""`python -m services.intake`: web, worker, prepare, grant, load-edition and the commands of every service."""

from services.intake.app import service

service.main()
