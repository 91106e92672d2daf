"""Long work: what it says to the person who asked for it."""

import pytest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError
from reviewapp.models import Job, JobKind, JobState, ProductLine, User
from reviewapp.services import jobs

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "said"), [("ko", "저장했습니다."), ("en", "Saved."), ("", "Saved.")]
)
def test_a_refusal_is_kept_in_the_language_of_who_asked(
    line: ProductLine, mia: User, language: str, said: str
) -> None:
    User.objects.filter(pk=mia.pk).update(language=language)
    asked = jobs.ask_for(JobKind.PLACING, line, by=mia)

    jobs.run_next(JobKind.PLACING, refuse)

    asked.refresh_from_db()
    assert asked.state == JobState.FAILED
    assert asked.message == said
    assert get_language() == "en"


def test_work_that_nobody_asked_for_speaks_english(line: ProductLine) -> None:
    jobs.ask_for(JobKind.PLACING, line, by=None)

    jobs.run_next(JobKind.PLACING, refuse)

    assert Job.objects.get().message == "Saved."


def test_a_job_whose_workers_died_says_so_to_who_asked(
    line: ProductLine, mia: User
) -> None:
    asked = jobs.ask_for(JobKind.PLACING, line, by=mia)
    Job.objects.filter(pk=asked.pk).update(attempts=jobs.MOST_ATTEMPTS)

    assert jobs.run_next(JobKind.PLACING, refuse) == 0

    asked.refresh_from_db()
    assert asked.message == "Its worker died 3 times."


def refuse(job: Job, progress: jobs.Progress) -> dict[str, object]:
    """Refuse with words that are in the catalogue."""
    del job, progress
    raise ConflictError(_("Saved."))
