"""Lists of alarms: their pages lead both ways, keep the filter and say where one is."""

from monitoring.models import AlarmCause
from reviewapp.models import ProductLine, User
from tests.pages.test_alarms import browser_of, rung, text


def test_lists_lead_to_newer_and_older_alarms_and_keep_their_filter(
    line: ProductLine, mia: User
) -> None:
    for number in range(120):
        rung(line, cause=AlarmCause.OUT_OF_BOUNDS, subject=f"metric-{number}")
    browser = browser_of(mia)

    for address in (f"/lines/{line.slug}/alarms/", "/alarms/"):
        first, middle, last = (
            text(browser, f"{address}?state=all&page={page}") for page in (1, 2, 3)
        )
        assert "1 to 50 of 120" in first
        assert "51 to 100 of 120" in middle
        assert "101 to 120 of 120" in last
        newer = 'rel="prev" href="?state=all&amp;page={}"'
        older = 'rel="next" href="?state=all&amp;page={}"'
        assert older.format(2) in first
        assert 'rel="prev"' not in first
        assert newer.format(1) in middle
        assert older.format(3) in middle
        assert newer.format(2) in last
        assert 'rel="next"' not in last


def test_a_list_of_one_page_leads_nowhere(line: ProductLine, mia: User) -> None:
    rung(line)

    page = text(browser_of(mia), f"/lines/{line.slug}/alarms/")

    assert 'rel="prev"' not in page
    assert 'rel="next"' not in page
    assert "1 to 1 of 1" not in page
