"""Lanes: one job done side by side by several processes, each its own share of it."""

import gc
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing.sharedctypes import Synchronized
from types import TracebackType
from typing import Self, TypeVar

from django.db import connection, connections

BETWEEN_TELLINGS_S = 0.2

Share = TypeVar("Share")
Outcome = TypeVar("Outcome")
Tell = Callable[[int], None]
# Does a share, and tells how much more of it is done, now and then.
Work = Callable[[Share, Tell], Outcome]


class Lanes:
    """So many processes; a single lane works in the process itself.

    They are forked, so that a share may be anything that can be pickled and the work
    any function of a module. No connection to the database is shared: this process
    closes its own first, and each lane opens and closes one as it needs it.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None
        self._done: Synchronized[int] | None = None

    def __enter__(self) -> Self:
        """Make ready to fork."""
        if self.count > 1:
            _leave_the_database()
            forked = multiprocessing.get_context("fork")
            self._done = forked.Value("q", 0)
            self._pool = ProcessPoolExecutor(
                self.count, forked, initializer=_remember, initargs=(self._done,)
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def run(
        self,
        work: Work[Share, Outcome],
        shares: Sequence[Share],
        *,
        tell: Tell,
    ) -> list[Outcome]:
        """Do the work on every share; give the outcomes in the order of the shares.

        ``tell`` is called with how much all of them have done together.
        """
        if self._pool is None or self._done is None:
            return [work(share, _Sum(tell)) for share in shares]
        self._done.value = 0
        at_work: list[Future[Outcome]] = [
            self._pool.submit(_in_a_lane, work, share) for share in shares
        ]
        while wait(at_work, timeout=BETWEEN_TELLINGS_S).not_done:
            tell(self._done.value)
        tell(self._done.value)
        return [lane.result() for lane in at_work]


class _Sum:
    """Tells a growing sum, where only one lane adds to it."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._done = 0

    def __call__(self, more: int) -> None:
        self._done += more
        self._tell(self._done)


def _leave_the_database() -> None:
    for known in connections.all(initialized_only=True):
        known.close()


# What all lanes have done together; set in each lane when it is forked.
_done: "Synchronized[int] | None" = None


def _remember(done: "Synchronized[int]") -> None:
    global _done  # noqa: PLW0603 - a process of a pool has no other place of its own
    _done = done
    # what was there before the fork is nobody's garbage here
    gc.freeze()


def _in_a_lane(work: Work[Share, Outcome], share: Share) -> Outcome:
    try:
        return work(share, _add)
    finally:
        connection.close()


def _add(more: int) -> None:
    if _done is not None:
        with _done.get_lock():
            _done.value += more
