"""How alike people read: blind pairs only, one's own view, and names for managers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.services.inspectors import inspectors_of
from reviewapp.models import Cause, ProductLine, Record, User
from reviewapp.services.policies import append_policy
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"
# What ana and ben said of the same items: 6 times both ok, 2 both scratch, 2 apart.
SAID = [("ok", "ok")] * 6 + [("scratch", "scratch")] * 2 + [("ok", "scratch")] * 2


@pytest.fixture
def twice(db: None) -> ProductLine:
    """A line each of whose items is read by two people."""
    line = factories.make_line("Twice")
    append_policy(line, cause=Cause.CHANGED, by=None, changes={"overlap_share": 1.0})
    line.refresh_from_db()
    return line


@pytest.fixture
def readers(twice: ProductLine) -> list[User]:
    """Ana and ben have read the same ten items."""
    ana = factories.make_inspector(twice, "ana")
    ben = factories.make_inspector(twice, "ben")
    for ana_says, ben_says in SAID:
        factories.make_item(twice)
        factories.label_next(ana, twice, ana_says)
        factories.label_next(ben, twice, ben_says)
    return [ana, ben]


def test_two_readers_agree_as_counted_by_hand(
    twice: ProductLine, readers: list[User]
) -> None:
    found = inspectors_of(twice, at=timezone.now(), days=7)

    ana, ben = found.people
    assert (ana.inspector, ben.inspector) == tuple(readers)
    assert (ana.agreement.count, ana.agreement.of) == (8, 10)
    assert ana.kappa is not None
    # by hand: observed 0.8, chance 0.8 * 0.6 + 0.2 * 0.4 = 0.56
    assert ana.kappa.value == pytest.approx((0.8 - 0.56) / 0.44)
    assert ana.ac1 is not None
    # by hand: classes used 0.7 and 0.3, chance 2 * 0.7 * 0.3 = 0.42
    assert ana.ac1.value == pytest.approx((0.8 - 0.42) / 0.58)
    assert found.alpha is not None
    # by hand: of 20 answers 14 and 6, so 2 * 2 apart against 2 * 14 * 6 / 19
    assert found.alpha.value == pytest.approx(1 - 4 / (2 * 14 * 6 / 19))
    assert ana.is_few


def test_what_lies_before_the_span_counts_nowhere(
    twice: ProductLine, readers: list[User]
) -> None:
    found = inspectors_of(twice, at=timezone.now() + timedelta(days=8), days=7)

    assert found.people == []
    assert found.alpha is None


def test_names_are_for_managers_and_each_look_is_logged(
    twice: ProductLine, readers: list[User]
) -> None:
    ana, _ben = readers
    mia = factories.make_manager(twice, "mia")
    address = reverse("inspectors-by-name", args=[twice.slug])
    browser = Client()
    browser.force_login(ana, backend=BACKEND)
    assert browser.get(address).status_code == 403
    own = browser.get(reverse("line-inspectors", args=[twice.slug]))
    assert "80.0" in own.text
    assert "ben" not in own.text
    assert not Record.objects.filter(action="inspectors.seen").exists()

    browser.force_login(mia, backend=BACKEND)
    named = browser.get(address)

    assert "ben" in named.text
    assert "data-few" in named.text
    assert "cannot look: the usual rate takes 200 labels" in named.text
    assert Record.objects.filter(action="inspectors.seen", actor=mia.pseudonym).exists()


def test_no_page_writes_a_bound_that_does_not_exist(twice: ProductLine) -> None:
    people = [factories.make_inspector(twice, name) for name in ("ana", "ben")]
    mia = factories.make_manager(twice, "mia")
    for said in ("ok", "scratch"):
        factories.make_item(twice)
        for person in people:
            factories.label_next(person, twice, said)
    browser = Client()
    browser.force_login(mia, backend=BACKEND)

    page = browser.get(reverse("inspectors-by-name", args=[twice.slug])).text

    assert "1.00" in page
    assert "nan" not in page
