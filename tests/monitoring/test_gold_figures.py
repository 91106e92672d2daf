"""What gold says of how people read, and what it does not say yet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.services.audits import misses_of
from monitoring.services.gold_figures import gold_by_name, gold_figures
from reviewapp.models import GoldItem, GoldRead, ProductLine, Record, Review, User
from tests import factories
from tests.pages.test_levels import browser_of


@pytest.fixture
def kinds(line: ProductLine, mia: User) -> tuple[GoldItem, GoldItem]:
    """A defective gold item and a good one."""
    made = [factories.make_gold(line, key, by=mia) for key in ("scratch", "ok")]
    return made[0], made[1]


def read(gold: GoldItem, by: User, key: str | None, n: int) -> None:
    """Store so many answers to hidden gold as they would have come over time."""
    now = timezone.now()
    start = gold.item.reviews.count() + 1
    for number in range(start, start + n):
        review = Review.objects.create(
            item=gold.item,
            line=gold.line,
            read_number=number,
            gold=gold,
            reader=by,
            closed_at=now,
        )
        GoldRead.objects.create(
            gold=gold,
            inspector=by,
            use="hidden",
            review=review,
            kind="class" if key else "cannot_tell",
            label_class=gold.line.classes.get(key=key) if key else None,
            answered_at=now,
        )


def test_rates_are_as_counted_by_hand_with_exact_intervals(
    line: ProductLine, ana: User, kinds: tuple[GoldItem, GoldItem]
) -> None:
    bad, good = kinds
    read(bad, ana, "scratch", 45)
    read(bad, ana, "ok", 5)
    read(bad, ana, None, 3)
    read(good, ana, "ok", 57)
    read(good, ana, "scratch", 3)

    found = gold_figures(line, at=timezone.now(), only=ana)

    assert (found.answers, found.unsure, found.missed) == (110, 3, 5)
    assert not found.is_few
    assert found.hits is not None
    # Clopper and Pearson: 45 of 50
    assert (found.hits.value, found.hits.n) == (0.9, 50)
    assert found.hits.low == pytest.approx(0.781864, abs=1e-6)
    assert found.hits.high == pytest.approx(0.966725, abs=1e-6)
    assert found.false_alarms is not None
    assert found.false_alarms.value == pytest.approx(3 / 60)


def test_below_a_hundred_answers_nothing_is_said_of_anybody(
    line: ProductLine, ana: User, mia: User, kinds: tuple[GoldItem, GoldItem]
) -> None:
    read(kinds[0], ana, "scratch", 42)
    at = f"/lines/{line.slug}/inspectors/"

    own = browser_of(ana).get(at).content.decode()
    names = browser_of(mia).get(f"{at}by-name/").content.decode()

    assert "42 of 100" in own
    assert "Defective items found" not in own
    assert "not enough: 42 of 100" in names
    assert Record.objects.filter(action="inspectors.seen").exists()


def test_each_sees_the_own_figures_and_a_manager_all(
    line: ProductLine, ana: User, ben: User, kinds: tuple[GoldItem, GoldItem]
) -> None:
    read(kinds[0], ana, "scratch", 100)
    read(kinds[1], ben, "scratch", 100)

    found = {one.inspector: one for one in gold_by_name(line, at=timezone.now())}
    page = browser_of(ana).get(f"/lines/{line.slug}/inspectors/").content.decode()

    assert found[ana].false_alarms is None
    assert found[ben].hits is None
    assert "Defective items found" in page
    assert "n = 100" in page


def test_gold_tells_what_inspectors_miss_once_there_is_enough(
    line: ProductLine, ana: User, kinds: tuple[GoldItem, GoldItem]
) -> None:
    bad, good = kinds
    read(bad, ana, "ok", 4)
    read(bad, ana, "scratch", 45)
    read(good, ana, "ok", 50)
    before = misses_of(line, at=timezone.now())
    assert before is None or before.known_from != "gold"

    read(bad, ana, "scratch", 1)

    found = misses_of(line, at=timezone.now())
    assert found is not None
    assert (found.shown, found.missed, found.known_from) == (50, 4, "gold")
    later = timezone.now() + timedelta(days=181)
    late = misses_of(line, at=later)
    assert late is None or late.known_from != "gold"
