"""The services of this system, by name: what contracts, settings, queues and the command line agree on."""

from typing import Final

SERVICES: Final = ("intake", "review", "scoring", "notify")
