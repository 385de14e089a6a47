"""The rendering process: asks for the file, gives the image of a page or where a text stands, and ends."""

import os

from services.intake.apart import inside

NICE = 10
"""Whoever waits for a page waits a little longer, so that nobody else does."""


def main() -> None:
    """Draw one page, or look for one text."""
    os.nice(NICE)
    line = inside.begin()
    # The libraries are loaded within the bounds.
    from services.intake.rendering.working import prepare, work

    if not inside.is_waited_for(line):
        prepare()
    task = inside.Task(line)
    task.answer(work(task.file, task.size, task.order))


if __name__ == "__main__":
    main()
