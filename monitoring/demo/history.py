"""The demo's past: weeks of items, labels and moves, played through the services.

Nothing is written past a rule. Each rise goes through its gates on evidence that was
really counted, and where the evidence does not carry it, the line stays where it is.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from monitoring.demo.colleagues import Colleague, external_id, label_some
from monitoring.demo.sources import SOURCES, Source
from monitoring.services import certificates, counts, evidence, judging
from monitoring.services.training import train_version
from reviewapp.errors import RefusedError
from reviewapp.models import Cause, Item, Job, ProductLine, Role, User
from reviewapp.services import canaries, levels, lines
from reviewapp.services.arrivals import Sent, check_arrivals
from reviewapp.services.items import receive_items
from reviewapp.services.jobs import Progress
from reviewapp.services.policies import append_policy
from reviewapp.services.predictions import predict_items

logger = logging.getLogger(__name__)

HOURS = 11
LEFT_WAITING = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """How many items a day, and what happened at the end of which day."""

    per_day: int
    days: int
    events: Mapping[int, tuple[str, ...]]
    settings: Mapping[str, Any] = field(default_factory=dict)


PASTS = {
    "phone-screens": Past(
        per_day=130,
        days=21,
        events={
            4: ("train", "shadow"),
            13: ("assist",),
            14: ("certify", "partial"),
            17: ("canary",),
            20: ("canary",),
        },
        settings={
            "requirements": {"agreement": 0.93, "escape": 0.02, "bake_labels": 30},
            "blind_share": 0.25,
        },
    ),
    "digits": Past(
        per_day=100,
        days=17,
        events={5: ("train", "shadow"), 16: ("assist",)},
        settings={"requirements": {"agreement": 0.9}},
    ),
    # a thousand blind labels before the lint: what it is held against
    "watch-glasses": Past(per_day=130, days=14, events={4: ("train", "shadow")}),
    "biopsies": Past(per_day=24, days=12, events={8: ("train", "shadow")}),
}


def began_at(slug: str) -> datetime:
    """Say when a demo line's past begins, as seen from now."""
    return timezone.now() - timedelta(days=PASTS[slug].days)


def play_history(job: Job, progress: Progress) -> dict[str, Any]:
    """Play a demo line's past, up to now; one that broke off goes on with its day."""
    line = job.line
    if line is None:
        return {}
    source = next(source for source in SOURCES if source.slug == line.slug)
    past = PASTS[line.slug]
    if past.settings and not job.done:
        append_policy(
            line,
            cause=Cause.CHANGED,
            by=_manager(line),
            changes=dict(past.settings),
            as_of=began_at(line.slug),
        )
    player = _Player(line=line, source=source, past=past)
    player.number = job.done * HOURS * (past.per_day // HOURS)
    for day in range(job.done, past.days):
        player.play_day(day)
        progress(day + 1, past.days)
    counts.recount(line, at=timezone.now())
    judging.judge_lines()
    return {"items": player.number, "level": line.in_force.get_level_display()}


def colleagues_of(line: ProductLine) -> list[Colleague]:
    """Give the line's simulated inspectors: those who never sign in."""
    inspectors = User.objects.filter(
        memberships__line=line,
        memberships__role=Role.INSPECTOR,
        username__startswith="colleague-",
    )
    return [Colleague(user=user) for user in inspectors]


def _manager(line: ProductLine) -> User:
    return User.objects.filter(
        memberships__line=line, memberships__role=Role.MANAGER
    ).earliest("pk")


@dataclass(slots=True, kw_only=True)
class _Player:
    line: ProductLine
    source: Source
    past: Past
    number: int = 0

    def play_day(self, day: int) -> None:
        """Receive, predict and label a day hour by hour; then what happened then."""
        rng = np.random.default_rng([11, day])
        begins = timezone.now() - timedelta(days=self.past.days - day)
        is_last = day == self.past.days - 1
        for hour in range(HOURS):
            at = begins + timedelta(hours=hour)
            # the monitor stood by then too: without it nothing is automatic
            lines.note_judgement(self.line, at=timezone.now())
            self._receive(self.past.per_day // HOURS, at=at)
            leave = LEFT_WAITING if is_last and hour == HOURS - 1 else 0
            self._label(leave=leave, at=at, rng=rng)
        for event in self.past.events.get(day, ()):
            self._happen(event, at=begins + timedelta(hours=HOURS))

    def _receive(self, count: int, *, at: datetime) -> None:
        sent = []
        for number in range(self.number, self.number + count):
            made = self.source.make(number, scene="usual")
            sent.append(
                Sent(
                    external_id=external_id(number, "usual"),
                    values=made.values,
                    content=made.picture,
                    name=f"{number}.png" if made.picture else "",
                )
            )
        self.number += count
        received = receive_items(self.line, check_arrivals(self.line, sent), as_of=at)
        if self.line.in_force.live_id:
            ids = [item.public_id for item in received]
            items = Item.objects.filter(public_id__in=ids)
            predict_items(
                self.line.pk, list(items.select_related("payload__schema")), as_of=at
            )

    def _label(self, *, leave: int, at: datetime, rng: np.random.Generator) -> None:
        colleagues = colleagues_of(self.line)
        left = self.line.reviews.waiting().count() - leave
        for turn, colleague in enumerate(colleagues):
            share = left // (len(colleagues) - turn)
            left -= label_some(
                colleague, self.line, self.source, share, rng=rng, began_at=at
            )

    def _happen(self, event: str, *, at: datetime) -> None:
        counts.recount(self.line, at=at)
        manager = _manager(self.line)
        try:
            match event:
                case "train" if self.line.in_force.live_id:
                    pass  # the day broke off after this
                case "train":
                    version = train_version(self.line, by=manager, as_of=at)
                    levels.put_live(
                        self.line, version, by=manager, reason="first version", as_of=at
                    )
                case "certify":
                    certificates.certify(
                        self.line, by=manager, reason="before partial", as_of=at
                    )
                case "canary":
                    measured = evidence.gather(self.line, as_of=at)
                    canaries.widen_canary(
                        self.line, measured, by=manager, reason="no breach", as_of=at
                    )
                case _:
                    self._raise(manager, at=at)
        except RefusedError as refusal:
            logger.warning(
                "demo step refused",
                extra={"line": self.line.slug, "step": event, "why": refusal.message},
            )
        self.line.refresh_from_db()

    def _raise(self, manager: User, *, at: datetime) -> None:
        lines.note_judgement(self.line, at=at)
        levels.raise_level(
            self.line,
            evidence.gather(self.line, as_of=at),
            by=manager,
            reason=REASONS[self.line.in_force.level],
            seen_policy=self.line.in_force.number,
            as_of=at,
        )


REASONS = {
    0: "let it run beside us",
    1: "a thousand blind pairs agree",
    2: "certified, begin with a small share",
}
