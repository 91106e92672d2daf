"""Acts that happen at once, each with a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def together(*acts: Callable[[], None]) -> None:
    """Run each act in a thread with a connection of its own."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        try:
            start.wait()
            act()
        except BaseException as failure:  # noqa: BLE001 - told to the test below
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise BaseExceptionGroup("acts that failed", failures)
