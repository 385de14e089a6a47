"""`python -m services.notify`: web, worker, prepare and the commands of every service."""

from services.notify.app import service

service.main()
