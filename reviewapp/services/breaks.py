"""Breaks that come sooner: where somebody slows down, or misses what is known.

A sweep weighs the open shifts beside the answers, so that no answer costs anything for
it; the page asks with its heartbeat. The moment is drawn by lot, minutes after what was
weighed, and the words are those of any other suggestion: neither tells of gold.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from reviewapp import weariness
from reviewapp.models import ClockNow, ProductLine, Shift, User
from reviewapp.services.locks import Sweep, try_sweep
from reviewapp.services.shifts import BREAKS, usual_breaks

# Gold is weighed only so long and so many answers after it was read, and the break is
# suggested a drawn time later: nobody can tell which item it was, or if it was one.
RESTS_MIN = 10
RESTS_ANSWERS = 5
DRAWN_S = (120, 720)

DAYS_BEFORE = 14
GOLD_DAYS = 180
READ_UP_TO = 2_000

WEIGH = f"""
SELECT shift.id, lately.answers, lately.middle_ms, before.answers, before.high_ms,
    gold.reads, gold.wrong, known.reads, known.wrong
FROM reviewapp_shift AS shift
    CROSS JOIN LATERAL ({BREAKS}) AS breaks
    CROSS JOIN LATERAL (
        SELECT count(*) AS answers,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY active_ms) AS middle_ms
        FROM (
            SELECT * FROM reviewapp_label
            WHERE inspector_id = shift.inspector_id AND id > shift.after_label
            ORDER BY id DESC LIMIT %(limit)s
        ) AS label JOIN reviewapp_review AS review ON review.id = label.review_id
            AND review.line_id = shift.line_id
        WHERE label.kind <> 'retraction' AND label.active_ms IS NOT NULL
            AND label.labelled_at >= greatest(shift.resumed_at,
                statement_timestamp() - make_interval(mins => %(lately)s))
    ) AS lately
    CROSS JOIN LATERAL (
        SELECT count(*) AS answers,
            percentile_cont(0.75) WITHIN GROUP (ORDER BY active_ms) AS high_ms
        FROM (
            SELECT * FROM reviewapp_label
            WHERE inspector_id = shift.inspector_id AND id <= shift.after_label
                AND lately.answers >= %(fewest_lately)s
            ORDER BY id DESC LIMIT %(limit)s
        ) AS label JOIN reviewapp_review AS review ON review.id = label.review_id
            AND review.line_id = shift.line_id
        WHERE label.kind <> 'retraction' AND label.active_ms IS NOT NULL
            AND label.labelled_at >= shift.began_at - make_interval(days => %(days)s)
    ) AS before
    LEFT JOIN LATERAL (
        SELECT labelled_at FROM reviewapp_label
        WHERE inspector_id = shift.inspector_id AND id > shift.after_label
        ORDER BY id DESC OFFSET %(rests_answers)s - 1 LIMIT 1
    ) AS rested ON true
    CROSS JOIN LATERAL (
        SELECT count(*) AS reads, count(*) FILTER (WHERE is_wrong) AS wrong,
            max(answered_at) FILTER (WHERE is_wrong) AS wrong_at
        FROM (
            SELECT read.answered_at, read.label_class_id <> item.label_class_id
                AS is_wrong
            FROM reviewapp_goldread AS read
                JOIN reviewapp_golditem AS item ON item.id = read.gold_id
                    AND item.line_id = shift.line_id AND item.voided_at IS NULL
            WHERE read.inspector_id = shift.inspector_id AND read.use = 'hidden'
                AND read.kind = 'class' AND read.answered_at >= shift.began_at
                AND read.answered_at < rested.labelled_at
                AND read.answered_at
                    < statement_timestamp() - make_interval(mins => %(rests)s)
            ORDER BY read.answered_at DESC LIMIT %(last_reads)s
        ) AS lately_read
    ) AS gold
    CROSS JOIN LATERAL (
        SELECT count(*) AS reads, count(*) FILTER (
            WHERE read.label_class_id <> item.label_class_id) AS wrong
        FROM reviewapp_goldread AS read
            JOIN reviewapp_golditem AS item ON item.id = read.gold_id
                AND item.line_id = shift.line_id AND item.voided_at IS NULL
        WHERE read.inspector_id = shift.inspector_id AND read.use = 'hidden'
            AND read.kind = 'class' AND read.answered_at < shift.began_at
            AND read.answered_at >= shift.began_at
                - make_interval(days => %(gold_days)s)
            AND gold.wrong >= %(fewest_wrong)s
    ) AS known
WHERE shift.ended_at IS NULL AND shift.paused_at IS NULL
    AND shift.break_due_at IS NULL
    AND (shift.break_told_at IS NULL OR shift.break_told_at < shift.resumed_at)
    AND (breaks.after_min > 0 OR breaks.after_items > 0)
    AND (lately.answers >= %(fewest_lately)s OR gold.wrong_at > shift.resumed_at)
"""  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    shift: int
    answers: int
    middle_ms: float | None
    before: int
    high_ms: float | None
    reads: int
    wrong: int
    known_reads: int
    known_wrong: int

    @property
    def is_weary(self) -> bool:
        return weariness.is_slower(
            self.middle_ms,
            answers=self.answers,
            band_high_ms=self.high_ms,
            before=self.before,
        ) or weariness.reads_worse(
            reads=self.reads,
            wrong=self.wrong,
            known_reads=self.known_reads,
            known_wrong=self.known_wrong,
        )


def bring_breaks_forward() -> int:
    """Let breaks be due sooner where people tire; return for how many shifts.

    Once between two breaks: whoever goes on is not asked again for the same.
    """
    with transaction.atomic():
        if not try_sweep(Sweep.BRING_BREAKS_FORWARD):
            return 0
        weary = [one.shift for one in _weighed() if one.is_weary]
        for shift in weary:
            # no secret hangs on it, only that it follows from nothing one has seen
            drawn = timedelta(seconds=random.uniform(*DRAWN_S))  # noqa: S311
            Shift.objects.open().filter(pk=shift, break_due_at=None).update(
                break_due_at=ClockNow() + drawn
            )
        return len(weary)


def _weighed() -> list[_Weighed]:
    terms = usual_breaks() | {
        "lately": weariness.LATELY_MIN,
        "fewest_lately": weariness.FEWEST_LATELY,
        "last_reads": weariness.LAST_READS,
        "fewest_wrong": weariness.FEWEST_WRONG,
        "days": DAYS_BEFORE,
        "gold_days": GOLD_DAYS,
        "limit": READ_UP_TO,
        "rests": RESTS_MIN,
        "rests_answers": RESTS_ANSWERS,
    }
    with connection.cursor() as cursor:
        cursor.execute(WEIGH, terms)
        rows = cursor.fetchall()
    return [
        _Weighed(
            shift=shift,
            answers=answers,
            middle_ms=middle_ms,
            before=before,
            high_ms=high_ms,
            reads=reads,
            wrong=wrong,
            known_reads=known_reads,
            known_wrong=known_wrong,
        )
        for (
            shift,
            answers,
            middle_ms,
            before,
            high_ms,
            reads,
            wrong,
            known_reads,
            known_wrong,
        ) in rows
    ]


def tell_break(line: ProductLine, by: User) -> bool:
    """Say, once, whether a break is due sooner than by minutes or items."""
    due = Shift.objects.of(by, line).open().filter(break_due_at__lte=ClockNow())
    told = due.filter(Q(paused_at=None), Q(break_due_at__gt=F("resumed_at"))).update(
        break_due_at=None, break_told_at=ClockNow()
    )
    return bool(told)
