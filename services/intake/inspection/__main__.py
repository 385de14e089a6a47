"""The inspecting process: asks for the file, says what it found, and ends."""

from services.intake.apart import inside


def main() -> None:
    """Inspect one file."""
    task = inside.Task(inside.begin())
    # The libraries are loaded within the bounds.
    import msgspec

    from services.intake.inspection.inspecting import inspect_file

    task.answer(msgspec.json.encode(inspect_file(task.file, task.size)))


if __name__ == "__main__":
    main()
