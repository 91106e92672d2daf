"""Times on a line's pages: in the viewer's own zone, else in the line's."""

from datetime import UTC, datetime

from django.utils import timezone

from monitoring.models import AlarmCause
from monitoring.services import alarms, calendars
from reviewapp.models import ProductLine, User
from tests.pages.test_alarms import browser_of, text

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_as_the_line_means_the_lines_zone(line: ProductLine, mia: User) -> None:
    line.time_zone = "Asia/Seoul"
    line.save()
    alarm = alarms.ring(line, AlarmCause.ESCAPES, figures={}, at=NOON)
    assert alarm is not None
    address = f"/lines/{line.slug}/alarms/{alarm.pk}/"

    assert "2 Mar 2026, 21:00" in text(browser_of(mia), address)
    assert timezone.get_current_timezone_name() == "UTC"

    User.objects.filter(pk=mia.pk).update(time_zone="Europe/Berlin")
    assert "2 Mar 2026, 13:00" in text(browser_of(mia), address)


def test_planned_pauses_stand_in_the_zone_that_they_are_asked_in(
    line: ProductLine, mia: User
) -> None:
    line.time_zone = "Asia/Seoul"
    line.save()
    User.objects.filter(pk=mia.pk).update(time_zone="Europe/Berlin")
    starts, ends = (NOON.replace(year=2099, hour=hour) for hour in (1, 3))
    calendars.plan_pause(line, starts_at=starts, ends_at=ends, reason="lamp", by=mia)

    page = text(browser_of(mia), f"/lines/{line.slug}/alarms/settings/")

    assert "2 Mar 2099, 10:00" in page or "2 Mar, 10:00" in page
