"""The queues as pages show them: counted now and then, beside what alarms note."""

from reviewapp.models import LineState, ProductLine, User
from reviewapp.services.lines import note_alarms
from reviewapp.services.queues import count_queues
from tests import factories


def test_a_line_that_was_never_counted_is_counted(line: ProductLine, ana: User) -> None:
    LineState.objects.all().delete()
    factories.make_item(line)
    factories.make_item(line)
    factories.label_next(ana, line, "ok")

    assert count_queues() == 1

    state = LineState.objects.get(line=line)
    assert (state.waiting, state.unrouted, state.open_alarms) == (1, 0, 0)
    assert state.oldest_waiting_at is not None


def test_counting_again_leaves_what_alarms_have_noted(line: ProductLine) -> None:
    note_alarms(line, open_alarms=2, alarm_since=None)
    factories.make_item(line)

    count_queues()

    state = LineState.objects.get(line=line)
    assert (state.waiting, state.open_alarms) == (1, 2)
