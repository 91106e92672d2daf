"""Submit-and-next over HTTP, with real sessions, permissions and pages.

./run bench queue --seconds 10 --waiting 10000 100000 1000000 --inspectors 1 4 8 16
"""

import argparse
import re
import threading
import time
from typing import Any

from bench import browsers, ground
from bench.browsers import Browser

IMPORT = re.compile(r'(?:from|import)\s*"\./([\w.]+\.js)"')
WARM_UP_S = 1.5
# A line has a past: on empty tables every plan that a connection keeps is another.
LABELLED_BEFORE = 5_000

FILL = """
WITH item AS (
    INSERT INTO reviewapp_item (public_id, line_id, external_id, "group", received_at,
        occurred_at, content_sha256, input_metrics, predict_attempts)
    SELECT gen_random_uuid(), %(line)s, %(prefix)s || n, '', now(), now(), '', '{}', 0
    FROM generate_series(1, %(count)s) AS n RETURNING id
), payload AS (
    INSERT INTO reviewapp_payload (item_id, schema_id, "values", media_path, media_type,
        media_sha256, original_sha256, original_name, text)
    SELECT id, %(schema)s, '{"width": 1.5, "height": 2.5}', '', '', '', '', '', ''
    FROM item
), routing AS (
    INSERT INTO reviewapp_routing (item_id, policy_id, route, may_decide, was_held,
        inclusion, because, look_draw, canary_draw, canary_share, candidate_draw,
        candidate_share, overlap_draw, overlap_share, routed_at)
    SELECT id, %(policy)s, 'blind', false, false, 1, 'level_manual', 0.5, 0.5, 0, 0.5,
        0, 0.5, 0, now() FROM item RETURNING id, item_id
)
INSERT INTO reviewapp_review (public_id, item_id, line_id, read_number, priority,
    queued_at, excluded, awaits_second_thought)
SELECT gen_random_uuid(), item_id, %(line)s, 1, 0, now(), '{}', false FROM routing
"""
POINT = """
UPDATE reviewapp_item AS item SET routing_id = routing.id
FROM reviewapp_routing AS routing
WHERE routing.item_id = item.id AND item.routing_id IS NULL
"""
LIVE_THROUGH = """
WITH label AS (
    INSERT INTO reviewapp_label (review_id, item_id, inspector_id, kind, label_class_id,
        shown, policy_id, answer_key, labelled_at, comment, also)
    SELECT id, item_id, %(inspector)s, 'class', %(label_class)s, 'nothing', %(policy)s,
        gen_random_uuid(), clock_timestamp(), '', '{}'
    FROM reviewapp_review WHERE closed_at IS NULL ORDER BY id LIMIT %(count)s
    RETURNING id, review_id, labelled_at
)
UPDATE reviewapp_review AS review SET label_id = label.id, closed_at = label.labelled_at
FROM label WHERE review.id = label.review_id
"""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--waiting", type=int, nargs="+", default=[10_000])
    parser.add_argument("--inspectors", type=int, nargs="+", default=[1, 4, 8, 16])
    asked = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "queue", **ground.machine(), "runs": []}
    var = ground.prepare_installation()
    try:
        bench = _Bench(people=max(asked.inspectors))
        figures["statements"] = bench.statements()
        for waiting in sorted(asked.waiting):
            with ground.web_server() as (address, pid):
                for count in asked.inspectors:
                    bench.fill(waiting)
                    figures["page"] = bench.page_weight(address)
                    run = bench.run(address, pid, count=count, seconds=asked.seconds)
                    figures["runs"].append({"waiting": waiting, **run})
            bench.fill(waiting)
            with ground.web_server("bench.bare") as (address, _pid):
                floor = bench.floor(address, count=16, seconds=asked.seconds)
                figures["runs"].append({"waiting": waiting, **floor})
        figures["duplicates"] = bench.duplicates()
        ground.report(figures)
    finally:
        ground.remove(var)


class _Bench:
    """One line with inspectors who are signed in."""

    def __init__(self, *, people: int) -> None:
        from tests import factories  # noqa: PLC0415 - Django is set up by now

        self.line = factories.make_line("Bench")
        self.cookies = []
        for number in range(people):
            user = factories.make_inspector(self.line, f"inspector-{number}")
            self.cookies.append(browsers.sign_in(user))
        self._filled = 0
        self._live_through(LABELLED_BEFORE)

    def _live_through(self, count: int) -> None:
        """Give the line a past of so many labels."""
        from django.db import connection  # noqa: PLC0415 - Django is set up by now

        self.fill(count)
        first_class = self.line.classes.in_use()[0]
        inspector = self.line.memberships.earliest("pk").user_id
        with connection.cursor() as cursor:
            cursor.execute(
                LIVE_THROUGH,
                {
                    "count": count,
                    "inspector": inspector,
                    "label_class": first_class.pk,
                    "policy": self.line.policy_id,
                },
            )

    def fill(self, waiting: int) -> None:
        """Bring the queue to a length, and let PostgreSQL know it."""
        from django.db import connection  # noqa: PLC0415 - Django is set up by now

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM reviewapp_review WHERE closed_at IS NULL"
            )
            count = max(waiting - cursor.fetchone()[0], 0)
            cursor.execute(
                FILL,
                {
                    "line": self.line.pk,
                    "prefix": f"{self._filled}-",
                    "count": count,
                    "schema": self.line.schema_id,
                    "policy": self.line.policy_id,
                },
            )
            cursor.execute(POINT)
            cursor.execute("VACUUM ANALYZE")
        self._filled += 1

    def statements(self) -> dict[str, int]:
        """Count the SQL statements of one answer, BEGIN and COMMIT left out."""
        from django.db import connection  # noqa: PLC0415 - Django is set up by now
        from django.test import Client  # noqa: PLC0415 - likewise
        from django.test.utils import (  # noqa: PLC0415 - likewise
            CaptureQueriesContext,
        )

        self.fill(5)
        client = Client(HTTP_HX_REQUEST="true", HTTP_HOST="localhost")
        client.cookies["sid"] = self.cookies[0]
        page = client.post(f"/lines/{self.line.slug}/review/begin/").content.decode()
        review = (
            browsers.found(browsers.REVIEW, page),
            browsers.found(browsers.KEY, page),
        )
        sql: list[str] = []
        for _ in range(2):  # the first finds nothing cached
            following = browsers.behind(page)
            with CaptureQueriesContext(connection) as captured:
                page = client.post(
                    f"/reviews/{review[0]}/answer/",
                    {"key": review[1], "answer": "ok", "shown": following[1]},
                ).content.decode()
            review = following
            sql = [query["sql"] for query in captured.captured_queries]
        return {"per_answer": len([s for s in sql if s not in {"BEGIN", "COMMIT"}])}

    def page_weight(self, address: str) -> dict[str, Any]:
        """Weigh the review page and all it asks for, compressed, media aside."""
        browser = Browser(address, self.cookies[0])
        browser.begin(self.line.slug)
        path = f"/reviews/{browser.review}/"
        page, size = browser.weigh(path)
        wanted = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        sizes: dict[str, int] = {}
        while wanted:
            asset = wanted.pop()
            if asset not in sizes:
                text, sizes[asset] = browser.weigh(asset)
                # a module brings those that it imports
                found = IMPORT.findall(text) if asset.endswith(".js") else []
                wanted += [f"/static/js/{name}" for name in found]
        return {
            "requests": 1 + len(sizes),
            "compressed_bytes": size + sum(sizes.values()),
        }

    def run(
        self, address: str, pid: int, *, count: int, seconds: float
    ) -> dict[str, Any]:
        """Let so many inspectors answer for so long."""
        people = [Browser(address, cookie) for cookie in self.cookies[:count]]
        for browser in people:
            browser.begin(self.line.slug)
        _together(people, lambda browser: browser.answer_until, WARM_UP_S)
        workers = ground.workers_of(pid)
        for browser in people:
            browser.times.clear()
        before, began = ground.cpu_seconds(workers), time.perf_counter()
        _together(people, lambda browser: browser.answer_until, seconds)
        took = time.perf_counter() - began
        used = ground.cpu_seconds(workers) - before
        if not all(browser.review for browser in people):
            raise SystemExit(f"{count} inspectors ran out of reviews: fill more.")
        times = sorted(t for browser in people for t in browser.times)
        return {
            "inspectors": count,
            **_summary(times, took),
            "web_cpu_ms_per_answer": round(1000 * used / len(times), 2),
            "web_workers_mib": ground.memory_mib(workers),
            "refused": sum(browser.refused for browser in people),
        }

    def floor(self, address: str, *, count: int, seconds: float) -> dict[str, Any]:
        """Run the bare pair of views as fast as it goes."""
        people = [Browser(address, "") for _ in range(count)]
        for browser in people:
            browser.line_id = self.line.pk
        began = time.perf_counter()
        _together(people, lambda browser: browser.bare_until, seconds)
        took = time.perf_counter() - began
        times = sorted(t for browser in people for t in browser.times)
        return {"floor": "bare view pair", "inspectors": count, **_summary(times, took)}

    def duplicates(self) -> int:
        """Count reviews that were answered more than once."""
        from django.db.models import Count  # noqa: PLC0415 - Django is set up by now

        from reviewapp.models import Label  # noqa: PLC0415 - likewise

        counted = Label.objects.values("review").annotate(n=Count("pk"))
        return counted.filter(n__gt=1).count()


def _together(people: list[Browser], act: Any, seconds: float) -> None:  # noqa: ANN401 - a method of each
    ends = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=act(browser), args=(ends,)) for browser in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _summary(times: list[float], took: float) -> dict[str, float]:
    def at(share: float) -> float:
        return round(1000 * times[min(int(share * len(times)), len(times) - 1)], 1)

    return {
        "answers_per_second": round(len(times) / took, 1),
        "p50_ms": at(0.5),
        "p95_ms": at(0.95),
        "p99_ms": at(0.99),
    }


if __name__ == "__main__":
    main()
