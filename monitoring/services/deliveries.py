"""Deliveries: the outbox of alarms and motions, written with them, sent by a worker."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from monitoring.models import (
    AlarmCause,
    AlarmEvent,
    AlarmEventKind,
    Delivery,
    Reach,
    Webhook,
)
from monitoring.models.deliveries import FAILURES_TO_DISABLE
from reviewapp.models import Membership, Motion, ProductLine, Role, User
from reviewapp.services.motions import who_may_answer
from reviewapp.services.records import SYSTEM, record

# What lets defects out is told at night as well.
CRITICAL = frozenset({AlarmCause.ESCAPES.value, AlarmCause.DISAGREEMENT.value})
MAILED = frozenset(
    {
        AlarmEventKind.RAISED,
        AlarmEventKind.WOKEN,
        AlarmEventKind.HANDED_OVER,
        AlarmEventKind.RECOVERED,
    }
)
NOT_POSTED = frozenset({AlarmEventKind.NOTED})
# What is no news any more once the alarm is over.
OF_OPEN = frozenset(
    {AlarmEventKind.RAISED, AlarmEventKind.WOKEN, AlarmEventKind.HANDED_OVER}
)
# How long what was sent stands in a list.
KEPT = timedelta(days=14)
# How long a worker may take for one delivery before another takes it again.
LEASE = timedelta(minutes=2)
WAITS = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1_800, 7_200, 18_000, 36_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Somebody who is away: up to and with which day, if any, and who stands in."""

    person: User
    until: date | None
    deputy: User


def queue_deliveries(event: AlarmEvent) -> int:
    """Write down who is to be told of an event; call it in the event's transaction."""
    to_webhooks = [
        Delivery(event=event, webhook=webhook, due_at=event.at)
        for webhook in Webhook.objects.working().filter(line=event.alarm.line_id)
        if event.kind not in NOT_POSTED
    ]
    to_people = [
        Delivery(
            event=event,
            person=person,
            due_at=event.at
            if event.alarm.cause in CRITICAL
            else after_quiet_hours(reach, zone_of(person, event.alarm.line), event.at),
        )
        for person, reach in _told(event)
    ]
    return len(Delivery.objects.bulk_create([*to_webhooks, *to_people]))


def queue_motion(motion: Motion) -> int:
    """Write down who is to be told of a motion: those who may answer it, by mail.

    A deputy stands in only for somebody who may answer, and only if they may as well.
    """
    if not settings.EMAIL_HOST:
        return 0
    line, at = motion.line, motion.moved_at
    may_answer = {person.pk: person for person in who_may_answer(motion)}
    away = away_on(line, at=at)
    told = {}
    for person in may_answer.values():
        instead = _instead_of(person, away)
        instead = may_answer.get(instead.pk, person)
        reach = reach_of(instead)
        if reach.is_told and reach.by_mail and instead.email:
            told[instead.pk] = Delivery(
                motion=motion,
                person=instead,
                due_at=after_quiet_hours(reach, zone_of(instead, line), at),
            )
    return len(Delivery.objects.bulk_create(told.values()))


def _told(event: AlarmEvent) -> list[tuple[User, Reach]]:
    """Give the people an event is mailed to, each once, deputies in their place."""
    if event.kind not in MAILED or not settings.EMAIL_HOST:
        return []
    alarm = event.alarm
    wanted = {} if alarm.owner is None else {alarm.owner.pk: alarm.owner}
    if event.kind != AlarmEventKind.HANDED_OVER:
        managers = User.objects.filter(
            memberships__line=alarm.line, memberships__role=Role.MANAGER
        ).exclude(reach__is_told=False)
        wanted |= {person.pk: person for person in managers}
    away = away_on(alarm.line, at=event.at)
    told = {}
    for person in wanted.values():
        instead = _instead_of(person, away)
        reach = reach_of(instead)
        is_reached = (
            instead.is_active
            and instead.email
            and reach.by_mail
            and _sees(instead, alarm.line)
        )
        if is_reached and instead.pk != event.by_id:
            told[instead.pk] = (instead, reach)
    return list(told.values())


def away_on(line: ProductLine, *, at: datetime) -> dict[int, Away]:
    """Give who is away, by their id, and who stands in; only one who sees the line.

    A deputy who is away as well has one of their own, as long as that leads to nobody
    who was asked before.
    """
    on_line = Membership.objects.filter(line=line, user=OuterRef("deputy"))
    named = Reach.objects.filter(
        Q(deputy__is_superuser=True) | Exists(on_line), deputy__is_active=True
    )
    own = {
        reach.user_id: Away(
            person=reach.user, until=reach.deputy_until, deputy=reach.deputy
        )
        for reach in named.select_related("user", "deputy")
        if reach.deputy is not None and _is_away(reach, line, at=at)
    }
    return {
        person: replace(away, deputy=_last_deputy(away, own))
        for person, away in own.items()
    }


def _is_away(reach: Reach, line: ProductLine, *, at: datetime) -> bool:
    today = at.astimezone(zone_of(reach.user, line)).date()
    return reach.deputy_until is None or reach.deputy_until >= today


def _last_deputy(away: Away, own: Mapping[int, Away]) -> User:
    asked = {away.person.pk}
    while True:
        asked.add(away.deputy.pk)
        following = own.get(away.deputy.pk)
        if following is None or following.deputy.pk in asked:
            return away.deputy
        away = following


def _instead_of(person: User, away: Mapping[int, Away]) -> User:
    """Give who is told, the person or who stands in."""
    return away[person.pk].deputy if person.pk in away else person


def _sees(person: User, line: ProductLine) -> bool:
    return ProductLine.objects.visible_to(person).filter(pk=line.pk).exists()


def is_wanted(delivery: Delivery) -> bool:
    """Say whether what waited, perhaps over quiet hours, should still be sent.

    Not to somebody who has left or may not see the line any more, and not that an alarm
    rings which is over.
    """
    person, event, motion = delivery.person, delivery.event, delivery.motion
    told_of = event.alarm if event is not None else motion
    if person is None or told_of is None:
        return True
    if not person.is_active or not _sees(person, told_of.line):
        return False
    return event is None or event.alarm.is_open or event.kind not in OF_OPEN


def note_dropped(delivery: Delivery, *, as_of: datetime | None = None) -> None:
    """Note that a delivery came to nothing, since nobody wants it any more."""
    Delivery.objects.filter(pk=delivery.pk).update(
        given_up_at=as_of or timezone.now(), trouble="no longer wanted"
    )


def reach_of(person: User) -> Reach:
    """Give how a person wants to be told; the defaults where nothing is said."""
    found = Reach.objects.filter(user=person).select_related("deputy").first()
    return found or Reach(user=person)


def zone_of(person: User, line: ProductLine) -> ZoneInfo:
    """Give a person's own zone, or the line's."""
    return ZoneInfo(person.time_zone or line.time_zone)


def after_quiet_hours(reach: Reach, zone: ZoneInfo, at: datetime) -> datetime:
    """Put a moment off to the end of the quiet hours that it falls into."""
    if reach.quiet_from is None or reach.quiet_to is None:
        return at
    local = at.astimezone(zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        begins = datetime.combine(day, reach.quiet_from, tzinfo=zone)
        over_midnight = reach.quiet_to <= reach.quiet_from
        last = day + timedelta(days=1) if over_midnight else day
        ends = datetime.combine(last, reach.quiet_to, tzinfo=zone)
        if begins <= local < ends:
            return ends.astimezone(UTC)
    return at


def sent_lately(line: ProductLine, *, at: datetime) -> QuerySet[Delivery]:
    """Give what was to go to a line's webhooks in the days that are kept, newest first.

    Ids and states, as they went out.
    """
    return (
        Delivery.objects.filter(webhook__line=line, event__at__gte=at - KEPT)
        .select_related("webhook", "event__alarm")
        .order_by("-pk")
    )


def drop_old(*, as_of: datetime | None = None) -> int:
    """Drop deliveries that came to an end two weeks ago; return how many went."""
    before = (as_of or timezone.now()) - KEPT
    over = Delivery.objects.filter(Q(sent_at__lt=before) | Q(given_up_at__lt=before))
    dropped, _by_model = over.delete()
    return dropped


@transaction.atomic
def take_due(*, as_of: datetime | None = None) -> Delivery | None:
    """Take the delivery that is due longest, for as long as one sending may last.

    A worker that dies over it leaves it to be taken again: it is sent at least once.
    """
    at = as_of or timezone.now()
    delivery = (
        Delivery.objects.due(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related(
            "event__alarm__line",
            "event__by",
            "motion__line",
            "motion__moved_by",
            "person",
            "webhook__line",
        )
        .first()
    )
    if delivery is None:
        return None
    delivery.attempts += 1
    delivery.due_at = at + LEASE
    delivery.save(update_fields=["attempts", "due_at"])
    return delivery


@transaction.atomic
def note_sent(delivery: Delivery, *, as_of: datetime | None = None) -> None:
    """Note that a delivery got there."""
    at = as_of or timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=at, trouble="")
    if delivery.webhook_id:
        Webhook.objects.filter(pk=delivery.webhook_id).update(failures=0)


@transaction.atomic
def note_failed(
    delivery: Delivery, trouble: str, *, as_of: datetime | None = None
) -> None:
    """Put a delivery off, longer each time, and give it up after the last wait.

    A webhook that failed eight times running is disabled, and what waits for it is
    given up: somebody has to look at it.
    """
    at = as_of or timezone.now()
    changes: dict[str, object] = {"trouble": trouble[:100]}
    if delivery.attempts > len(WAITS):
        changes["given_up_at"] = at
    else:
        changes["due_at"] = at + WAITS[delivery.attempts - 1]
    Delivery.objects.filter(pk=delivery.pk).update(**changes)
    webhook = delivery.webhook
    if webhook is None:
        return
    Webhook.objects.filter(pk=webhook.pk).update(failures=F("failures") + 1)
    disabled = Webhook.objects.working().filter(
        pk=webhook.pk, failures__gte=FAILURES_TO_DISABLE
    )
    if disabled.update(disabled_at=at):
        Delivery.objects.waiting().filter(webhook=webhook).update(given_up_at=at)
        record(
            "webhook.disabled",
            actor=SYSTEM,
            line=webhook.line,
            subject=str(webhook.pk),
            reason=trouble[:100],
        )
