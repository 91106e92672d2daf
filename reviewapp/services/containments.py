"""Containments: proposed by a confirmed error, opened and closed by a manager.

Opening sends a first batch back at once, and a sweep the rest, each in a transaction of
its own. Decisions stay in force; whoever reads them is told that they are held.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import (
    ClockNow,
    ContainedItem,
    Containment,
    ContainmentState,
    DecidedBy,
    Decision,
    Exposure,
    HeldOutcome,
    Item,
    LabelClass,
    ModelVersion,
    ProductLine,
    QueueTerms,
    Review,
    User,
)
from reviewapp.models.containments import outcome_so_far
from reviewapp.order import PRIORITY_STEP
from reviewapp.services.records import SYSTEM, record

BATCH = 500
# Goods are waiting for these reviews: they come before the day's work.
PRIORITY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many items were sent back, and what became of them so far."""

    waiting: int
    confirmed: int
    overruled: int
    left_open: int

    @property
    def sent(self) -> int:
        """All that were sent back."""
        return self.waiting + self.confirmed + self.overruled + self.left_open

    @property
    def settled(self) -> int:
        """Those that no person has to look at any more."""
        return self.sent - self.waiting


def propose_after(error: Decision, *, line: ProductLine, overruled: Decision) -> None:
    """Propose a containment after people overruled the model; once for each kind.

    Call it in the transaction that overruled. An item that was sent back already
    proposes nothing: its error is what the open containment looks for.
    """
    item, routing = error.item, overruled.routing
    if routing is None or routing.version_id is None:
        return
    if ContainedItem.objects.filter(item=item, released_at=None).exists():
        return
    kind = {
        "line": line,
        "version_id": routing.version_id,
        "label_class_id": overruled.label_class_id,
        "group": item.group,
    }
    if Containment.objects.proposed().filter(**kind).exists():
        return
    # Another transaction may propose the same just now; then its row stands.
    Containment.objects.bulk_create(
        [Containment(**kind, found=error)], ignore_conflicts=True
    )
    record(
        "containment.proposed",
        actor=SYSTEM,
        line=line,
        subject=str(item.public_id),
        details={"version": routing.version_id, "group": item.group},
    )


@transaction.atomic
def propose_by_hand(
    line: ProductLine, *, version: ModelVersion, label_class: LabelClass, by: User
) -> Containment:
    """Propose a containment without a found error, as after an alarm."""
    if line.pk not in {version.line_id} & {label_class.line_id}:
        raise InvalidInputError(_("That version or class belongs to another line."))
    proposed, is_new = Containment.objects.get_or_create(
        line=line,
        version=version,
        label_class=label_class,
        group="",
        opened_at=None,
        closed_at=None,
    )
    if is_new:
        record(
            "containment.proposed",
            actor=by.pseudonym,
            line=line,
            subject=str(proposed),
        )
    return proposed


def siblings(
    containment: Containment,
    *,
    since: datetime,
    only_group: bool,
    until: datetime | None = None,
) -> "QuerySet[Item]":
    """Give the items that a containment would send back: its own kind, unlooked at.

    Items that somebody has answered are out: their audit settles them. So are items in
    another open containment.
    """
    answered = Review.objects.filter(item=OuterRef("pk"), closed_at__isnull=False)
    held = ContainedItem.objects.filter(item=OuterRef("pk"), released_at=None)
    found = Item.objects.filter(
        line_id=containment.line_id,
        occurred_at__gte=since,
        decision__decided_by=DecidedBy.MODEL,
        decision__label_class_id=containment.label_class_id,
        decision__decided_at__lte=until or timezone.now(),
        routing__version_id=containment.version_id,
    )
    if only_group:
        found = found.filter(group=containment.group)
    return found.exclude(Exists(answered)).exclude(Exists(held))


@transaction.atomic
def open_containment(
    line: ProductLine,
    number: int,
    *,
    since: datetime,
    only_group: bool,
    by: User,
    reason: str,
) -> Containment:
    """Send what a proposal names back to people; the first batch at once.

    Raises
    ------
    ConflictError
        If somebody has opened or closed it meanwhile.
    InvalidInputError
        If no reason is given.
    """
    found = _hold(line, number)
    if found.state is ContainmentState.OPEN:
        raise ConflictError(
            _("Containment %(number)s is open already. Reload the page.")
            % {"number": number}
        )
    _require_unclosed(found)
    if not reason.strip():
        raise InvalidInputError(_("Say why the items go back."), code="reason_missing")
    found.since, found.only_group = since, only_group
    found.reason, found.opened_by = reason.strip(), by
    found.opened_at = timezone.now()
    found.save(
        update_fields=["since", "only_group", "reason", "opened_by", "opened_at"]
    )
    record(
        "containment.opened",
        actor=by.pseudonym,
        line=line,
        subject=str(found),
        details={"since": since.isoformat(), "only_group": only_group},
        reason=found.reason,
    )
    _send_batch(found)
    return found


def send_back(*, limit: int = 20) -> int:
    """Send back what open containments still name, in batches; return how many."""
    sent = 0
    for number, line_id in Containment.objects.to_fill().values_list("pk", "line"):
        for _batch in range(limit):
            with transaction.atomic():
                line = ProductLine.objects.get(pk=line_id)
                found = _hold(line, number)
                if found.state is not ContainmentState.OPEN or found.filled_at:
                    break
                sent += _send_batch(found)
    return sent


@transaction.atomic
def close_containment(
    line: ProductLine, number: int, *, by: User, note: str
) -> Containment:
    """End a containment with what was found; items that still wait are held no more.

    Their reviews stay in the queue. A proposal that is closed sends nothing back.

    Raises
    ------
    ConflictError
        If it is closed already.
    InvalidInputError
        If nothing is said.
    """
    found = _hold(line, number)
    _require_unclosed(found)
    if not note.strip():
        raise InvalidInputError(_("Say what was found."), code="reason_missing")
    result = progress_of(found)
    found.closed_at = timezone.now()
    found.closed_by, found.note = by, note.strip()
    found.save(update_fields=["closed_at", "closed_by", "note"])
    found.contained.update(released_at=found.closed_at)
    record(
        "containment.closed",
        actor=by.pseudonym,
        line=line,
        subject=str(found),
        details={
            "waiting": result.waiting,
            "confirmed": result.confirmed,
            "overruled": result.overruled,
            "left_open": result.left_open,
        },
        reason=found.note,
    )
    return found


def progress_of(containment: Containment) -> Progress:
    """Count what became of a containment's items so far."""
    counted = dict(
        containment.contained.annotate(outcome=outcome_so_far())
        .values_list("outcome")
        .annotate(n=Count("pk"))
    )
    return Progress(**{kind.value: counted.get(kind.value, 0) for kind in HeldOutcome})


def held_by_item(item_ids: Iterable[int]) -> dict[int, int]:
    """Give the number of the containment that holds an item, for those that are."""
    held = ContainedItem.objects.holding().filter(item__in=[*item_ids])
    return dict(held.values_list("item_id", "containment_id"))


def _hold(line: ProductLine, number: int) -> Containment:
    return Containment.objects.select_for_update(of=("self",)).get(line=line, pk=number)


def _require_unclosed(found: Containment) -> None:
    if found.state is ContainmentState.CLOSED:
        raise ConflictError(
            _("Containment %(number)s is closed already.") % {"number": found.pk}
        )


def _send_batch(found: Containment) -> int:
    """Send one batch back, with the containment's row locked; note when all are."""
    if found.since is None:
        raise RuntimeError(f"{found} is open and says not since when.")
    named = siblings(
        found,
        since=found.since,
        only_group=found.only_group,
        until=found.opened_at,
    )
    items = list(
        named.select_for_update(of=("self",))
        .order_by("pk")
        .select_related("decision")[: BATCH + 1]
    )
    batch = items[:BATCH]
    if len(items) <= BATCH:
        found.filled_at = timezone.now()
        found.save(update_fields=["filled_at"])
    ContainedItem.objects.bulk_create(
        ContainedItem(containment=found, item=item, decision_id=item.decision_id)
        for item in batch
        if item.decision_id is not None
    )
    _ask_people(found, batch)
    return len(batch)


def _ask_people(found: Containment, items: Iterable[Item]) -> None:
    """Ask for a blind look at each, except where an audit already does."""
    ranks = {item.pk: item.priority for item in items}
    ids = [*ranks]
    asked = {*Review.objects.filter(item__in=ids).values_list("item", flat=True)}
    seen: dict[int, set[int]] = {}
    due_at = QueueTerms.objects.of_line(found.line).due_at(ClockNow())
    exposures = Exposure.objects.filter(item__in=ids)
    for item_id, user_id in exposures.values_list("item", "user"):
        seen.setdefault(item_id, set()).add(user_id)
    Review.objects.bulk_create(
        Review(
            item_id=item_id,
            line_id=found.line_id,
            priority=PRIORITY + PRIORITY_STEP * ranks[item_id],
            due_at=due_at,
            excluded=sorted(seen.get(item_id, ())),
        )
        for item_id in ids
        if item_id not in asked
    )
    Review.objects.waiting().filter(item__in=ids).update(
        priority=F("priority") - F("priority") % PRIORITY_STEP + PRIORITY
    )
