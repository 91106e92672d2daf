"""One's own settings: the language and the look of every page."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from reviewapp.models import ProductLine, User
from reviewapp.services import shifts

BACKEND = "reviewapp.sessions.PersonBackend"


@pytest.fixture(autouse=True)
def words_of_the_suite() -> Iterator[None]:
    """A request of the test client leaves its language to the thread of all tests."""
    with translation.override("en"):
        yield


@pytest.fixture
def browser(ana: User) -> Client:
    """Ana's browser."""
    browser = Client()
    browser.force_login(ana, backend=BACKEND)
    return browser


def settings_of(user: User, **changes: str) -> dict[str, str]:
    """What the form holds for a person, with some of it changed."""
    names = ("first_name", "last_name", "language", "time_zone", "appearance")
    return {name: getattr(user, name) for name in names} | changes


def test_whoever_chooses_korean_reads_korean_on_every_page(
    browser: Client, line: ProductLine, ana: User
) -> None:
    saved = browser.post(
        reverse("account"), settings_of(ana, language="ko"), follow=True
    ).content.decode()
    queue = browser.get(reverse("review-queue", kwargs={"slug": line.slug}))

    assert '<html lang="ko">' in saved
    assert "저장했습니다." in saved
    assert "이 라인에 아직 들어온 항목이 없습니다." in queue.content.decode()


def test_a_page_before_signing_in_speaks_the_browsers_language() -> None:
    path = reverse("sign-in")

    korean = Client(HTTP_ACCEPT_LANGUAGE="ko-KR,ko;q=0.9").get(path).content.decode()
    other = Client(HTTP_ACCEPT_LANGUAGE="fi").get(path).content.decode()

    assert "로그인" in korean
    assert '<html lang="en">' in other


def test_a_refusal_speaks_the_persons_language(browser: Client, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(language="ko")

    refusal = browser.get("/lines/no-such-line/")

    assert refusal.status_code == 404
    assert "여기에는 아무것도 없습니다" in refusal.content.decode()


def test_the_chosen_look_stands_on_every_page(browser: Client, ana: User) -> None:
    browser.post(reverse("account"), settings_of(ana, appearance="contrast"))

    page = browser.get(reverse("board")).content.decode()

    assert 'data-appearance="contrast"' in page


def test_a_look_that_there_is_not_is_refused(browser: Client, ana: User) -> None:
    response = browser.post(reverse("account"), settings_of(ana, appearance="pink"))

    assert response.status_code == 422
    ana.refresh_from_db()
    assert ana.appearance == ""


def test_dates_are_written_as_the_language_does(line: ProductLine, mia: User) -> None:
    browser = Client()
    browser.force_login(mia, backend=BACKEND)
    path = reverse("line", kwargs={"slug": line.slug})
    since = line.in_force.created_at

    english = browser.get(path).content.decode()
    User.objects.filter(pk=mia.pk).update(language="ko")
    korean = browser.get(path).content.decode()

    assert f"{since.day} {since:%b} {since.year}, {since:%H:%M}" in english
    assert f"{since.year}년 {since.month}월 {since.day}일 {since:%H:%M}" in korean


def test_whoever_wants_breaks_sooner_sets_so_and_takes_it_back(
    browser: Client, line: ProductLine, ana: User
) -> None:
    address = reverse("own-breaks")

    saved = browser.post(
        address, {"break_after_min": "25", "break_after_items": ""}, follow=True
    ).content.decode()

    assert "Saved." in saved
    assert 'name="break_after_min" value="25"' in saved
    assert shifts.own_breaks_of(ana).break_after_min == 25
    browser.post(address, {"break_after_min": "", "break_after_items": ""})
    own = shifts.own_breaks_of(ana)
    assert (own.break_after_min, own.break_after_items) == (None, None)


@pytest.mark.parametrize("minutes", ["0", "241", "soon"])
def test_breaks_out_of_a_lines_bounds_are_refused_and_stay_typed(
    browser: Client, ana: User, minutes: str
) -> None:
    refused = browser.post(
        reverse("own-breaks"), {"break_after_min": minutes, "break_after_items": "9"}
    )

    assert refused.status_code == 422
    page = refused.content.decode()
    assert f'value="{minutes}"' in page
    assert 'role="alert"' in page
    assert 'name="first_name"' in page
    assert shifts.own_breaks_of(ana).break_after_items is None
