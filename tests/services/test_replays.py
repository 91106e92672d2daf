"""Replaying: what was stored gives the same routes again, and a bent one is named."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from reviewapp.models import Decision, LineState, ProductLine, Routing
from reviewapp.policy import AutomationLevel
from reviewapp.services.replays import replay_line
from reviewapp.services.routings import route_items
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def routed(line: ProductLine) -> ProductLine:
    """A line that has been at three levels, with routes and decisions of each."""
    for _ in range(4):
        factories.make_item(line)
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    factories.make_item(line)
    certificate = {
        "fingerprint": version.fingerprint,
        "threshold": 0.9,
        "max_error": 0.005,
        "delta": 0.05,
        "labels": 900,
        "errors": 0,
        "upper": 0.004,
        "covers_all": False,
    }
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates={"ok": certificate},
        canary_share=0.5,
        audit_shares={"ok": 0.3},
        overlap_share=0.2,
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    classes = {c.key: c for c in line.classes.all()}
    # so many that each lottery draws some: in one run of a hundred thousand it does not
    for number in range(100):
        item = factories.make_item(line)
        if number % 8:
            key = "ok" if number % 3 else "scratch"
            sure = 0.95 if number % 2 else 0.6
            factories.make_prediction(item, version, classes[key], confidence=sure)
        route_items(line.pk, [item.pk])
    return line


def test_every_route_comes_out_again(routed: ProductLine) -> None:
    found = replay_line(routed)

    assert (found.differences, found.named) == (0, ())
    assert found.routings == 105
    assert found.decisions == Decision.objects.filter(decided_by="model").count() > 0
    assert Routing.objects.values("because").distinct().count() >= 5
    later = timezone.now() + timedelta(hours=1)
    assert replay_line(routed, since=later).routings == 0


def test_a_bent_route_and_an_unfounded_decision_are_named(routed: ProductLine) -> None:
    item = factories.make_item(routed)
    honest = Routing.objects.filter(route="automatic").latest("pk")
    bent = Routing.objects.get(pk=honest.pk)
    bent.pk, bent.item, bent.look_draw = None, item, 0.5
    bent.save()
    Decision.objects.create(
        item=item,
        decided_by="model",
        label_class=routed.classes.get(key="scratch"),
        routing=bent,
        policy=bent.policy,
    )

    found = replay_line(routed)

    what = {difference.what for difference in found.named}
    assert {"look_draw", "decision"} <= what
    assert {difference.item for difference in found.named} == {item.public_id}
    with pytest.raises(CommandError, match="differences"):
        call_command("replay", routed.slug, stdout=StringIO())


def test_the_command_says_what_it_replayed(routed: ProductLine) -> None:
    said = StringIO()

    call_command("replay", routed.slug, since="2020-01-01", stdout=said)

    assert "105 routings" in said.getvalue()
    assert "no difference" in said.getvalue()
    with pytest.raises(CommandError, match="no date"):
        call_command("replay", routed.slug, since="yesterday", stdout=said)
    with pytest.raises(CommandError, match="There is no line"):
        call_command("replay", "nowhere", stdout=said)
