"""One story of a line, played day by day through the product's services.

A day is a step of the clock: its items come in, the version answers, people label, and
then the hours are counted, the window compared, the line measured and judged, all as of
the evening. Started by ``bench.stories`` in a process of its own, on a database of its
own.
"""

import argparse
import contextlib
import json
import logging
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import numpy as np

django.setup()

from django.db import connection, transaction  # noqa: E402 - Django is set up first
from django.utils import timezone  # noqa: E402 - likewise

from bench import overhttp  # noqa: E402 - likewise
from bench.screens_model import SCALE  # noqa: E402 - likewise
from monitoring.diagnosis import diagnose_kept  # noqa: E402 - likewise
from monitoring.models import Alarm  # noqa: E402 - likewise
from monitoring.services import (  # noqa: E402 - likewise
    certificates,
    counts,
    drift,
    evidence,
    judging,
    measurements,
)
from monitoring.services.findings import findings  # noqa: E402 - likewise
from reviewapp.errors import RefusedError  # noqa: E402 - likewise
from reviewapp.models import (  # noqa: E402 - likewise
    Cause,
    Item,
    Meaning,
    Modality,
    ProductLine,
    Review,
    Role,
    User,
)
from reviewapp.policy import AutomationLevel  # noqa: E402 - likewise
from reviewapp.services import labels, levels, lines, people, reviews  # noqa: E402 - likewise
from reviewapp.services.arrivals import Sent, check_arrivals  # noqa: E402 - likewise
from reviewapp.services.items import receive_items  # noqa: E402 - likewise
from reviewapp.services.policies import append_policy  # noqa: E402 - likewise
from reviewapp.services.predictions import predict_items  # noqa: E402 - likewise
from reviewapp.services.versions import (  # noqa: E402 - likewise
    Provenance,
    register_version,
)
from reviewapp.simulation.people import SimulatedInspector  # noqa: E402 - likewise
from reviewapp.simulation.phone_screens import draw_item, to_png  # noqa: E402
from reviewapp.simulation.stories import Story, scene_at  # noqa: E402

BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
MORNING, EVENING, NIGHT = (timedelta(hours=hour) for hour in (6, 17, 22))
SECONDS_APART = timedelta(seconds=2)

SECOND_READERS = 1.0
AUDITED = {"ok": 0.1, "defect": 0.1}


@dataclass(slots=True, kw_only=True)
class Play:
    """A line being played, and what its people would say if asked."""

    story: Story
    seed: int
    per_day: int
    change_day: int
    lax: float
    senior_every: int
    line: ProductLine
    doors: overhttp.Doors | None = None
    truth: dict[str, str] = field(default_factory=dict)
    days: list[dict[str, Any]] = field(default_factory=list)


def make_line(model: Path) -> ProductLine:
    """Make the line, its people and its version, and put that in shadow."""
    line = lines.create_line(
        name="Phone screens",
        question="Is there a defect?",
        modality=Modality.IMAGE,
        classes=(
            lines.NewClass(name="OK", meaning=Meaning.PASS),
            lines.NewClass(name="Defect", meaning=Meaning.REJECT),
        ),
        by=None,
        as_of=BEGINS,
    )
    for name in ("ana", "ben", "senior"):
        user = people.invite(
            username=name, full_name=name.title(), is_admin=False, by=None
        )
        people.give_role(user, line, Role.INSPECTOR, by=None)
    mia = people.invite(username="mia", full_name="Mia", is_admin=False, by=None)
    people.give_role(mia, line, Role.MANAGER, by=None)
    version = register_version(
        line, model, name="screens-1", by=None, provenance=Provenance(card={})
    )
    levels.put_live(line, version, by=None, reason="first version", as_of=BEGINS)
    append_policy(
        line,
        cause=Cause.CHANGED,
        by=None,
        reason="two readers for every item, a senior where they differ",
        changes={"blind_share": 1.0, "overlap_share": SECOND_READERS},
        as_of=BEGINS,
    )
    return line


def play_day(play: Play, day: int) -> None:
    """Play one day, and note what every detector says on its evening."""
    rng = np.random.default_rng([play.seed, day, list(Story).index(play.story)])
    begins = BEGINS + timedelta(days=day)
    began, since = time.perf_counter(), timezone.now()
    # the monitor looked all day long
    lines.note_judgement(play.line, at=begins + EVENING)
    with transaction.atomic() if play.doors is None else contextlib.nullcontext():
        _receive(play, day, begins=begins, rng=rng)
    with connection.cursor() as cursor:
        # what a worker of PostgreSQL does within a minute of the day
        cursor.execute("ANALYZE")
    received = time.perf_counter()
    answered = _label_all(play, day, at=begins + EVENING, rng=rng)
    labelled = time.perf_counter()
    if play.doors is not None:
        overhttp.date_back(since=since, to=begins + EVENING)
    at = begins + timedelta(days=1)
    # every minute in life: before the day's window ends, and after
    counts.roll_up_hours(as_of=begins + NIGHT)
    measurements.measure_line(play.line, at=begins + NIGHT)
    judging.judge_lines(as_of=begins + NIGHT)
    counts.roll_up_hours(as_of=at)
    drift.compare_line(play.line, at=at)
    measurements.measure_line(play.line, at=at)
    judging.judge_lines(as_of=at)
    play.line = _line()
    _climb(play.line, day, change_day=play.change_day, at=at)
    play.days.append(
        {
            "day": day,
            "level": play.line.in_force.get_level_display(),
            "labels": answered,
            "findings": asdict(findings(play.line, at=at)),
            "named": _named(begins + timedelta(days=play.change_day - day)),
            "receive_s": round(received - began, 2),
            "label_s": round(labelled - received, 2),
            "judge_s": round(time.perf_counter() - labelled, 2),
        }
    )


def _named(since: datetime) -> dict[str, str]:
    """Say what the page of each open alarm names first, of those that rang since."""
    rung = Alarm.objects.open().filter(raised_at__gte=since).exclude(findings={})
    return {
        f"{alarm.cause} {alarm.subject}".strip(): diagnose_kept(alarm.known)[
            0
        ].trouble.value
        for alarm in rung
    }


def _line() -> ProductLine:
    return ProductLine.objects.select_related("policy__live__schema").get()


def _receive(
    play: Play, day: int, *, begins: datetime, rng: np.random.Generator
) -> None:
    scene = scene_at(play.story, day, change_day=play.change_day)
    gap = (EVENING - MORNING) / play.per_day
    sent = []
    for number in range(play.per_day):
        drawn = draw_item(scene, rng)
        name = f"{day:03d}-{number:04d}"
        play.truth[name] = drawn.truth.value
        sent.append(
            Sent(
                external_id=name,
                captured_at=begins + MORNING + gap * number,
                content=to_png(drawn.pixels, scale=SCALE),
                name=f"{name}.png",
            )
        )
    if play.doors is not None:
        play.doors.send(sent)
        return
    at = begins + EVENING
    received = receive_items(play.line, check_arrivals(play.line, sent), as_of=at)
    items = Item.objects.filter(public_id__in=[item.public_id for item in received])
    predict_items(play.line.pk, list(items.select_related("payload__schema")), as_of=at)


def _label_all(play: Play, day: int, *, at: datetime, rng: np.random.Generator) -> int:
    """Let both inspectors answer what waits, and the senior what they left open."""
    lax = play.lax if day >= play.change_day else 0.0
    usual = {"passing": ("ok",), "rejecting": ("defect",)}
    turns: list[tuple[str, dict[str, float], int | None]] = [
        ("ana", {"lax": lax}, play.per_day // 2),
        ("ben", {"lax": lax}, None),
        ("ana", {"lax": lax}, None),
    ]
    if day < play.change_day or (day - play.change_day + 1) % play.senior_every == 0:
        faults = {"miss": 0.01, "overkill": 0.001, "lax": lax}
        turns.append(("senior", faults, None))
    done = 0
    for name, faults, most in turns:
        person = SimulatedInspector(name=name, **usual, **faults)  # type: ignore[arg-type]  # shares and classes by name
        user = User.objects.get(username=name)
        if play.doors is not None:
            done += _label_over_http(play, play.doors, person, user, most=most, rng=rng)
            continue
        done += _label(play, person, user, most=most, done=done, at=at, rng=rng)
    return done


def _label(
    play: Play,
    person: SimulatedInspector,
    user: User,
    *,
    most: int | None,
    done: int,
    at: datetime,
    rng: np.random.Generator,
) -> int:
    classes = {c.key: c for c in play.line.classes.in_use()}
    review: Review | None = reviews.claim_next(user, play.line)
    answered = 0
    while review is not None and (most is None or answered < most):
        if review.claim_token is None:
            raise RuntimeError("A review in hand has a key.")
        truth = play.truth[review.item.external_id]
        said = person.answer(truth, shown=None, rng=rng)
        answered += 1
        review = labels.answer_review(
            review.public_id,
            play.line,
            by=user,
            answer=labels.Answer(
                label_class=classes[said], key=review.claim_token, active_ms=3_000
            ),
            as_of=at + SECONDS_APART * (done + answered),
        ).following
    if review is not None and review.claim_token is not None:
        reviews.release_review(
            review.public_id, play.line, by=user, key=review.claim_token
        )
    return answered


def _label_over_http(
    play: Play,
    doors: overhttp.Doors,
    person: SimulatedInspector,
    user: User,
    *,
    most: int | None,
    rng: np.random.Generator,
) -> int:
    browser = doors.browser_of(user)
    doors.begin(browser)
    answered = 0
    while browser.review and (most is None or answered < most):
        truth = play.truth[overhttp.item_in(browser)]
        browser.answer(person.answer(truth, shown=None, rng=rng), active_ms=3_000)
        answered += 1
    if browser.review:
        browser.give_back()
    doors.settle()
    return answered


def _climb(line: ProductLine, day: int, *, change_day: int, at: datetime) -> None:
    """Try the gates to shadow and assist each evening until the change."""
    level = line.in_force.automation_level
    if day >= change_day or level >= AutomationLevel.ASSIST:
        return
    try:
        levels.raise_level(
            line,
            evidence.gather(line, as_of=at),
            by=User.objects.get(username="mia"),
            reason="the gates are open",
            seen_policy=line.in_force.number,
            as_of=at,
        )
    except RefusedError:
        return


def _let_decide(line: ProductLine, *, at: datetime) -> ProductLine:
    """Certify the version, and let it decide all that it is sure of from now on."""
    certificates.certify(line, by=None, reason="before partial", as_of=at)
    line = _line()
    if not line.in_force.certificates:
        raise RuntimeError("Nothing could be certified: there is nothing to decide.")
    append_policy(
        line,
        cause=Cause.CHANGED,
        by=None,
        reason="the story begins with a model that decides",
        changes={
            "level": AutomationLevel.PARTIAL,
            "canary_share": 1.0,
            "audit_shares": AUDITED,
        },
        as_of=at,
    )
    return _line()


def outcome(play: Play) -> dict[str, Any]:
    """Say what rang when, and how the line stands at the end."""
    rung = [
        {
            "cause": alarm.cause,
            "subject": alarm.subject,
            "day": (alarm.raised_at - BEGINS) / timedelta(days=1),
            "began_day": (alarm.began_at - BEGINS) / timedelta(days=1)
            if alarm.began_at
            else None,
            "shape": alarm.figures.get("shape"),
            "among": alarm.figures.get("among"),
            "lowered": alarm.lowered_id is not None,
        }
        for alarm in Alarm.objects.order_by("raised_at")
    ]
    return {
        "story": play.story.value,
        "seed": play.seed,
        "level": play.line.in_force.get_level_display(),
        "alarms": rung,
        "days": play.days,
    }


def main() -> None:
    """Play the days asked for, and write what was found to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--story", type=Story, default=Story.STABLE)
    parser.add_argument("--lax", type=float, default=0.0)
    parser.add_argument("--senior-every", type=int, default=1, help="days")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--last", type=int, required=True)
    parser.add_argument("--per-day", type=int, default=400)
    parser.add_argument("--change-day", type=int, default=30)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--over-http", action="store_true")
    parser.add_argument("--decides", action="store_true")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    line = make_line(asked.model) if asked.first == 0 else _line()
    if asked.decides:
        line = _let_decide(line, at=BEGINS + timedelta(days=asked.first))
    play = Play(
        story=asked.story,
        seed=asked.seed,
        per_day=asked.per_day,
        change_day=asked.change_day,
        lax=asked.lax,
        senior_every=asked.senior_every,
        line=line,
    )
    with contextlib.ExitStack() as opened:
        if asked.over_http:
            play.doors = opened.enter_context(overhttp.doors_of(line))
        for day in range(asked.first, asked.last):
            play_day(play, day)
            asked.out.with_suffix(".part").write_text(json.dumps(outcome(play)))
    asked.out.write_text(json.dumps(outcome(play)))


if __name__ == "__main__":
    main()
