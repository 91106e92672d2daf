"""Stages: counted apart by the hour, and the errors that each alone causes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.test import Client
from django.urls import reverse

from monitoring.models import HourlyColumn, Measurement
from monitoring.services import counts
from monitoring.services.attribution import effects_of_stages, measure_stages
from monitoring.services.series import Span
from monitoring.services.stages import stages_over_time
from reviewapp.models import Item, ProductLine
from reviewapp.services import levels
from reviewapp.services.pipelines import register_pipeline
from reviewapp.services.predictions import predict_pending
from tests import factories
from tests.services.test_pipelines import described, voices

__all__ = ["voices"]

NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def heard(line: ProductLine, width: float, height: float) -> Item:
    row: dict[str, object] = {"width": width, "height": height}
    return factories.make_item(line, row=row, captured_at=NOON)


def test_each_stages_answers_are_counted_by_the_hour(
    voices: ProductLine, tmp_path: Path, model_host: Path
) -> None:
    version = register_pipeline(voices, described(tmp_path), name="p1", by=None)
    levels.put_live(voices, version, by=None)
    for width in (-0.9, -0.8, 0.9):
        heard(voices, width, 0.9)
    predict_pending()

    counts.roll_up_hours()

    answers = {
        row.stage: row.buckets
        for row in HourlyColumn.objects.of_line(voices).filter(column="stage_answer")
    }
    assert answers == {"voice": {"silence": 2, "speech": 1}, "word": {"yes": 1}}
    took = HourlyColumn.objects.of_line(voices).filter(column="prediction_ms")
    assert {row.stage: row.count for row in took} == {"": 3, "voice": 3, "word": 1}


def test_the_stage_that_stops_what_it_should_pass_is_found(
    voices: ProductLine, tmp_path: Path, model_host: Path
) -> None:
    version = register_pipeline(voices, described(tmp_path), name="p1", by=None)
    levels.put_live(voices, version, by=None)
    ana = factories.make_inspector(voices, "ana")
    # four words so soft that the first stage hears silence, and one that is silence
    said = {-0.9: "yes", -0.8: "yes", -0.7: "yes", -0.6: "yes", -0.5: "unknown"}
    for width in said:
        heard(voices, width, 0.9)
    heard(voices, 0.9, 0.9)
    predict_pending()
    for key in (*said.values(), "yes"):
        factories.label_next(ana, voices, key)

    [effect] = effects_of_stages(voices, version, NOON - DAY, NOON + DAY)

    assert (effect.stage, effect.count, effect.wrong) == ("voice", 6, 4)
    assert (effect.mended, effect.lost) == (4, 1)
    voices.refresh_from_db()
    start, end = NOON - DAY, NOON + DAY
    assert len(measure_stages(voices, start=start, end=end)) == 1
    measured = Measurement.objects.get(metric="stage:voice")
    assert measured.value == 4 / 6
    assert measured.details["lost"] == 1


def test_a_version_of_one_stage_has_nothing_to_leave_out(line: ProductLine) -> None:
    levels.put_live(line, factories.make_version(line), by=None)

    assert measure_stages(line, start=NOON - DAY, end=NOON + DAY) == []


def test_the_page_shows_what_each_stage_let_through_and_causes(
    voices: ProductLine, tmp_path: Path, model_host: Path, client: Client
) -> None:
    version = register_pipeline(voices, described(tmp_path), name="p1", by=None)
    levels.put_live(voices, version, by=None)
    ana = factories.make_inspector(voices, "ana")
    for width in (-0.9, -0.8, 0.9):
        heard(voices, width, 0.9)
    predict_pending()
    counts.roll_up_hours()
    for key in ("yes", "unknown", "yes"):
        factories.label_next(ana, voices, key)
    voices.refresh_from_db()
    measure_stages(voices, start=NOON - DAY, end=NOON + DAY)
    span = Span(first=NOON.date() - DAY, last=NOON.date(), zone=ZoneInfo("UTC"))

    voice, word = stages_over_time(voices, version, span)

    assert [(point.part, point.count) for point in voice.share] == [(1, 3)]
    assert [(point.part, point.count) for point in word.share] == [(0, 1)]
    assert voice.answers == [("silence", 2), ("speech", 1)]
    assert voice.effect is not None
    assert (voice.effect.count, voice.effect.mended) == (3, 1)
    assert word.effect is None
    client.force_login(ana, backend="reviewapp.sessions.PersonBackend")
    shown = client.get(
        reverse("line-stages", args=[voices.slug]),
        {"from": "2026-02-28", "to": "2026-03-01"},
    )
    assert "1. voice" in shown.text
    assert "silence 2 · speech 1" in shown.text
    assert "Without this stage 1 of them would be right" in shown.text
