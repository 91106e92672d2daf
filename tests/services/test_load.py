"""Moves under load: people label, items come, versions change; all of it adds up."""

import itertools
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from reviewapp.inheritance import RivalEvidence
from reviewapp.models import (
    Cause,
    Decision,
    Item,
    LineState,
    ModelVersion,
    ProductLine,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import candidates, labels, levels, reviews
from reviewapp.services.items import Arrival, receive_items
from reviewapp.services.labels import Answer
from reviewapp.services.policies import append_policy
from reviewapp.services.replays import replay_line
from reviewapp.services.routings import route_items
from tests import factories
from tests.services.test_races import certified
from tests.threads import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

INSPECTORS, MOVES, BULK = 16, 50, 20
BETTER = RivalEvidence(
    items=900,
    paired_evidence=1e6,
    classes=2,
    worst_class_evidence=0.1,
    days=2,
    open_alarms=0,
)


@dataclass(slots=True, kw_only=True)
class Load:
    """A line at work: what readers, senders and a manager do until all is over."""

    line: ProductLine
    live: ModelVersion
    fresh: ModelVersion
    manager: User
    is_over: threading.Event = field(default_factory=threading.Event)

    def here(self) -> ProductLine:
        """Give the line as it is now."""
        return ProductLine.objects.with_policy().get(pk=self.line.pk)

    def read(self, person: User) -> None:
        """Answer whatever waits."""
        ok = self.line.classes.get(key="ok")
        while not self.is_over.is_set():
            review = reviews.claim_next(person, self.here())
            while review is not None and not self.is_over.is_set():
                assert review.claim_token is not None
                answer = Answer(label_class=ok, key=review.claim_token)
                review = labels.answer_review(
                    review.public_id, self.here(), by=person, answer=answer
                ).following
            self.is_over.wait(0.01)

    def send(self) -> None:
        """Hand in items, let both versions answer them, and route them."""
        ok = self.line.classes.get(key="ok")
        for start in itertools.count(0, BULK):
            if self.is_over.is_set():
                return
            values = {"width": 1.0, "height": 2.0}
            names = [f"item-{number:06d}" for number in range(start, start + BULK)]
            bulk = [Arrival(external_id=name, values=values) for name in names]
            receive_items(self.here(), bulk)
            items = list(Item.objects.filter(external_id__in=names))
            for item, version in itertools.product(items, (self.live, self.fresh)):
                factories.make_prediction(item, version, ok)
            route_items(self.line.pk, [item.pk for item in items])

    def move(self) -> None:
        """Raise, promote, return and lower, again and again; then all is over."""
        try:
            for _ in range(MOVES):
                here = self.here()
                self._rise(here)
                self.is_over.wait(0.02)
                candidates.promote(
                    here,
                    BETTER,
                    by=self.manager,
                    reason="better",
                    seen_policy=here.in_force.number,
                )
                candidates.return_to_previous(here, by=self.manager)
                self.is_over.wait(0.02)
                levels.lower_level(here, to=AutomationLevel.SHADOW, by=self.manager)
        finally:
            self.is_over.set()

    def _rise(self, here: ProductLine) -> None:
        decides = {
            "level": AutomationLevel.PARTIAL,
            "certificates": certified(self.live),
            "canary_share": 1.0,
            "audit_shares": {"ok": 0.3},
            "requirements": {"canary_steps": [1.0]},
        }
        append_policy(here, cause=Cause.RAISED, by=self.manager, changes=decides)
        candidates.put_on_trial(here, self.fresh, by=self.manager)
        shares = {
            "candidate_certificates": certified(self.fresh),
            "candidate_share": 0.5,
        }
        append_policy(here, cause=Cause.CERTIFIED, by=self.manager, changes=shares)


def test_fifty_moves_and_fifty_promotions_under_load_leave_every_item_explained(
    line: ProductLine, mia: User
) -> None:
    live = factories.put_at(line, AutomationLevel.SHADOW)
    assert live is not None
    load = Load(line=line, live=live, fresh=factories.make_version(line), manager=mia)
    people = [factories.make_inspector(line, f"reader-{n}") for n in range(INSPECTORS)]
    LineState.objects.filter(line=line).update(
        judged_at=timezone.now() + timedelta(minutes=30)
    )

    together(load.move, load.send, *[partial(load.read, person) for person in people])

    assert line.policies.filter(cause=Cause.PROMOTED).count() == MOVES
    assert line.policies.filter(cause=Cause.LOWERED).count() == MOVES
    decided = Decision.objects.filter(item__line=line)
    assert decided.filter(decided_by="model").exists()
    assert decided.filter(decided_by="person").exists()
    standing = decided.filter(superseded_by=None)
    assert standing.count() == decided.values("item").distinct().count()
    for item in Item.objects.exclude(decision=None).select_related("decision"):
        assert item.decision is not None
        assert not Decision.objects.filter(supersedes=item.decision).exists()
    found = replay_line(load.here())
    assert (found.differences, found.named) == (0, ())
    assert found.routings == Item.objects.exclude(routing=None).count()
