"""What runs and does not work: a disk that was full leaves RabbitMQ without its queues until it is started again."""

from threading import Event

from deploy.local import process, rabbit
from deploy.local.servers import AT_WORK_MB, Servers
from deploy.local.space import free_mb

CHECK_SECONDS = 5.0
TIMES = 3
"""So often in a row must no queue answer, so that none that is just being elected is taken for lost."""


def watch_broker(running: Servers, stop: Event) -> None:
    """End the broker when none of its queues answers though there is room on the disk, so that it is started again."""
    home, port, password = running.home, running.ports.amqp, running.passwords["admin"]
    failed = 0
    while not stop.wait(CHECK_SECONDS):
        lost = free_mb(home) > AT_WORK_MB and rabbit.has_lost_its_queues(port, password)
        failed = failed + 1 if lost else 0
        if failed == TIMES:
            process.end(home, rabbit.ROLE)
