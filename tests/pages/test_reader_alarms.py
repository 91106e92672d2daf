"""An alarm about a reader: figures of one person are for managers, and noted."""

from django.utils import timezone

from monitoring.models import Alarm, AlarmCause
from monitoring.services import alarms
from reviewapp.models import ProductLine, Record, User
from tests.pages.test_alarms import address_of, browser_of, text

FIGURES = {"disagreed": 6, "labels": 9, "disagreed_before": 3, "labels_before": 400}


def about(line: ProductLine, reader: User) -> Alarm:
    alarm = alarms.ring(
        line,
        AlarmCause.INSPECTOR,
        subject=reader.pseudonym,
        figures=FIGURES,
        at=timezone.now(),
    )
    assert alarm is not None
    return alarm


def test_who_it_is_and_by_how_much_is_for_managers(
    line: ProductLine, ana: User, ben: User, mia: User
) -> None:
    alarm = about(line, ben)
    own, manager = browser_of(ana), browser_of(mia)

    for address in (address_of(alarm), f"/lines/{line.slug}/alarms/", "/alarms/"):
        seen = text(own, address)
        assert "One inspector differs from the others" in seen
        assert ben.pseudonym not in seen
        assert "6 of the last 9" not in seen
    assert "managers see them" in text(own, address_of(alarm))
    assert not Record.objects.filter(action="inspectors.seen").exists()

    seen = text(manager, address_of(alarm))

    assert str(ben) in seen
    assert f"/lines/{line.slug}/inspectors/by-name/" in seen
    assert "Disagreed, since the change" in seen
    looked = Record.objects.get(action="inspectors.seen")
    assert (looked.actor, looked.subject) == (mia.pseudonym, "alarm")
