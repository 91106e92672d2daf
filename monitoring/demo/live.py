"""The demo's present: traffic that keeps coming, colleagues, and two troubles.

The lamp over the phone screens fails: inputs and escapes move, and an alarm takes the
level down. Lint falls on the watch glasses: the model rejects good ones, which costs
money and lets nothing out, so an alarm only warns.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.db.models import Max

from monitoring.demo.colleagues import external_id, label_some
from monitoring.demo.history import LEFT_WAITING, colleagues_of
from monitoring.demo.sources import SOURCES, Source
from reviewapp.models import Item, Job, JobKind, ProductLine
from reviewapp.services.arrivals import Sent, check_arrivals
from reviewapp.services.items import receive_items

TICK_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Items and labels a second on one line."""

    items: float
    labels: float


PACES = {
    "phone-screens": Pace(items=1.0, labels=1.2),
    "digits": Pace(items=0.25, labels=0.3),
    "watch-glasses": Pace(items=0.8, labels=0.9),
    "biopsies": Pace(items=0.1, labels=0.12),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A time in which a line looks otherwise, in seconds since its past is played."""

    slug: str
    scene: str
    begins_s: float
    ends_s: float


CHAPTERS = (
    # so long that two full hours are darker than what was known: one only warns
    Chapter(slug="phone-screens", scene="dark", begins_s=240, ends_s=11_000),
    Chapter(slug="watch-glasses", scene="lint", begins_s=420, ends_s=1_080),
)


def scene_at(slug: str, second: float) -> str:
    """Say what a line looks like so many seconds after its past."""
    for chapter in CHAPTERS:
        if chapter.slug == slug and chapter.begins_s <= second < chapter.ends_s:
            return chapter.scene
    return "usual"


def play(*, is_over: Callable[[], bool]) -> None:
    """Let the demo lines live until told that it is over."""
    rng = np.random.default_rng()
    began: dict[str, float] = {}
    while not is_over():
        for source in SOURCES:
            line = ProductLine.objects.filter(slug=source.slug).first()
            if line is not None and _has_its_past(line):
                now = time.monotonic()
                second = now - began.setdefault(source.slug, now)
                _tick(line, source, second=second, rng=rng)
        time.sleep(TICK_S)


def _has_its_past(line: ProductLine) -> bool:
    past = Job.objects.filter(line=line, kind=JobKind.DEMO_HISTORY)
    return not past.unfinished().exists()


def _tick(
    line: ProductLine, source: Source, *, second: float, rng: np.random.Generator
) -> None:
    pace = PACES[source.slug]
    for _ in range(int(rng.poisson(pace.items * TICK_S))):
        _receive_next(line, source, scene=scene_at(source.slug, second))
    colleagues = colleagues_of(line)
    waiting = line.reviews.waiting()[: LEFT_WAITING + 10].count()
    labels = min(int(rng.poisson(pace.labels * TICK_S)), waiting - LEFT_WAITING)
    colleague = colleagues[int(rng.integers(len(colleagues)))]
    label_some(colleague, line, source, labels, rng=rng)


def _receive_next(line: ProductLine, source: Source, *, scene: str) -> None:
    newest = Item.objects.of_line(line).aggregate(newest=Max("pk"))["newest"]
    known = Item.objects.filter(pk=newest).values_list("external_id", flat=True).first()
    number = int(known.rpartition("-")[2]) + 1 if known else 0
    made = source.make(number, scene=scene)
    sent = Sent(
        external_id=external_id(number, scene),
        values=made.values,
        content=made.picture,
        name=f"{number}.png" if made.picture else "",
    )
    receive_items(line, check_arrivals(line, [sent]))
