"""A spindle that wears out, in the order of its photographs: the change is placed.

Real pictures with real dates; the set lies beside the checkout, see its README.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from monitoring.models import Alarm, AlarmCause, DriftWindow
from monitoring.services import counts, drift, judging
from monitoring.services.findings import findings
from monitoring.services.training import train_version
from monitoring.services.windowsizes import Size, set_size
from reviewapp.models import Cause, Item, Meaning, Modality, ProductLine, Review, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import labels, levels, lines, reviews
from reviewapp.services.arrivals import Sent, check_arrivals
from reviewapp.services.items import receive_items
from reviewapp.services.policies import append_policy
from reviewapp.services.predictions import predict_items
from tests import factories
from tests.monitoring.days import let_the_planner_look

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "bsd-pitting"
LEARNED_UNTIL = datetime(2020, 9, 4, tzinfo=UTC)
# before it 310 of 312 photographs show no pitting, from then on 190 of 240 do
CHANGED_AT = datetime(2020, 9, 5, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data set in {DATA}"),
]


@dataclass(frozen=True, kw_only=True)
class Photograph:
    """One picture with what its authors said of it."""

    file: str
    label: str
    captured_at: datetime


def photographs() -> list[Photograph]:
    with (DATA / "manifest.csv").open(newline="") as file:
        return [
            Photograph(
                file=row["file"],
                label=row["label"],
                captured_at=datetime.fromisoformat(row["captured_at"]).replace(
                    tzinfo=UTC
                ),
            )
            for row in csv.DictReader(file)
        ]


def receive(line: ProductLine, taken: Sequence[Photograph], *, at: datetime) -> None:
    sent = [
        Sent(
            external_id=one.file,
            captured_at=one.captured_at,
            content=(DATA / one.file).read_bytes(),
            name=one.file,
        )
        for one in taken
    ]
    received = receive_items(line, check_arrivals(line, sent), as_of=at)
    items = Item.objects.filter(public_id__in=[item.public_id for item in received])
    if line.in_force.live is not None:
        predict_items(line.pk, list(items.select_related("payload__schema")), as_of=at)


def label_all(
    line: ProductLine, ana: User, truth: Mapping[str, str], *, at: datetime
) -> None:
    classes = {c.key: c for c in line.classes.all()}
    review: Review | None = reviews.claim_next(ana, line)
    while review is not None:
        assert review.claim_token is not None
        said = classes[truth[review.item.external_id]]
        answer = labels.Answer(label_class=said, key=review.claim_token)
        review = labels.answer_review(
            review.public_id, line, by=ana, answer=answer, as_of=at
        ).following


def test_the_wear_of_a_spindle_is_found_and_placed(db: None, model_host: Path) -> None:
    shots = photographs()
    truth = {one.file: one.label for one in shots}
    line = factories.make_line(
        "Spindles",
        modality=Modality.IMAGE,
        classes=(
            lines.NewClass(name="No pitting", key="no_pitting", meaning=Meaning.PASS),
            lines.NewClass(name="Pitting", key="pitting", meaning=Meaning.REJECT),
        ),
        as_of=shots[0].captured_at,
    )
    ana = factories.make_inspector(line, "ana")
    # eight photographs a round: a window is a day or 30 of them
    set_size(line, Size(items=30, judged_from=30), by=None, reason="few a day")
    early = [one for one in shots if one.captured_at < LEARNED_UNTIL]
    late = [one for one in shots if one.captured_at >= LEARNED_UNTIL]
    receive(line, early, at=LEARNED_UNTIL)
    label_all(line, ana, truth, at=LEARNED_UNTIL)
    let_the_planner_look()
    version = train_version(line, by=None, as_of=LEARNED_UNTIL)
    levels.put_live(line, version, by=None, reason="learned", as_of=LEARNED_UNTIL)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={"level": AutomationLevel.ASSIST, "blind_share": 1.0},
        as_of=LEARNED_UNTIL,
    )
    line.refresh_from_db()

    evening = LEARNED_UNTIL
    for _date, of_day in groupby(late, key=lambda one: one.captured_at.date()):
        taken = list(of_day)
        evening = taken[0].captured_at.replace(hour=0, minute=0, second=0) + DAY
        receive(line, taken, at=evening)
        label_all(line, ana, truth, at=evening)
        counts.roll_up_hours(as_of=evening)
        drift.compare_line(line, at=evening)
        judging.judge_lines(as_of=evening)
        line.refresh_from_db()

    alarm = Alarm.objects.get(cause=AlarmCause.DISAGREEMENT)
    assert line.in_force.level == AutomationLevel.SHADOW
    # what the model passes and people reject is told first, and takes the level
    lowered = Alarm.objects.get(lowered__isnull=False)
    assert lowered.cause == AlarmCause.ESCAPES
    assert lowered.raised_at <= alarm.raised_at
    assert alarm.began_at is not None
    assert abs(alarm.began_at - CHANGED_AT) <= 2 * DAY
    assert alarm.raised_at <= CHANGED_AT + 4 * DAY
    drifted = Alarm.objects.get(cause=AlarmCause.INPUT_DRIFT)
    assert drifted.figures["columns"]
    assert DriftWindow.objects.judged().exists()
    found = findings(line, at=evening)
    assert found.disagreement is True
    assert found.input_drift is True
