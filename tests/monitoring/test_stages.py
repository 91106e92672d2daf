"""Stages: counted apart by the hour, and the errors that each alone causes."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from monitoring.models import HourlyColumn, Measurement
from monitoring.services import counts
from monitoring.services.attribution import effects_of_stages, measure_stages
from monitoring.services.series import Point, Span
from monitoring.services.stages import joint_misses, stages_over_time
from monitoring.templatetags.span_words import window_words
from reviewapp.models import Item, ModelVersion, ProductLine, Routing, User
from reviewapp.runtimes.loading import write_model
from reviewapp.runtimes.stages import Stage, read_stages
from reviewapp.services import levels
from reviewapp.services.pipelines import register_pipeline
from reviewapp.services.predictions import predict_pending
from tests import factories
from tests.services.test_pipelines import described, fitted, voices

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

    voice, word = stages_over_time(voices, version, span).stages

    assert parts(voice.curves.share) == [(1, 3)]
    assert parts(voice.curves.unknown) == [(2, 3)]
    assert word.curves.share == []
    assert parts(word.curves.unknown) == [(0, 1)]
    assert (voice.drift, word.drift) == (None, None)
    assert voice.answers == [("silence", 2), ("speech", 1)]
    assert voice.effect is not None
    assert (voice.effect.found.count, voice.effect.found.mended) == (3, 1)
    assert (voice.effect.start, voice.effect.end) == (NOON - DAY, NOON + DAY)
    assert word.effect is None
    client.force_login(ana, backend="reviewapp.sessions.PersonBackend")
    shown = client.get(
        reverse("line-stages", args=[voices.slug]),
        {"from": "2026-02-28", "to": "2026-03-01"},
    )
    assert "1. voice" in shown.text
    assert "silence 2 · speech 1" in shown.text
    assert "newest window (28 Feb 2026, 12:30 to 2 Mar 2026, 12:30)" in shown.text
    assert "Without this stage 1 of them would be right" in shown.text
    assert "not enough data: 3 of 200" in shown.text
    assert "All figures are of version p1." in shown.text
    assert "it alone causes: 33.3 % (6.1 % to 79.2 %) of the items" in shown.text
    assert "once its first days hold 200 of them" in shown.text


def parts(points: Sequence[Point]) -> list[tuple[float | None, int]]:
    return [(point.part, point.count) for point in points]


def counted(
    line: ProductLine, version: ModelVersion, day: int, **stages: dict[str, int]
) -> None:
    """Keep an hour of what stages answered, so many days after the first."""
    HourlyColumn.objects.bulk_create(
        HourlyColumn(
            line=line,
            hour=NOON.replace(minute=0) + day * DAY,
            column="stage_answer",
            version=version,
            stage=stage,
            count=sum(words.values()),
            buckets=words,
        )
        for stage, words in stages.items()
    )


@pytest.fixture
def heard_for_days(voices: ProductLine) -> ModelVersion:
    """A version whose first stage hears more and more silence; its second is steady."""
    first = Stage(
        name="voice",
        sha256="a",
        preprocessing="table-1",
        passes=("speech",),
        otherwise="unknown",
    )
    last = Stage(name="word", sha256="b", preprocessing="table-1")
    written = [first.to_json(), last.to_json()]
    version = factories.make_version(voices, name="p1", stages=written)
    levels.put_live(voices, version, by=None, as_of=NOON)
    for day, silence in enumerate((60, 60, 60, 120)):
        heard = 150 - silence
        said = {"no": heard - heard // 3, "yes": heard // 3}
        voice_said = {"silence": silence, "speech": heard}
        counted(voices, version, day, voice=voice_said, word=said)
    counted(voices, version, 4, voice={"silence": 9}, word={"yes": 3})
    return version


def test_a_stage_whose_answers_move_is_told_from_one_that_is_steady(
    voices: ProductLine, heard_for_days: ModelVersion
) -> None:
    begun = NOON.date()
    span = Span(first=begun + DAY, last=begun + 5 * DAY, zone=ZoneInfo("UTC"))

    voice, word = stages_over_time(voices, heard_for_days, span).stages

    assert voice.drift is not None
    days_held = (voice.drift.first, voice.drift.last, voice.drift.count)
    assert days_held == (begun, begun + DAY, 300)
    moved = {point.day: point.value for point in voice.drift.moved}
    assert moved == {begun + 2 * DAY: 0.0, begun + 3 * DAY: pytest.approx(0.4)}
    assert voice.drift.p < 1e-6
    assert (voice.drift.word, voice.drift.before) == ("silence", 0.4)
    assert voice.drift.after == 0.8
    assert parts(voice.curves.unknown) == [(60, 150), (60, 150), (120, 150), (9, 9)]
    assert word.drift is None, "no later day holds 50 of its answers"


def test_the_page_says_how_far_a_stages_answers_have_moved(
    voices: ProductLine,
    heard_for_days: ModelVersion,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    ana = factories.make_inspector(voices, "ana")
    client.force_login(ana, backend="reviewapp.sessions.PersonBackend")
    days = {"from": "2026-03-01", "to": "2026-03-05"}

    with django_assert_max_num_queries(30):
        shown = client.get(reverse("line-stages", args=[voices.slug]), days)

    assert "40.0 % of its 150 answers would have to change" in shown.text
    assert "chi-square, p &lt; 0.0001" in shown.text
    assert "Most has moved silence: 40.0 % then, 80.0 % now." in shown.text
    assert "Answers moved from its first days" in shown.text
    assert "Answered unknown" in shown.text


@pytest.fixture
def promoted(voices: ProductLine, heard_for_days: ModelVersion) -> ModelVersion:
    """The next version, live from the evening of 4 March; it lets songs pass too."""
    first, _last = read_stages(heard_for_days.stages)
    written = [
        replace(first, passes=("speech", "song"), sha256="c").to_json(),
        Stage(name="speaker", sha256="d", preprocessing="table-1").to_json(),
    ]
    version = factories.make_version(voices, name="p2", stages=written)
    levels.put_live(voices, version, by=None, as_of=NOON + 3.3 * DAY)
    voices.refresh_from_db()
    for day in (2, 3, 4):
        # on the first of these days it was on trial
        said = {"silence": 30, "speech": 65, "song": 55}
        counted(voices, version, day, voice=said, speaker={"ana": 120})
    return version


def test_after_a_promotion_the_days_of_the_former_version_stay_in_sight(
    voices: ProductLine, promoted: ModelVersion, heard_for_days: ModelVersion
) -> None:
    begun = NOON.date()
    span = Span(first=begun, last=begun + 6 * DAY, zone=ZoneInfo("UTC"))

    found = stages_over_time(voices, promoted, span)

    eras = [(era.version, era.first, era.last) for era in found.eras]
    assert eras == [
        (heard_for_days, begun, begun + 2 * DAY),
        (promoted, begun + 3 * DAY, begun + 4 * DAY),
    ]
    voice, speaker = found.stages
    # each by what its own version lets pass: a song was nothing to the former one
    assert parts(voice.curves.share) == [(90, 150)] * 3 + [(120, 150)] * 2
    assert [point.day for point in voice.curves.share] == [
        begun + n * DAY for n in range(5)
    ]
    assert parts(speaker.curves.unknown) == [(0, 120)] * 2
    assert voice.answers == [("speech", 130), ("song", 110), ("silence", 60)]
    assert voice.drift is not None
    assert (voice.drift.first, voice.drift.last) == (begun + 2 * DAY, begun + 3 * DAY)
    assert [point.day for point in voice.drift.moved] == [begun + 4 * DAY]


def test_the_page_says_of_which_version_each_day_is(
    voices: ProductLine, promoted: ModelVersion, client: Client
) -> None:
    ana = factories.make_inspector(voices, "ana")
    client.force_login(ana, backend="reviewapp.sessions.PersonBackend")
    address = reverse("line-stages", args=[voices.slug])

    both = client.get(address, {"from": "2026-03-01", "to": "2026-03-07"}).text
    then = client.get(address, {"from": "2026-03-01", "to": "2026-03-02"}).text
    after = client.get(address, {"from": "2026-03-05", "to": "2026-03-07"}).text

    assert "p1 (1 Mar 2026 to 3 Mar 2026), p2 (4 Mar 2026 to 5 Mar 2026)." in both
    assert "All that is said in words is of p2 alone." in both
    assert "in its first days (3 Mar 2026 to 4 Mar 2026, n = 300" in both
    assert "curves are of version p1, which was live then" in then
    assert "Went on to the next stage" in then
    assert "All figures are of version p2." in after


@pytest.mark.parametrize(
    ("begins", "lasts", "words"),
    [
        (0, 24, "1 Mar 2026"),
        (0, 48, "1 Mar 2026 to 2 Mar 2026"),
        (6, 8, "1 Mar 2026, 06:00 to 14:00"),
        (6, 24, "1 Mar 2026, 06:00 to 2 Mar 2026, 06:00"),
    ],
)
def test_a_window_is_told_by_its_days_where_it_holds_whole_ones(
    begins: int, lasts: int, words: str
) -> None:
    seoul = ZoneInfo("Asia/Seoul")
    start = datetime(2026, 3, 1, begins, tzinfo=seoul).astimezone(UTC)

    assert window_words(start, start + timedelta(hours=lasts), seoul) == words


@pytest.fixture
def gated(db: None, tmp_path: Path, model_host: Path) -> ProductLine:
    """Rows that a first stage rejects by their width, a second one by their height."""
    line = factories.make_line("Gated")
    write_model(fitted(0, ("clean", "odd")), tmp_path / "gate.skops")
    write_model(fitted(1, ("ok", "scratch")), tmp_path / "sort.skops")
    gate = {"name": "the gate", "file": "gate.skops", "classes": ["clean", "odd"]}
    gate |= {"passes": ["clean"], "otherwise": "scratch"}
    sort = {"name": "sort", "file": "sort.skops", "classes": ["ok", "scratch"]}
    path = tmp_path / "pipeline.json"
    path.write_text(json.dumps({"stages": [gate, sort]}))
    levels.put_live(line, register_pipeline(line, path, name="p1", by=None), by=None)
    line.refresh_from_db()
    return line


def inspected(
    line: ProductLine, ana: User, rows: Sequence[tuple[float, float]]
) -> tuple[datetime, datetime]:
    """Let people reject all of these rows, and give the window that they are in."""
    for width, height in rows:
        heard(line, width, height)
    predict_pending()
    for _ in rows:
        factories.label_next(ana, line, "scratch")
    line.refresh_from_db()
    return NOON - DAY, NOON + DAY


def test_what_both_stages_miss_stands_beside_what_independence_would_promise(
    gated: ProductLine, client: Client
) -> None:
    ana = factories.make_inspector(gated, "ana")
    rows = [(0.9, 0.9)] * 8 + [(0.9, -0.9)] * 3 + [(-0.9, 0.9)] * 2
    start, end = inspected(gated, ana, rows + [(-0.9, -0.9)] * 7)

    measure_stages(gated, start=start, end=end)

    live = gated.in_force.live
    assert live is not None
    joint = joint_misses(gated, live)
    assert joint is not None
    assert (joint.start, joint.end) == (start, end)
    found = joint.found
    assert (found.count, found.missed) == (20, 0.35)
    assert found.if_independent == pytest.approx((9 / 20) * (10 / 20))
    assert found.held_back == {"the gate": 0.15, "sort": 0.1}
    assert list(found.held_back) == ["the gate", "sort"], "in the order of the stages"
    assert found.low < 0.35 < found.high
    client.force_login(ana, backend="reviewapp.sessions.PersonBackend")
    shown = client.get(reverse("line-stages", args=[gated.slug]))
    promise = "If the stages missed independently it would be 22.5 %; measured 35.0 %."
    assert promise in shown.text
    assert "Caught by the gate alone: 15.0 %." in shown.text


def test_too_few_defective_items_say_nothing_of_misses_together(
    gated: ProductLine,
) -> None:
    ana = factories.make_inspector(gated, "ana")
    start, end = inspected(gated, ana, [(-0.9, -0.9)] * 19)

    measure_stages(gated, start=start, end=end)

    assert not Measurement.objects.filter(metric="stages").exists()
    assert Measurement.objects.filter(metric="stage:the gate").exists()


def test_items_that_were_likelier_looked_at_stay_by_lot(gated: ProductLine) -> None:
    ana = factories.make_inspector(gated, "ana")
    start, end = inspected(gated, ana, [(0.9, 0.9)] * 6)
    first, *others = Routing.objects.filter(item__line=gated).order_by("pk")
    # as a share of a quarter would have routed it
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Routing.objects.filter(pk=first.pk).update(inclusion=0.25)
        cursor.execute("SET LOCAL session_replication_role = origin")

    live = gated.in_force.live
    assert live is not None
    [effect] = effects_of_stages(gated, live, start, end)

    stays = [one for one in others if one.overlap_draw < 0.25]
    assert effect.count == 1 + len(stays)
