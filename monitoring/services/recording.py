"""Recording what a process serves: tallied in memory, written every few seconds.

The path of a request only adds to numbers in memory. A thread of the process writes
them down, so that an idle process still says that it lives, and a slow database slows
nobody's answer.
"""

import json
import logging
import os
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.db import DatabaseError, connection
from django.utils import timezone

from monitoring.models import ProcessKind, ProcessSample
from monitoring.stats.sketch import bucket_of

logger = logging.getLogger(__name__)

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
NAME_LENGTH = 12
HOUR = timedelta(hours=1)

WRITE_PULSE = """
INSERT INTO monitoring_taskpulse (task, succeeded_at, failed_at, took_s)
VALUES (%s, %s, %s, %s)
ON CONFLICT (task) DO UPDATE SET
    succeeded_at = greatest(monitoring_taskpulse.succeeded_at, excluded.succeeded_at),
    failed_at = greatest(monitoring_taskpulse.failed_at, excluded.failed_at),
    took_s = excluded.took_s
"""


@dataclass(slots=True)
class Pulse:
    """The last outcomes of one task in this process since they were written."""

    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    took_s: float = 0.0


WRITE_PAGES = """
INSERT INTO monitoring_pagehour
    (line_id, hour, process, count, total, squares, buckets, written_at)
SELECT line.id, %s::timestamptz, %s, %s, %s, %s, %s::jsonb, %s::timestamptz
FROM reviewapp_productline AS line WHERE line.id = %s
ON CONFLICT (line_id, hour, process) DO UPDATE SET
    count = excluded.count, total = excluded.total, squares = excluded.squares,
    buckets = excluded.buckets, written_at = excluded.written_at
"""


@dataclass(slots=True)
class Pages:
    """The pages of one line in one hour, as far as this process served them."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    buckets: Counter[str] = field(default_factory=Counter)
    is_written: bool = False


@dataclass(slots=True)
class Recorder:
    """What this process has served since it began."""

    kind: ProcessKind
    pid: int = field(default_factory=os.getpid)
    began_at: datetime = field(default_factory=timezone.now)
    requests: int = 0
    errors: int = 0
    buckets: Counter[str] = field(default_factory=Counter)
    pages: dict[tuple[int, datetime], Pages] = field(default_factory=dict)
    pulses: dict[str, Pulse] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """Name this process so that no other is taken for it."""
        return process_name(socket.gethostname(), self.pid, self.began_at)

    def note(self, took_s: float, *, is_error: bool) -> None:
        """Count one page or task."""
        bucket = bucket_of(took_s * 1000)
        with self.lock:
            self.requests += 1
            self.errors += is_error
            self.buckets[bucket] += 1

    def note_page(
        self, took_s: float, *, is_error: bool, line_id: int | None = None
    ) -> None:
        """Count one page, of a line if it is one of a line's."""
        self.note(took_s, is_error=is_error)
        if line_id is None:
            return
        took_ms = took_s * 1000
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        with self.lock:
            pages = self.pages.setdefault((line_id, hour), Pages())
            pages.count += 1
            pages.total += took_ms
            pages.squares += took_ms * took_ms
            pages.buckets[bucket_of(took_ms)] += 1
            pages.is_written = False

    def note_task(self, task: str, took_s: float, *, is_error: bool) -> None:
        """Count one task, and keep when it succeeded or failed."""
        self.note(took_s, is_error=is_error)
        with self.lock:
            pulse = self.pulses.setdefault(task, Pulse())
            pulse.took_s = took_s
            if is_error:
                pulse.failed_at = timezone.now()
            else:
                pulse.succeeded_at = timezone.now()

    def write(self) -> ProcessSample:
        """Write down what was tallied up to now."""
        with self.lock:
            sample = ProcessSample(
                kind=self.kind,
                name=self.name,
                began_at=self.began_at,
                at=timezone.now(),
                resident_bytes=resident_bytes(),
                cpu_s=time.process_time(),
                requests=self.requests,
                errors=self.errors,
                buckets=dict(self.buckets),
            )
            pulses, self.pulses = self.pulses, {}
        sample.save(force_insert=True)
        self._write_pages(sample.at)
        if pulses:
            with connection.cursor() as cursor:
                cursor.executemany(
                    WRITE_PULSE,
                    [
                        (task, pulse.succeeded_at, pulse.failed_at, pulse.took_s)
                        for task, pulse in sorted(pulses.items())
                    ],
                )
        return sample

    def _write_pages(self, at: datetime) -> None:
        """Write the hours that grew; one that is over and written is forgotten."""
        with self.lock:
            rows = [
                (
                    hour,
                    self.name,
                    pages.count,
                    pages.total,
                    pages.squares,
                    json.dumps(pages.buckets),
                    at,
                    line_id,
                )
                for (line_id, hour), pages in sorted(self.pages.items())
                if not pages.is_written
            ]
            counted = {key: pages.count for key, pages in self.pages.items()}
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(WRITE_PAGES, rows)
        with self.lock:
            for key, count in counted.items():
                self.pages[key].is_written = self.pages[key].count == count
                if self.pages[key].is_written and key[1] < at - HOUR:
                    del self.pages[key]

    def keep_writing(self, *, every_s: float) -> None:
        """Write every few seconds from a thread of its own, as long as it lives."""
        threading.Thread(
            target=self._write_on, args=(every_s,), name="recorder", daemon=True
        ).start()

    def _write_on(self, every_s: float) -> None:
        while True:
            try:
                self.write()
            except DatabaseError as error:
                # what is tallied stays, and is in the next sample
                logger.warning("sample not written", extra={"error": str(error)[:200]})
            finally:
                connection.close()
            time.sleep(every_s)


_recorders: dict[int, Recorder] = {}
_beginning = threading.Lock()


def recorder_of(kind: ProcessKind, *, every_s: float) -> Recorder:
    """Give this process's recorder, which begins to write with the first call.

    A process that was forked since is another one, and begins anew. ``every_s`` of 0
    tallies and never writes by itself.
    """
    found = _recorders.get(os.getpid())
    if found is not None:
        return found
    with _beginning:
        found = _recorders.get(os.getpid())
        if found is None:
            found = Recorder(kind)
            _recorders.clear()
            _recorders[found.pid] = found
            if every_s:
                found.keep_writing(every_s=every_s)
    return found


def process_name(machine: str, pid: int, began_at: datetime) -> str:
    """Hash what tells a process from every other."""
    named = f"{machine} {pid} {began_at.isoformat()}"
    return sha256(named.encode()).hexdigest()[:NAME_LENGTH]


def resident_bytes() -> int:
    """Say how much of the machine's memory this process holds; 0 where it is hidden."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES
    except OSError:
        return 0
