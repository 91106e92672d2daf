"""The demo's past: played through the services, and gone on with where it broke off."""

from pathlib import Path

import pytest

from monitoring.demo.history import HOURS, PASTS, play_history
from monitoring.demo.seed import seed_demo
from reviewapp.models import Item, Job, ProductLine


@pytest.mark.faults
def test_a_past_that_broke_off_goes_on_with_its_day(
    db: None, tmp_path: Path, model_host: Path
) -> None:
    seed_demo(tmp_path)
    line = ProductLine.objects.get(slug="biopsies")
    past, job = PASTS["biopsies"], line.jobs.get()

    def progress(done: int, total: int) -> None:
        Job.objects.filter(pk=job.pk).update(done=done, total=total)
        if done == 9 and job.done == 0:
            raise KeyboardInterrupt  # as a worker that is told to go at once

    with pytest.raises(KeyboardInterrupt):
        play_history(job, progress)
    job.refresh_from_db()
    play_history(job, progress)

    assert Item.objects.of_line(line).count() == past.days * HOURS * (
        past.per_day // HOURS
    )
    assert line.versions.count() == 1
    assert not seed_demo(tmp_path)
    assert (tmp_path / "accounts.json").stat().st_mode & 0o077 == 0
