"""The board of lines: where to look first, and no more work for two hundred lines."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from monitoring.services import counts
from monitoring.services.judging import judge_lines
from reviewapp.models import LineState, ProductLine, Role, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import people
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "reviewapp.sessions.PersonBackend"


@pytest.fixture
def board(mia: User) -> Client:
    """The manager's browser."""
    browser = Client()
    browser.force_login(mia, backend=BACKEND)
    return browser


def stand(name: str, mia: User, **state: object) -> ProductLine:
    line = factories.make_line(name)
    people.give_role(mia, line, Role.MANAGER, by=None)
    LineState.objects.update_or_create(line=line, defaults=state)
    return line


def test_a_line_says_how_it_stands_once_it_has_been_judged(
    line: ProductLine, mia: User, ana: User, board: Client
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    ok = line.classes.get(key="ok")
    for _ in range(6):
        item = factories.make_item(line)
        factories.make_prediction(item, version, ok)
    for _ in range(4):
        factories.label_next(ana, line, "ok")
    counts.roll_up_hours()

    judge_lines()

    state = LineState.objects.get(line=line)
    assert (state.people_now, state.answers, state.arrivals) == (1, 4, 6)
    assert (state.escape_of, state.coverage) == (4, 0.0)
    assert state.escape_upper == pytest.approx(0.6023646)  # Clopper-Pearson, 0 of 4
    assert state.evidence_at is not None
    page = board.get("/").content.decode()
    assert "60.2 %" in page
    assert "n = 4" in page


def test_what_rings_comes_first_then_what_grows_then_what_waits(
    mia: User, board: Client
) -> None:
    now = timezone.now()
    old, new = now - timedelta(days=2), now - timedelta(hours=1)
    stand("A calm", mia, waiting=5, answers=9, arrivals=3, oldest_waiting_at=new)
    stand("B slow", mia, waiting=5, answers=9, arrivals=3, oldest_waiting_at=old)
    stand("C grows", mia, waiting=5, answers=3, arrivals=9, oldest_waiting_at=new)
    stand("D rings", mia, open_alarms=1, alarm_since=new)

    page = board.get("/").content.decode()

    places = [page.index(name) for name in ("D rings", "C grows", "B slow", "A calm")]
    assert places == sorted(places)
    assert page.index("grows</span>") < page.index("B slow")
    assert "50 min" in page  # 5 waiting, 6 fewer an hour


def test_two_hundred_lines_cost_no_more_statements_than_two(
    mia: User, board: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(200):
        stand(f"Line {number:03d}", mia, waiting=number)
    lines = ProductLine.objects.count()

    with django_assert_max_num_queries(6):
        page = board.get("/").content.decode()

    assert lines >= 200
    assert page.count('<th scope="row">') == lines
