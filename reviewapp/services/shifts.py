"""Shifts: beginning work on a line, a break, the end, and what came of it.

Nothing of a shift is written where an answer is stored. A shift is opened with its
line; what a person answers there between its ends belongs to it, and is counted once,
when it ends. Workers open one for who answers without having begun, and end those that
idle.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from reviewapp.models import (
    AnswerKind,
    ClockNow,
    GoldRead,
    GoldUse,
    Label,
    OwnBreaks,
    ProductLine,
    Record,
    Review,
    Shift,
    ShiftEnd,
    ShiftTerms,
    User,
)
from reviewapp.models.gold import GoldReadQuerySet
from reviewapp.services import hands, reviews
from reviewapp.services.locks import Sweep, try_sweep
from reviewapp.services.records import record

# A meal is a break within a shift; after so long without a sign it has ended.
IDLE_AFTER = timedelta(hours=2)
LOOKED_BACK = timedelta(minutes=15)

# What stands of what a person said on a line within a shift; gold is among it, or the
# count would tell it apart.
SAID = """
    SELECT label.labelled_at AS at, label.active_ms
    FROM shift JOIN reviewapp_label AS label
            ON label.inspector_id = shift.inspector_id AND label.id > shift.after_label
            AND label.labelled_at >= shift.began_at
        JOIN reviewapp_review AS review
            ON review.id = label.review_id AND review.line_id = shift.line_id
    WHERE label.kind <> 'retraction' AND NOT EXISTS (
        SELECT FROM reviewapp_label AS later WHERE later.supersedes_id = label.id
    )
    UNION ALL
    SELECT read.answered_at, read.active_ms
    FROM shift JOIN reviewapp_goldread AS read
            ON read.inspector_id = shift.inspector_id
            AND read.answered_at >= shift.began_at AND read.use = 'hidden'
        JOIN reviewapp_golditem AS gold
            ON gold.id = read.gold_id AND gold.line_id = shift.line_id
"""
# When a break is suggested: the sooner of what the line says and the person wants.
BREAKS = """
    SELECT coalesce(least(nullif(coalesce(terms.break_after_min, %(minutes)s), 0),
            own.break_after_min), 0) AS after_min,
        coalesce(least(nullif(coalesce(terms.break_after_items, %(items)s), 0),
            own.break_after_items), 0) AS after_items
    FROM (SELECT) AS always
        LEFT JOIN reviewapp_shiftterms AS terms ON terms.line_id = shift.line_id
        LEFT JOIN reviewapp_ownbreaks AS own ON own.person_id = shift.inspector_id
"""
PROGRESS = f"""
WITH shift AS (
    SELECT * FROM reviewapp_shift
    WHERE line_id = %(line)s AND inspector_id = %(by)s AND ended_at IS NULL
), said AS ({SAID})
SELECT shift.began_at, shift.paused_at,
    extract(epoch FROM clock_timestamp() - shift.resumed_at)::float8,
    count(said.at), count(said.at) FILTER (WHERE said.at >= shift.resumed_at),
    (array_agg(said.active_ms ORDER BY said.at DESC)
        FILTER (WHERE said.active_ms IS NOT NULL))[1:10],
    pace.low_s, pace.high_s,
    breaks.after_min, breaks.after_items
FROM shift LEFT JOIN said ON true
    LEFT JOIN reviewapp_linepace AS pace ON pace.line_id = shift.line_id
    CROSS JOIN LATERAL ({BREAKS}) AS breaks
GROUP BY shift.began_at, shift.paused_at, shift.resumed_at, pace.low_s, pace.high_s,
    breaks.after_min, breaks.after_items
"""  # noqa: S608 - made of the constants above

# Who works without having begun: from a page that was left open for hours, or after an
# answer was taken back.
OPEN_UNBEGUN = """
INSERT INTO reviewapp_shift
    (line_id, inspector_id, after_label, began_at, resumed_at, "end")
SELECT line.id, label.inspector_id, label.id - 1, since.at, since.at, ''
FROM reviewapp_productline AS line
    JOIN reviewapp_review AS review ON review.line_id = line.id
        AND review.closed_at > statement_timestamp() - make_interval(secs => %(span_s)s)
    JOIN reviewapp_label AS label ON label.id = review.label_id
    CROSS JOIN LATERAL (
        SELECT coalesce(label.claimed_at, label.labelled_at) AS at
    ) AS since
WHERE NOT EXISTS (
    SELECT FROM reviewapp_shift AS shift
    WHERE shift.line_id = line.id AND shift.inspector_id = label.inspector_id
        AND (shift.ended_at IS NULL OR shift.ended_at >= label.labelled_at)
)
ORDER BY label.id
ON CONFLICT (line_id, inspector_id) WHERE ended_at IS NULL DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How an open shift stands, for the person who works it.

    ``active_ms`` are the times of the last ten answers, the newest first; ``low_s`` and
    ``high_s`` bound what an item of the line usually takes, where that is known.
    """

    began_at: datetime
    paused_at: datetime | None
    resumed_s: float
    answers: int
    answers_resumed: int
    active_ms: list[int]
    low_s: float | None
    high_s: float | None
    break_after_min: int
    break_after_items: int

    @property
    def times(self) -> str:
        """The times as a page carries them."""
        return " ".join(map(str, self.active_ms))


def progress_of(line: ProductLine, by: User) -> Progress | None:
    """Give how a person's open shift on a line stands; ``None`` where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, {"line": line.pk, "by": by.pk} | usual_breaks())
        row = cursor.fetchone()
    if row is None:
        return None
    return Progress(
        began_at=row[0],
        paused_at=row[1],
        resumed_s=row[2],
        answers=row[3],
        answers_resumed=row[4],
        active_ms=row[5] or [],
        low_s=row[6],
        high_s=row[7],
        break_after_min=row[8],
        break_after_items=row[9],
    )


def start_work(line: ProductLine, *, by: User) -> Review | None:
    """Put the first review of a line in front, and begin a shift or go on with it.

    Nothing in front, no shift: whoever is not qualified begins none.

    Raises
    ------
    HeldElsewhereError
        If the person has an item in front on another line.
    """
    with transaction.atomic():
        first = reviews.begin_work(by, line)
        if first is not None:
            _begin_or_resume(line, by)
        return first


def _begin_or_resume(line: ProductLine, by: User) -> None:
    going_on = _locked(line, by)
    if going_on is not None and going_on.now - going_on.last_sign > IDLE_AFTER:
        _close(going_on, at=going_on.last_sign, end=ShiftEnd.IDLE)
        going_on = None
    if going_on is None:
        newest = Label.objects.order_by("-pk").values("pk")[:1]
        after = Coalesce(Subquery(newest), 0)
        Shift.objects.create(line=line, inspector=by, after_label=after)
    elif going_on.paused_at is not None:
        going_on.break_s += _break_s(going_on)
        going_on.paused_at, going_on.resumed_at = None, going_on.now
        going_on.break_due_at = None
        going_on.save(
            update_fields=["break_s", "paused_at", "resumed_at", "break_due_at"]
        )


def pause(line: ProductLine, *, by: User) -> None:
    """Note that a person takes a break; what is in hand is given back beside it."""
    Shift.objects.of(by, line).open().filter(paused_at=None).update(
        paused_at=ClockNow()
    )


@transaction.atomic
def end_shift(line: ProductLine, *, by: User) -> Shift | None:
    """End a person's shift on a line and give back what is in hand there."""
    hands.release_all(by, line=line)
    ending = _locked(line, by)
    if ending is None:
        return None
    _end(ending, end=ShiftEnd.ENDED)
    return ending


@transaction.atomic
def leave(by: User) -> None:
    """End all shifts of a person who signs out, and give back everything in hand."""
    hands.release_all(by)
    ending = Shift.objects.filter(inspector=by).open().select_for_update(of=("self",))
    for shift in ending.with_last_sign():
        _end(shift, end=ShiftEnd.SIGNED_OUT)


def keep_shifts() -> int:
    """Open shifts for who works without one, end idle ones; return how many changed."""
    with transaction.atomic():
        if not try_sweep(Sweep.KEEP_SHIFTS):
            return 0
        with connection.cursor() as cursor:
            cursor.execute(OPEN_UNBEGUN, {"span_s": LOOKED_BACK.total_seconds()})
            changed = int(cursor.rowcount)
        idle = Shift.objects.select_for_update(of=("self",), skip_locked=True)
        for shift in idle.idle_for(IDLE_AFTER):
            _close(shift, at=shift.last_sign, end=ShiftEnd.IDLE)
            changed += 1
        return changed


def usual_breaks() -> dict[str, int]:
    """Give the parameters of ``BREAKS``: what holds where a line has set nothing."""
    usual = ShiftTerms()
    return {"minutes": usual.break_after_min, "items": usual.break_after_items}


def own_breaks_of(person: User) -> OwnBreaks:
    """Give when a person wants breaks suggested; as the line says where it is blank."""
    return OwnBreaks.objects.filter(person=person).first() or OwnBreaks(person=person)


def set_own_breaks(person: User, wanted: OwnBreaks) -> None:
    """Set when a person wants breaks suggested; nobody else is told."""
    wanted.person = person
    wanted.save()


def terms_of(line: ProductLine) -> ShiftTerms:
    """Give when a line suggests breaks; the usual terms where nobody has set any."""
    return ShiftTerms.objects.filter(line=line).first() or ShiftTerms(line=line)


@transaction.atomic
def set_terms(line: ProductLine, terms: ShiftTerms, *, by: User) -> None:
    """Set when a line's inspectors are asked to take a break."""
    terms.line = line
    terms.save()
    record(
        "shift.terms_set",
        actor=by.pseudonym,
        line=line,
        details={
            "break_after_min": terms.break_after_min,
            "break_after_items": terms.break_after_items,
        },
    )


def _locked(line: ProductLine, by: User) -> Shift | None:
    """Lock a person's open shift on a line, with its last sign."""
    found = Shift.objects.of(by, line).open().select_for_update(of=("self",))
    return found.with_last_sign().first()


def _end(shift: Shift, *, end: ShiftEnd) -> None:
    """End a shift now; one that has idled for long ended with its last sign."""
    if shift.now - shift.last_sign > IDLE_AFTER:
        _close(shift, at=shift.last_sign, end=ShiftEnd.IDLE)
        return
    shift.break_s += _break_s(shift)
    _close(shift, at=shift.now, end=end)


def _close(shift: Shift, *, at: datetime, end: ShiftEnd) -> None:
    """Count what a locked shift was, once, and tell its reader the gold it got wrong.

    Whoever is told an item never meets it again.
    """
    said = Label.objects.filter(
        pk__gt=shift.after_label,
        inspector=shift.inspector_id,
        review__line=shift.line_id,
        labelled_at__gte=shift.began_at,
        labelled_at__lte=at,
    ).exclude(kind=AnswerKind.RETRACTION)
    stands = Q(superseded_by=None)
    labels = said.aggregate(
        answers=Count("pk", filter=stands),
        untimed=Count("pk", filter=stands & Q(active_ms=None)),
        active_ms=Sum("active_ms", default=0),
    )
    reads = reads_of(shift, until=at)
    gold = reads.aggregate(
        answers=Count("pk"),
        untimed=Count("pk", filter=Q(active_ms=None)),
        active_ms=Sum("active_ms", default=0),
    )
    shift.answers = labels["answers"] + gold["answers"]
    shift.untimed = labels["untimed"] + gold["untimed"]
    shift.active_s = round((labels["active_ms"] + gold["active_ms"]) / 1000)
    shift.skips = Record.objects.filter(
        line=shift.line_id,
        actor=shift.inspector.pseudonym,
        action="review.skipped",
        at__gte=shift.began_at,
        at__lte=at,
    ).count()
    shift.ended_at, shift.end, shift.paused_at = at, end, None
    shift.break_due_at = shift.break_told_at = None
    shift.save(
        update_fields=[
            "answers",
            "untimed",
            "active_s",
            "break_s",
            "skips",
            "ended_at",
            "end",
            "paused_at",
            "break_due_at",
            "break_told_at",
        ]
    )
    reads.answered_otherwise().filter(gold__voided_at=None).update(told_at=ClockNow())


def reads_of(shift: Shift, *, until: datetime) -> GoldReadQuerySet:
    """Give the hidden gold that a shift's person answered in it."""
    return GoldRead.objects.filter(
        inspector=shift.inspector_id,
        gold__line=shift.line_id,
        use=GoldUse.HIDDEN,
        answered_at__gte=shift.began_at,
        answered_at__lte=until,
    )


def _break_s(shift: Shift) -> int:
    """Seconds of the break that lasts: none where the person has answered since."""
    if shift.paused_at is None or shift.last_sign > shift.paused_at:
        return 0
    return round((shift.now - shift.paused_at).total_seconds())
