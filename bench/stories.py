"""The stories of a line: what rings, after how many days, and what stays quiet.

./run bench stories --seeds 8 --stories stable sudden_light new_defect

Each seed plays thirty quiet days once. Every story then goes on from a copy of that
database, so all of them change the same line. Ends with 1 where a story went otherwise
than ``bench.expectations`` says.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench import ground
from bench.expectations import broken, first_day

# What each story asks of ``bench.storyline``; without --story the line is stable.
STORIES: dict[str, list[str]] = {
    "stable": [],
    "sudden_light": ["--story", "sudden_light"],
    "slow_light": ["--story", "slow_light"],
    "new_defect": ["--story", "new_defect"],
    "lint_season": ["--story", "lint_season"],
    "more_defects": ["--story", "more_defects"],
    "fainter_defects": ["--story", "fainter_defects"],
    "lax_inspectors": ["--lax", "0.3"],
    "late_senior": ["--senior-every", "7"],
    # the model decides what it is sure of, and people audit a tenth of it
    "decided": ["--decides"],
    "new_defect_decided": ["--decides", "--story", "new_defect"],
}
DETECTORS = (
    "input_drift",
    "classifier",
    "predictions",
    "escapes",
    "disagreement",
    "overkill",
    "inspectors",
)


def main() -> None:
    """Play all stories, and print how they went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--stories", nargs="+", choices=STORIES, default=list(STORIES))
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--change-day", type=int, default=30)
    parser.add_argument("--per-day", type=int, default=400)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--model", type=Path, help="reuse a model of an earlier run")
    parser.add_argument("--save", type=Path)
    parser.add_argument(
        "--over-http",
        action="store_true",
        help="items by the API and answers by the page, through a web server",
    )
    asked = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "stories", **ground.machine()}
    var = ground.prepare_installation()
    host = _start_host()
    try:
        figures |= play_all(asked, var)
        ground.report(figures)
    finally:
        host.terminate()
        host.wait(15)
        ground.remove(var)
    otherwise = [what for one in figures["stories"].values() for what in one["broken"]]
    if otherwise:
        raise SystemExit("\n".join(otherwise))


def play_all(asked: argparse.Namespace, var: Path) -> dict[str, Any]:
    """Play each seed's quiet days, then each story from there."""
    from bench import screens_model  # noqa: PLC0415 - Django is set up by now

    model = asked.model or var / "screens.skops"
    began = time.perf_counter()
    if not model.exists():
        screens_model.train(model)
    trained_s = time.perf_counter() - began
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    connections.close_all()
    _ask_postgres("ALTER ROLE rung SET synchronous_commit = off")
    told: list[dict[str, Any]] = []
    took: dict[str, list[float]] = {"quiet_days": [], "story": []}
    common = [
        *["--per-day", str(asked.per_day), "--change-day", str(asked.change_day)],
        *["--model", str(model)],
        *(["--over-http"] if asked.over_http else []),
    ]
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        quiet = _copy("rung", f"quiet_{seed}")
        span = ["--seed", str(seed), "--first", "0", "--last", str(asked.change_day)]
        began = time.perf_counter()
        before = _play(quiet, var, [*span, *common])
        took["quiet_days"].append(time.perf_counter() - began)
        for name in asked.stories:
            copy = _copy(quiet, f"{name}_{seed}")
            span = ["--first", str(asked.change_day), "--last", str(asked.days)]
            story_is = [*STORIES[name], "--seed", str(seed)]
            began = time.perf_counter()
            one = _play(copy, var, [*span, *story_is, *common])
            took["story"].append(time.perf_counter() - began)
            one |= {"story": name, "days": [*before["days"], *one["days"]]}
            told.append(one)
            _drop(copy)
            if asked.save:
                asked.save.write_text(json.dumps(told))
        _drop(quiet)
    return {
        "seeds": asked.seeds,
        "days": asked.days,
        "items_a_day": asked.per_day,
        "training_s": round(trained_s, 1),
        "seconds": {
            what: round(statistics.mean(spent), 1) for what, spent in took.items()
        },
        "stories": summaries(told, change_day=asked.change_day),
    }


def summaries(
    told: list[dict[str, Any]], *, change_day: int
) -> dict[str, dict[str, Any]]:
    """Sum up each story over its seeds, detector by detector."""
    by_story = itertools.groupby(
        sorted(told, key=lambda one: str(one["story"])), key=lambda one: one["story"]
    )
    return {story: _summary(list(runs), change_day) for story, runs in by_story}


def _summary(runs: list[dict[str, Any]], change_day: int) -> dict[str, Any]:
    found: dict[str, Any] = {"runs": len(runs)}
    for name in DETECTORS:
        first = [first_day(run, name, since=change_day) for run in runs]
        fired = [day for day in first if day is not None]
        found[name] = {
            "before": sum(_was(run, name, change_day) for run in runs),
            "fired": round(len(fired) / len(runs), 3),
            "days": statistics.median(fired) if fired else None,
        }
    found["named"] = [_named(run, change_day) for run in runs]
    found["broken"] = broken(str(runs[0]["story"]), runs, change_day=change_day)
    found["level"] = sorted({run["level"] for run in runs})
    found["lowered_by"] = sorted(
        alarm["cause"] for run in runs for alarm in run["alarms"] if alarm["lowered"]
    )
    began = [
        alarm["began_day"]
        for run in runs
        for alarm in run["alarms"]
        if alarm["began_day"] is not None and alarm["day"] > change_day
    ]
    found["began_day"] = round(statistics.median(began), 2) if began else None
    return found


def _named(run: dict[str, Any], change_day: int) -> list[list[str]]:
    """Say what the alarms' pages named on the evenings since, where that changed."""
    named = [
        sorted(set(one["named"].values()))
        for one in run["days"]
        if one["day"] >= change_day and one["named"]
    ]
    return [names for names, _days in itertools.groupby(named)]


def _was(run: dict[str, Any], name: str, before: int) -> bool:
    return any(one["findings"][name] for one in run["days"] if one["day"] < before)


def _start_host() -> subprocess.Popen[bytes]:
    """Run a model host as the product does."""
    models = Path(os.environ["MODEL_ROOT"])
    models.mkdir(parents=True, exist_ok=True)
    path = os.environ["MODEL_HOST_SOCKET"]
    command = ["-m", "reviewapp.runtimes.host", "--socket", path]
    process = subprocess.Popen(
        [sys.executable, *command, "--models", str(models)], cwd=ground.PROJECT
    )
    for _ in range(200):
        if Path(path).exists():
            break
        time.sleep(0.05)
    return process


def _play(database: str, var: Path, arguments: list[str]) -> dict[str, Any]:
    out = var / f"{database}.json"
    subprocess.run(
        [sys.executable, "-m", "bench.storyline", *arguments, "--out", str(out)],
        cwd=ground.PROJECT,
        env=os.environ | {"DATABASE_URL": _url(database)},
        check=True,
    )
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def _url(database: str) -> str:
    return os.environ["DATABASE_URL"].replace("/rung?", f"/{database}?")


def _copy(source: str, name: str) -> str:
    _ask_postgres(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(source)
        )
    )
    return name


def _drop(name: str) -> None:
    _ask_postgres(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _ask_postgres(statement: str | sql.Composed) -> None:
    with psycopg.connect(_url("postgres"), autocommit=True) as connection:
        connection.execute(statement)


if __name__ == "__main__":
    main()
