"""Items a second, through the API in bulks and through the import command.

./run bench intake --items 20000 --import-items 100000
"""

import argparse
import contextlib
import csv
import http.client
import json
import random
import threading
import time
from pathlib import Path
from typing import Any

from bench import ground

COLUMNS = 10
BULK = 500
SENDERS = 4
LANES = 2


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--import-items", type=int, nargs="+", default=[100_000])
    asked = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "intake", **ground.machine()}
    var = ground.prepare_installation()
    try:
        from reviewapp.models import Scope  # noqa: PLC0415 - Django is set up by now
        from reviewapp.services import tokens  # noqa: PLC0415 - likewise
        from tests import factories  # noqa: PLC0415 - likewise

        columns = [{"name": f"x{n}", "kind": "number"} for n in range(COLUMNS)]
        line = factories.make_line("Intake", columns=columns)
        _token, secret = tokens.create_token(
            line, name="bench", scopes=[Scope.INGEST], by=None
        )
        with ground.web_server() as (address, _pid):
            figures["api"] = _hand_in(address, secret, count=asked.items)
        figures["import"] = [
            _import(line, var, count) for count in sorted(asked.import_items)
        ]
        figures["floor"] = _floor(count=asked.items)
        ground.report(figures)
    finally:
        ground.remove(var)


def _rows(prefix: str, count: int) -> list[dict[str, Any]]:
    rng = random.Random(7)  # noqa: S311 - numbers to measure with
    return [
        {
            "external_id": f"{prefix}-{number}",
            "values": {f"x{n}": round(rng.random() * 100, 4) for n in range(COLUMNS)},
        }
        for number in range(count)
    ]


def _hand_in(address: str, secret: str, *, count: int) -> dict[str, float]:
    """Send bulks from a few senders at once."""
    rows = _rows("api", count)
    bodies = [
        json.dumps({"items": rows[start : start + BULK]})
        for start in range(0, count, BULK)
    ]
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def send(mine: list[str]) -> None:
        connection = http.client.HTTPConnection(address.removeprefix("http://"))
        for body in mine:
            connection.request("POST", "/api/lines/intake/items", body, headers)
            response = connection.getresponse()
            text = response.read()
            if response.status != 201:  # noqa: PLR2004 - created
                raise SystemExit(text.decode())

    threads = [
        threading.Thread(target=send, args=(bodies[n::SENDERS],))
        for n in range(SENDERS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    return {"items": count, "bulk": BULK, "items_per_second": round(count / took)}


def _import(line: Any, var: Path, count: int) -> dict[str, float]:  # noqa: ANN401 - a line
    """Import a CSV file, and watch the memory of this process and its lanes."""
    from reviewapp.services.imports import (  # noqa: PLC0415 - Django is set up by now
        import_items,
    )

    path = var / f"items-{count}.csv"
    rng = random.Random(count)  # noqa: S311 - numbers to measure with
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(f"x{n}" for n in range(COLUMNS))])
        for number in range(count):
            values = [round(rng.random() * 100, 4) for _ in range(COLUMNS)]
            writer.writerow([f"file-{count}-{number}", *values])
    own = [ground.own_pid()]
    before = most = ground.memory_mib(own)

    def watch(_what: str, _count: int) -> None:
        nonlocal most
        with contextlib.suppress(OSError):  # a lane that has just ended
            most = max(most, ground.memory_mib(own + ground.workers_of(own[0])))

    began = time.perf_counter()
    imported = import_items(line, path, tell=watch, lanes=LANES)
    took = time.perf_counter() - began
    return {
        "items": imported.created,
        "lanes": LANES,
        "items_per_second": round(count / took),
        "memory_grown_mib": round(most - before, 1),
    }


def _floor(*, count: int) -> dict[str, float | str]:
    """Copy as many rows into one plain table: what the disk and PostgreSQL can do."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    text = "".join(f'{n}\tfloor-{n}\t{{"x0": 1.5}}\n' for n in range(count))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE floor (id bigint, name text, value jsonb)")
        began = time.perf_counter()
        with cursor.copy("COPY floor FROM STDIN") as copy:
            copy.write(text)
        took = time.perf_counter() - began
    return {"what": "COPY into a plain table", "items_per_second": round(count / took)}


if __name__ == "__main__":
    main()
