"""An alarm speaks in the units of the pages: days, and not 852,256 seconds."""

from datetime import UTC, datetime

import pytest

from monitoring.models import Alarm, AlarmCause, Verdict
from monitoring.services import alarms
from monitoring.templatetags.alarm_words import sentence
from monitoring.templatetags.figure_words import rows
from reviewapp.models import ProductLine

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def rung(line: ProductLine, subject: str, **figures: object) -> Alarm:
    alarm = alarms.ring(
        line,
        AlarmCause.OUT_OF_BOUNDS,
        subject=subject,
        figures={"verdict": Verdict.HIGH.value, "count": 2_321, **figures},
        at=NOON,
    )
    assert alarm is not None
    return alarm


@pytest.mark.parametrize(
    ("subject", "figures", "words"),
    [
        (
            "backlog_age",
            {"value": 852_256.0, "upper": 86_400.0},
            "Age of the backlog: 9.9 d is above its upper bound of 24.0 h.",
        ),
        (
            "null_share",
            {"value": 0.0005, "low": 0.0002, "high": 0.0011, "upper": 0.0001},
            "upper bound of 10 per 100 thousand (20 to 110, n = 2,321).",
        ),
        (
            "null_share",
            {"value": 0.05, "low": 0.041, "high": 0.06, "upper": 0.02},
            "5.0 % is above its upper bound of 2.0 % (4.1 % to 6.0 %, n = 2,321).",
        ),
    ],
)
def test_a_sentence_is_in_the_unit_in_which_its_value_is_small(
    line: ProductLine, subject: str, figures: dict[str, object], words: str
) -> None:
    assert words in sentence(rung(line, subject, **figures))


def test_the_figures_of_an_alarm_are_written_as_its_sentence_is(
    line: ProductLine,
) -> None:
    alarm = rung(line, "backlog_age", value=852_256.0, upper=86_400.0)

    written = dict(rows(alarm))

    assert written["Detector, or measured value"] == "9.9 d"
    assert written["Upper bound"] == "24.0 h"


def test_a_small_rate_among_the_figures_is_not_rounded_to_nothing(
    line: ProductLine,
) -> None:
    alarm = alarms.ring(
        line,
        AlarmCause.DISAGREEMENT,
        figures={"rate_after": 0.00004, "quiet": 0.012},
        at=NOON,
    )
    assert alarm is not None

    written = dict(rows(alarm))

    assert written["Rate since the change"] == "4 per 100 thousand"
    assert written["Rate that counts as quiet"] == "1.2 %"
