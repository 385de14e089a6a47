"""The job that inspects what has arrived, and keeps or refuses it by what was found."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.intake import commands, queries
from services.intake.apart.process import Bounds, Interrupted
from services.intake.blobs.chunks import ChunkStore
from services.intake.domain import Upload
from services.intake.domain.finishing import JOB
from services.intake.domain.inspection import UNREADABLE, Examined, Inspection, Mark
from services.intake.inspection.process import inspect
from services.intake.inspection.scanning import Scanner, ScannerAway
from shared.core import telemetry
from shared.core.settings import Settings
from shared.jobs.queue import Job, Retry, Skip
from shared.storage.mongo import Store
from shared.storage.transaction import Origin, Transaction

SCHEDULE = (5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
"""Seconds before each further attempt."""
ATTEMPT_SECONDS = 300.0
"""How long an attempt may take: the bounds of an inspection, and of a scan."""
AT_ONCE = 1
"""Files of one agency that are inspected at a time."""

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class InspectionJob:
    """Inspects files; a row's payload is {upload}."""

    bounds: Bounds
    scanner: Scanner | None = None

    def work(self, store: Store, row: Mapping[str, Any]) -> None:
        """Inspect one file; Retry when that was interrupted or the scanner is away, Skip when nothing is left to do."""
        waiting = store.query(queries.get_inspecting, row["payload"]["upload"])
        if waiting is None:
            raise Skip
        upload, known = waiting
        is_enough = known is not None and (known.scanned or self.scanner is None)
        examined = self._again(known) if known and is_enough else self._examine(store, upload)
        _run(store, row, commands.finish_upload, upload.id, examined)

    def _again(self, known: Examined) -> Examined:
        """What is known already, after as long as it took: nobody is to see that somebody else has the file."""
        time.sleep(known.seconds)
        return known

    def _examine(self, store: Store, upload: Upload) -> Examined:
        began, chunks = time.monotonic(), ChunkStore(store.db)
        try:
            with chunks.open(upload.id, upload.length) as file:
                inspection = inspect(file, upload.length, self.bounds)
            said = self.scanner and self.scanner.scan(chunks.read(upload.id, 0, upload.length))
        except (Interrupted, ScannerAway) as why:
            log.warning("a file waits for its inspection", extra={"upload": upload.id, "problem": str(why)})
            raise Retry(str(why)) from why
        seconds = time.monotonic() - began
        log.info(
            "inspected", extra={"upload": upload.id, "type": inspection.type, "ms": round(1000 * seconds)}
        )
        marks = (*inspection.marks, said) if said else inspection.marks
        return Examined(replace(inspection, marks=marks), seconds, scanned=self.scanner is not None)

    def on_drop(self, tx: Transaction, row: Mapping[str, Any], reason: str) -> None:
        """Refuse a file whose inspection an operator gives up."""
        given_up = Inspection(None, "what could not be inspected", marks=(Mark(UNREADABLE, reason),))
        commands.finish_upload(tx, row["payload"]["upload"], Examined(given_up, 0.0, scanned=False))


def jobs(settings: Settings) -> Mapping[str, Job]:
    """The jobs of intake: inspections, one at a time for each agency."""
    scanner = Scanner(settings.clamd_address) if settings.clamd_address else None
    return jobs_of(InspectionJob(Bounds(), scanner))


def jobs_of(job: InspectionJob) -> Mapping[str, Job]:
    """The jobs as this one does them."""
    return {JOB: Job(job.work, SCHEDULE, ATTEMPT_SECONDS, AT_ONCE, on_drop=job.on_drop)}


def _run(store: Store, row: Mapping[str, Any], command: Any, *arguments: Any) -> Any:
    origin = Origin(correlation=row["correlation"], trace=row["trace"])
    return store.run(command, *arguments, origin=origin)
