"""Up the ladder, a fall, and up again: five weeks of a line, its manager in Chromium.

The line is one of the demo's, and its colleagues label as there. Days are played
through the services, each as of its own evening; what the manager does, she does on the
pages.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from monitoring.demo.colleagues import Colleague, external_id, label_some
from monitoring.demo.sources import PhoneScreens
from monitoring.models import Alarm, AlarmCause
from monitoring.services import counts, drift, judging, measurements, references
from monitoring.services.training import run_training
from reviewapp.models import (
    Cause,
    Decision,
    Item,
    JobKind,
    ProductLine,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import jobs, lines
from reviewapp.services.arrivals import Sent, check_arrivals
from reviewapp.services.items import receive_items
from reviewapp.services.policies import append_policy
from reviewapp.services.predictions import predict_items
from reviewapp.services.replays import replay_line
from reviewapp.tasks import send_back
from tests import factories
from tests.browser.conftest import PASSWORD, sign_in, visit

# ./run test tests/browser/test_ladder.py with this set draws the README's pictures
PICTURES = os.environ.get("RUNG_PICTURES")
DAY = timedelta(days=1)
DAYS = 40
PER_DAY = 160
CAUSE = "a clamp cracked the rim; replaced"
SALTS = [f.name for f in ProductLine._meta.concrete_fields if "salt" in f.name]
MORNING, EVENING = timedelta(hours=7), timedelta(hours=17)


@dataclass(slots=True, kw_only=True)
class Station:
    """A line whose days go by, and the clock that goes with them."""

    line: ProductLine
    mia: User
    colleagues: list[Colleague]
    traveller: time_machine.Traveller
    begins: datetime
    source: PhoneScreens = field(default_factory=PhoneScreens)
    number: int = 0
    day: int = 0

    def play(self, days: int, *, scene: str = "usual") -> None:
        for _ in range(days):
            self._play_day(scene)

    def _play_day(self, scene: str) -> None:
        midnight = self.begins + self.day * DAY
        rng = np.random.default_rng([5, self.day])
        evening = midnight + EVENING
        self._move_to(midnight + MORNING)
        lines.note_judgement(self.line, at=timezone.now())
        self._receive(scene, at=midnight + MORNING)
        for turn, colleague in enumerate(self.colleagues):
            left = self.line.reviews.waiting().count()
            share = left // (len(self.colleagues) - turn)
            began_at = midnight + MORNING + turn * timedelta(hours=3)
            label_some(
                colleague, self.line, self.source, share, rng=rng, began_at=began_at
            )
        self._move_to(evening)
        # the monitor looked all day long
        lines.note_judgement(self.line, at=evening)
        references.take_references(as_of=evening)
        counts.roll_up_hours(as_of=evening)
        drift.compare_line(self.line, at=evening)
        measurements.measure_line(self.line, at=evening)
        judging.judge_lines(as_of=evening)
        self.line.refresh_from_db()
        self.day += 1

    def _receive(self, scene: str, *, at: datetime) -> None:
        sent = []
        for number in range(self.number, self.number + PER_DAY):
            made = self.source.make(number, scene=scene)
            name = external_id(number, scene)
            sent.append(
                Sent(
                    external_id=name,
                    # what is held out of training is drawn by the group
                    group=name,
                    content=made.picture,
                    name=f"{name}.png",
                )
            )
        self.number += PER_DAY
        self.line.refresh_from_db()
        received = receive_items(self.line, check_arrivals(self.line, sent), as_of=at)
        if self.line.in_force.live_id:
            ids = [item.public_id for item in received]
            items = Item.objects.filter(public_id__in=ids)
            predict_items(
                self.line.pk, list(items.select_related("payload__schema")), as_of=at
            )

    def _move_to(self, at: datetime) -> None:
        self.traveller.move_to(at)


@pytest.fixture
def station(
    transactional_db: None, tmp_path: Path, model_host: Path, settings: object
) -> Iterator[Station]:
    begins = timezone.now().replace(hour=0, minute=0) - DAYS * DAY
    with time_machine.travel(begins, tick=True) as traveller:
        source = PhoneScreens()
        line = lines.create_line(
            name=source.name,
            slug=source.slug,
            question=source.question,
            modality=source.modality,
            classes=source.classes,
            by=None,
            as_of=begins,
        )
        # the same numbers, salts and groups: every run draws the same lots
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER SEQUENCE reviewapp_item_id_seq RESTART WITH 1000000000"
            )
        ProductLine.objects.update(**{salt: f"ladder-{salt}" for salt in SALTS})
        line.refresh_from_db()
        mia = factories.make_manager(line, "mia")
        colleagues = [
            Colleague(user=factories.make_inspector(line, name))
            for name in ("bo", "cem", "dara")
        ]
        append_policy(
            line,
            cause=Cause.CHANGED,
            by=None,
            changes={
                "requirements": {
                    "agreement": 0.93,
                    "escape": 0.02,
                    "bake_labels": 30,
                },
                "blind_share": 0.25,
            },
            as_of=begins,
        )
        yield Station(
            line=line,
            mia=mia,
            colleagues=colleagues,
            traveller=traveller,
            begins=begins,
        )


@dataclass(slots=True, kw_only=True)
class Desk:
    """What the manager does in her browser."""

    page: Page
    server: LiveServer
    station: Station

    def open(self, path: str = "") -> None:
        """Open a page of the line; each day begins with signing in."""
        address = f"{self.server.url}/lines/{self.station.line.slug}/{path}"
        self.page.goto(address)
        if "/sign-in/" in self.page.url:
            sign_in(self.page, self.server, self.station.mia)
            visit(self.page, address)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state("load")

    def sign(self, button: str, *, reason: str) -> None:
        shown = self.page.get_by_label("Reason").first
        assert shown.is_visible(), (
            self.page.inner_text("main"),
            [
                (a.cause, a.subject, a.state, a.cleared_at, a.raised_at)
                for a in Alarm.objects.all()
            ],
        )
        shown.fill(reason)
        self.page.get_by_label("Your password").first.fill(PASSWORD)
        self.press(button)
        self.station.line.refresh_from_db()

    def keep_picture(self, name: str, *, height: int = 900) -> None:
        """Keep what is seen for the README, if a folder for its pictures is named."""
        if PICTURES:
            self.page.set_viewport_size({"width": 1200, "height": height})
            self.page.evaluate("scrollTo(0, 0)")
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png")

    def raise_to(self, level: AutomationLevel, *, reason: str) -> None:
        self.open()
        self.page.get_by_role("link", name=f"Raise to {level.name.lower()}").click()
        self.page.wait_for_url("**/raise/")
        self.sign(f"Raise to {level.name.lower()}", reason=reason)
        assert self.station.line.in_force.level == level, self.page.inner_text("main")


def climb(desk: Desk) -> None:
    """From people alone to half of the sure items, each step on its evidence."""
    station, page = desk.station, desk.page
    station.play(4)
    desk.open("versions/")
    desk.press("Train a new version")
    jobs.run_next(JobKind.TRAINING, run_training)
    desk.open("versions/")
    desk.press("Put live, in shadow")
    desk.raise_to(AutomationLevel.SHADOW, reason="let it run beside us")
    station.play(2)
    desk.open("raise/")
    expect(page.get_by_role("heading", name="Not yet")).to_be_visible()
    desk.keep_picture("story-1-gates")
    station.play(6)
    desk.raise_to(AutomationLevel.ASSIST, reason="a thousand blind pairs agree")
    desk.open("thresholds/certify/")
    desk.sign("Certify", reason="before partial")
    desk.raise_to(AutomationLevel.PARTIAL, reason="certified; a small share first")
    for share in ("20 %", "50 %"):
        station.play(3)
        desk.open("canary/")
        desk.sign(f"Widen to {share}", reason="no breach")
    station.play(1)
    desk.open()
    desk.keep_picture("story-2-partial")


def suffer_cracks(desk: Desk) -> None:
    """Cracks come at the rim, where the model does not look, until an alarm rings."""
    station, line = desk.station, desk.station.line
    changed = station.begins + station.day * DAY
    for _ in range(8):
        station.play(1, scene="rim")
        if line.in_force.level < AutomationLevel.PARTIAL:
            break
    assert line.in_force.level == AutomationLevel.SHADOW
    alarm = Alarm.objects.get(line=line, cause=AlarmCause.ESCAPES)
    assert alarm.lowered is not None
    assert alarm.began_at is not None
    assert abs(alarm.began_at - changed) < 2 * DAY


def contain(desk: Desk) -> None:
    """Read the diagnosis, send back what had left, and write down what it was."""
    station, page, line = desk.station, desk.page, desk.station.line
    desk.open()
    page.get_by_role("alert", name="Alarm").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="A new or hidden defect")).to_be_visible()
    desk.press("Acknowledge: it is mine")
    desk.keep_picture("story-3-alarm")
    page.get_by_role("link", name="Send items back…").click()
    expect(page.get_by_role("heading", name="Propose one by hand")).to_be_visible()
    proposed = page.get_by_role("row", name="Proposed")
    if proposed.count():
        proposed.first.get_by_role("link").click()
    else:  # no lot has drawn a cracked one for an audit yet
        page.get_by_label("Version").select_option(index=1)
        page.get_by_label("Decided as").select_option(label="OK")
        desk.press("Count what would go back")
    expect(page.get_by_role("heading", name="Send them back")).to_be_visible()
    address = page.url.removeprefix(f"{desk.server.url}/lines/{line.slug}/")
    page.get_by_label("Reason").fill("cracks at the rim had passed")
    page.get_by_role("button", name=re.compile(r"^Send \d+ items? back")).click()
    expect(
        page.get_by_role("heading", name=re.compile("items settled$"))
    ).to_be_visible()
    while send_back():
        pass
    station.play(1)
    desk.open(address)
    overruled = page.get_by_role("row", name=re.compile("^Overruled")).inner_text()
    assert int(overruled.split()[-1]) > 0
    desk.keep_picture("story-4-containment")
    page.get_by_label("What was found").fill(CAUSE)
    desk.press("Close the containment")
    # the same cracks rang by their escapes and by the disagreement they made
    for one in Alarm.objects.filter(line=line, cleared_at=None):
        desk.open(f"alarms/{one.pk}/")
        page.get_by_text("Clear", exact=True).click()
        page.get_by_label("What was found").fill(CAUSE)
        desk.press("Clear the alarm")


def climb_again(desk: Desk) -> None:
    """Trust is earned anew: the cool-down, new pairs, new certificates."""
    station = desk.station
    desk.open("raise/")
    expect(desk.page.get_by_role("heading", name="Not yet")).to_be_visible()
    station.play(9)
    desk.raise_to(AutomationLevel.ASSIST, reason="a thousand new pairs agree")
    desk.open("thresholds/certify/")
    desk.sign("Certify", reason="the old certificates ended with the alarm")
    desk.raise_to(AutomationLevel.PARTIAL, reason="certified anew")
    station.play(1)
    desk.open("history/")
    desk.keep_picture("story-5-history")


@pytest.mark.journey
def test_a_line_climbs_falls_and_climbs_again(
    station: Station, page: Page, live_server: LiveServer
) -> None:
    desk = Desk(page=page, server=live_server, station=station)
    line = station.line

    climb(desk)
    alone = Decision.objects.filter(item__line=line, decided_by="model")
    assert alone.count() > 100
    suffer_cracks(desk)
    contain(desk)
    climb_again(desk)

    assert replay_line(line).differences == 0
    decided = Item.objects.of_line(line).exclude(decision=None).count()
    in_force = Decision.objects.filter(item__line=line, superseded_by=None).count()
    assert decided == in_force > station.number * 0.95
