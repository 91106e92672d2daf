"""Runs of gold: a warm-up that tells what was right, and a qualification that counts.

A qualification is blind and scored. Where a line asks for one, whoever has not passed
it, or passed it too long ago, gets no work there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError
from reviewapp.lottery import lottery
from reviewapp.models import (
    AnswerKind,
    GoldItem,
    GoldRead,
    GoldRun,
    GoldTerms,
    GoldUse,
    LabelClass,
    Meaning,
    ProductLine,
    Role,
    User,
)
from reviewapp.services import gold
from reviewapp.services.records import record

FEWEST_WARM_UP = 5
MOST_WARM_UP = 10
FEWEST_QUALIFYING = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How somebody read the gold of a run; of what was never shown nothing is asked.

    "Cannot tell" finds no defect, so it counts against the hits and never as a false
    alarm.
    """

    shown_defects: int
    hits: int
    shown_goods: int
    false_alarms: int

    def passes(self, terms: GoldTerms) -> bool:
        """Say whether enough was found, and little enough rejected."""
        least = terms.least_hits * self.shown_defects
        most = terms.most_false_alarms * self.shown_goods
        return self.hits >= least and self.false_alarms <= most


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether one person of a line is qualified, and until when."""

    inspector: User
    run: GoldRun | None

    @property
    def is_qualified(self) -> bool:
        """Say whether the last passed run still holds."""
        until = self.run.valid_until if self.run else None
        return until is not None and until > timezone.now()


def may_work(inspector: User, line: ProductLine) -> bool:
    """Say whether a person gets work; one statement, and only where a line asks."""
    if not line.qualification_size:
        return True
    return GoldRun.objects.filter(
        line=line, inspector=inspector, valid_until__gt=timezone.now()
    ).exists()


def standings_of(line: ProductLine) -> list[Standing]:
    """Give who of a line's inspectors is qualified, by name."""
    members = line.memberships.filter(role=Role.INSPECTOR).select_related("user")
    passed: dict[int, GoldRun] = {}
    for run in GoldRun.objects.filter(line=line, is_passed=True).order_by("pk"):
        passed[run.inspector_id] = run
    return [
        Standing(inspector=one.user, run=passed.get(one.user_id))
        for one in members.order_by("user__username")
    ]


def open_run(line: ProductLine, inspector: User) -> GoldRun | None:
    """Give the run a person is in; ``None`` when there is none."""
    return GoldRun.objects.filter(line=line, inspector=inspector, ended_at=None).first()


@transaction.atomic
def begin_run(line: ProductLine, use: GoldUse, *, by: User) -> GoldRun:
    """Lay out gold for a person, or go on with the run that is open.

    Half of it is defective as far as there is enough of both kinds, in an order drawn
    for the run.

    Raises
    ------
    ConflictError
        If there is too little gold that the person does not know yet.
    """
    # one after the other, lest two windows each begin one
    User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    going_on = open_run(line, by)
    if going_on is not None:
        return going_on
    is_warm_up = use == GoldUse.WARM_UP
    wanted = MOST_WARM_UP if is_warm_up else line.qualification_size
    chosen = _choose(line, by, wanted)
    fewest = FEWEST_WARM_UP if is_warm_up else wanted
    if len(chosen) < fewest:
        raise ConflictError(
            _(
                "This takes %(fewest)s gold items that you do not know, and there are "
                "%(n)s. A manager can make more of adjudicated items."
            )
            % {"fewest": fewest, "n": len(chosen)}
        )
    run = GoldRun.objects.create(line=line, inspector=by, use=use)
    GoldRead.objects.bulk_create(
        GoldRead(gold=one, inspector=by, use=use, run=run, place=place)
        for place, one in enumerate(chosen, start=1)
    )
    gold.count_dealt(chosen)
    return run


def _choose(line: ProductLine, person: User, wanted: int) -> list[GoldItem]:
    """Lock gold that a person does not know: half defective, dealt least first."""
    salt = uuid4().hex
    unknown = GoldItem.objects.filter(line=line).unknown_to(person)
    free = unknown.select_for_update(of=("self",), skip_locked=True)
    bad = list(
        free.filter(label_class__meaning=Meaning.REJECT).order_by("dealt")[:wanted]
    )
    rest = list(
        free.exclude(label_class__meaning=Meaning.REJECT).order_by("dealt")[:wanted]
    )
    from_bad = max(wanted // 2, wanted - len(rest))
    chosen = bad[:from_bad]
    chosen += rest[: wanted - len(chosen)]
    return sorted(chosen, key=lambda one: lottery(salt, one.pk))


def next_read(run: GoldRun) -> GoldRead | None:
    """Give what a person is to read next in a run; ``None`` when nothing is left."""
    if run.ended_at is not None:
        return None
    return GoldRead.objects.filter(run=run).open().order_by("place").first()


@transaction.atomic
def answer_read(
    run: GoldRun,
    *,
    place: int,
    answer: LabelClass | None,
    also: Sequence[LabelClass] = (),
    by: User,
) -> GoldRead:
    """Take an answer in a run; the same place is answered once, the last ends it.

    ``also`` are further classes of the item; it is scored by the one that decides.
    """
    run = GoldRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    read = (
        GoldRead.objects.filter(run=run, inspector=by, place=place)
        .select_related("gold__label_class", "label_class")
        .first()
    )
    if read is None:
        raise ConflictError(_("You have no such item in this run."))
    if read.answered_at is not None:
        return read
    read.kind = AnswerKind.CLASS if answer else AnswerKind.CANNOT_TELL
    read.label_class, read.answered_at = answer, timezone.now()
    read.also = [one.key for one in also]
    read.edition_id = run.line.edition_id
    read.save(update_fields=["kind", "label_class", "also", "answered_at", "edition"])
    if next_read(run) is None:
        _end(run)
    return read


def score_of(run: GoldRun) -> Score:
    """Count how somebody read a run's gold."""
    counted = GoldRead.objects.filter(run=run).tally()
    return Score(**{field.name: counted[field.name] for field in fields(Score)})


def _end(run: GoldRun) -> None:
    run.ended_at = timezone.now()
    if run.use == GoldUse.QUALIFICATION:
        _judge(run)
    run.save(update_fields=["ended_at", "is_passed", "valid_until"])


def _judge(run: GoldRun) -> None:
    terms = gold.terms_of(run.line)
    run.is_passed = score_of(run).passes(terms)
    if run.is_passed:
        run.valid_until = timezone.now() + timedelta(days=terms.valid_days)
    record(
        "gold.qualified" if run.is_passed else "gold.not_qualified",
        actor=run.inspector.pseudonym,
        line=run.line,
        subject=run.inspector.pseudonym,
    )
