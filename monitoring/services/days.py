"""Adding hours up to days: each finished day that was touched is summed anew, whole.

Runs inside the transaction that counts the hours, so a day never tells another story
than its hours. The present day is read from its hours until it is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models.functions import TruncDate

from monitoring.models import CountRun, DailyColumn, DailyCount, HourlyCount
from monitoring.windows.days import midnight
from reviewapp.models import ProductLine

DAY = timedelta(days=1)

SUM_COUNTS = """
INSERT INTO monitoring_dailycount
    (line_id, day, measure, version_id, route, is_blind, predicted_id, answered_id,
     segment, inclusion, count)
SELECT line_id, (hour AT TIME ZONE %(zone)s)::date, measure, version_id, route,
    is_blind, predicted_id, answered_id, segment, inclusion, sum(count)
FROM monitoring_hourlycount
WHERE line_id = %(line)s AND hour >= %(start)s AND hour < %(end)s
    AND (hour AT TIME ZONE %(zone)s)::date = ANY(%(days)s)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
"""

SUM_COLUMNS = """
WITH hours AS MATERIALIZED (
    SELECT (hour AT TIME ZONE %(zone)s)::date AS day, "column", version_id, stage,
        count, missing, total, squares, buckets
    FROM monitoring_hourlycolumn
    WHERE line_id = %(line)s AND hour >= %(start)s AND hour < %(end)s
        AND (hour AT TIME ZONE %(zone)s)::date = ANY(%(days)s)
), sums AS (
    SELECT day, "column", version_id, stage, sum(count) AS count,
        sum(missing) AS missing, sum(total) AS total, sum(squares) AS squares
    FROM hours GROUP BY 1, 2, 3, 4
), buckets AS (
    SELECT day, "column", version_id, stage, jsonb_object_agg(key, n) AS buckets
    FROM (
        SELECT day, "column", version_id, stage, key, sum(value::integer) AS n
        FROM hours, jsonb_each_text(buckets) GROUP BY 1, 2, 3, 4, 5
    ) AS bucket
    GROUP BY 1, 2, 3, 4
)
INSERT INTO monitoring_dailycolumn
    (line_id, day, "column", version_id, stage, count, missing, total, squares, buckets)
SELECT %(line)s, sums.day, sums."column", sums.version_id, sums.stage, sums.count,
    sums.missing, sums.total, sums.squares, coalesce(buckets.buckets, '{}')
FROM sums LEFT JOIN buckets ON buckets.day = sums.day
    AND buckets."column" = sums."column" AND buckets.stage = sums.stage
    AND buckets.version_id IS NOT DISTINCT FROM sums.version_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """Up to which day, and by which zone, a line's days stand."""

    before: date
    zone: str


def sum_days(
    line: ProductLine,
    run: CountRun | None,
    touched: Iterable[datetime],
    *,
    at: datetime,
) -> Summed:
    """Sum the finished days that are new or whose hours were counted anew.

    A line that has moved to another zone gets all its days anew.
    """
    zone = ZoneInfo(line.time_zone)
    today = at.astimezone(zone).date()
    done = Summed(before=today, zone=zone.key)
    if run is None or run.summed_before is None or run.summed_zone != zone.key:
        DailyCount.objects.filter(line=line).delete()
        DailyColumn.objects.filter(line=line).delete()
        _sum(line, _days_with_hours(line, zone), zone, before=today)
        return done
    days = {hour.astimezone(zone).date() for hour in touched}
    days |= {
        run.summed_before + number * DAY
        for number in range((today - run.summed_before).days)
    }
    _sum(line, days, zone, before=today)
    return done


def _days_with_hours(line: ProductLine, zone: ZoneInfo) -> set[date]:
    days = HourlyCount.objects.of_line(line).annotate(
        day=TruncDate("hour", tzinfo=zone)
    )
    return set(days.order_by().values_list("day", flat=True).distinct())


def _sum(line: ProductLine, found: set[date], zone: ZoneInfo, *, before: date) -> None:
    days = sorted(day for day in found if day < before)
    if not days:
        return
    DailyCount.objects.filter(line=line, day__in=days).delete()
    DailyColumn.objects.filter(line=line, day__in=days).delete()
    given: dict[str, int | str | datetime | list[date]] = {
        "line": line.pk,
        "zone": zone.key,
        "days": days,
        "start": midnight(days[0], zone),
        "end": midnight(days[-1] + DAY, zone),
    }
    with connection.cursor() as cursor:
        cursor.execute(SUM_COUNTS, given)
        cursor.execute(SUM_COLUMNS, given)
