"""Moving the level: down in one click, up through gates, a reason and a password."""

from dataclasses import asdict

import pytest
from django.test import Client

from monitoring.services import evidence
from reviewapp.errors import GateShutError
from reviewapp.evidence import Evidence
from reviewapp.models import Policy, ProductLine, Record, User
from reviewapp.parts import Part
from reviewapp.policy import AutomationLevel, Certificate
from reviewapp.services import levels
from reviewapp.services.policies import is_unchanged
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


@pytest.fixture
def mia_browser(mia: User) -> Client:
    return browser_of(mia)


def signed(line: ProductLine, **changes: object) -> dict[str, object]:
    given = {
        "reason": "three clean weeks",
        "password": "a-long-enough-password",
        "seen_policy": line.in_force.number,
    }
    return given | changes


def test_a_line_with_a_version_rises_to_shadow(
    mia_browser: Client, line: ProductLine, mia: User
) -> None:
    levels.put_live(line, factories.make_version(line), by=mia)

    response = mia_browser.post(f"/lines/{line.slug}/raise/", signed(line))

    assert response.status_code == 302
    line.refresh_from_db()
    raised = line.in_force
    assert (raised.level, raised.set_by, raised.reason) == (
        AutomationLevel.SHADOW,
        mia,
        "three clean weeks",
    )
    assert raised.evidence is not None
    assert len(raised.evidence_sha256) == 64
    assert Record.objects.filter(action="policy.raised", line=line).exists()


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"password": "not-the-password"}, 422, "This is not your password"),
        ({"reason": ""}, 422, "This field is required"),
        ({"seen_policy": 1}, 409, "Reload it and look again"),
    ],
)
def test_a_rise_without_its_signature_is_refused(
    mia_browser: Client,
    line: ProductLine,
    mia: User,
    change: dict[str, object],
    status: int,
    words: str,
) -> None:
    levels.put_live(line, factories.make_version(line), by=mia)

    response = mia_browser.post(f"/lines/{line.slug}/raise/", signed(line, **change))

    assert response.status_code == status
    assert words in response.content.decode()
    assert Policy.objects.filter(line=line, level__gt=0).count() == 0


def test_a_shut_gate_stops_the_rise_and_is_named(
    mia_browser: Client, line: ProductLine
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)

    response = mia_browser.post(f"/lines/{line.slug}/raise/", signed(line))

    page = response.content.decode()
    assert response.status_code == 409
    assert "cannot rise to assist" in page
    assert "0 of 1000 blind pairs" in page


def test_without_a_version_the_only_gate_says_what_to_do(
    mia_browser: Client, line: ProductLine
) -> None:
    page = mia_browser.get(f"/lines/{line.slug}/raise/").content.decode()

    assert "Register a version and put it live" in page
    assert "Your password" not in page


@pytest.mark.parametrize("to", ["manual", "shadow", "assist"])
def test_a_manager_lowers_to_any_rung_in_one_click(
    mia_browser: Client, line: ProductLine, to: str
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.PARTIAL)

    mia_browser.post(f"/lines/{line.slug}/lower/", {"level": to})

    line.refresh_from_db()
    assert line.in_force.level == AutomationLevel[to.upper()]


def test_lowering_never_raises(mia_browser: Client, line: ProductLine) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)

    mia_browser.post(f"/lines/{line.slug}/lower/", {"level": "full"})

    line.refresh_from_db()
    assert line.in_force.level == AutomationLevel.SHADOW


def test_an_inspector_stops_the_model_and_no_more(
    ana_browser: Client, line: ProductLine
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.PARTIAL)

    refused = ana_browser.post(f"/lines/{line.slug}/lower/", {"level": "manual"})
    ana_browser.post(f"/lines/{line.slug}/lower/")

    line.refresh_from_db()
    assert refused.status_code == 403
    assert line.in_force.level == AutomationLevel.SHADOW


def test_an_inspector_raises_nothing(ana_browser: Client, line: ProductLine) -> None:
    assert ana_browser.get(f"/lines/{line.slug}/raise/").status_code == 403


def test_rolling_back_is_no_way_up(
    mia_browser: Client, line: ProductLine, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.PARTIAL, canary_share=0.5, blind_share=0.1)
    high = line.in_force
    levels.lower_level(line, to=AutomationLevel.ASSIST, by=mia)
    factories.put_at(line, AutomationLevel.ASSIST, blind_share=0.3)

    mia_browser.post(f"/lines/{line.slug}/roll-back/", {"policy": high.number})

    line.refresh_from_db()
    restored = line.in_force
    assert restored.copy_of == high
    assert (restored.level, restored.blind_share) == (AutomationLevel.ASSIST, 0.3)


@pytest.mark.parametrize(
    ("then", "now", "kept"),
    [(None, 0.95, 0.95), (0.97, None, 0.97), (0.97, 0.95, 0.97), (None, None, None)],
)
def test_rolling_back_keeps_the_stricter_choice_of_a_certificate(
    line: ProductLine,
    mia: User,
    then: float | None,
    now: float | None,
    kept: float | None,
) -> None:
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    grant = asdict(
        Certificate(
            fingerprint=version.fingerprint,
            threshold=0.9,
            max_error=0.005,
            delta=0.05,
            labels=900,
            errors=0,
            upper=0.004,
            granted_by=2,
        )
    )
    other = grant | {"granted_by": 1}
    factories.put_at(
        line,
        AutomationLevel.SHADOW,
        certificates={"ok": grant | {"chosen": then}, "scratch": other},
    )
    earlier = line.in_force
    factories.put_at(
        line,
        AutomationLevel.SHADOW,
        certificates={"ok": grant | {"chosen": now}, "scratch": grant},
    )

    restored = levels.roll_back(line, earlier, by=mia)

    assert {*restored.certificates} == {"ok"}, "another grant is another certificate"
    assert restored.certificates["ok"]["chosen"] == kept


def test_what_was_signed_is_unchanged_when_it_is_read_back(
    line: ProductLine, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    enough = Evidence(
        blind_pairs=1200,
        agreed_pairs=1200,
        agreement_evidence=float("inf"),
        escape_evidence=1.2345e200,
        breach_evidence=1e-12,
        classes=(Part(name="ok", pairs=9, agreed=9, least=1, low=1e16, high=1.0),),
        days=9,
        shifts=1,
        drawn=1200,
        drawn_answered=1200,
        open_alarms=0,
        containments_proposed=0,
        containments_standing=0,
        version_is_ready=True,
    )

    raised = levels.raise_level(line, enough, by=mia, reason="enough", seen_policy=2)

    stored = Policy.objects.get(pk=raised.pk)
    assert stored.evidence is not None
    assert is_unchanged(stored.evidence, stored.evidence_sha256)
    changed = stored.evidence | {"measured": {}}
    assert not is_unchanged(changed, stored.evidence_sha256)
    assert not is_unchanged(None, stored.evidence_sha256)


def test_another_version_brings_the_line_to_shadow(
    mia_browser: Client, line: ProductLine
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    factories.put_at(line, AutomationLevel.ASSIST)
    before = line.in_force.live
    fresh = factories.make_version(line)

    mia_browser.post(f"/lines/{line.slug}/versions/{fresh.pk}/put-live/")

    line.refresh_from_db()
    now = line.in_force
    assert (now.level, now.live, now.previous) == (
        AutomationLevel.SHADOW,
        fresh,
        before,
    )


def test_evidence_of_one_rung_carries_only_to_the_next(
    line: ProductLine, mia: User
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    enough = Evidence(
        version_is_ready=True,
        blind_pairs=1200,
        agreed_pairs=1190,
        agreement_evidence=1e4,
        days=9,
        shifts=1,
        drawn=1200,
        drawn_answered=1200,
        open_alarms=0,
        containments_proposed=0,
        containments_standing=0,
    )

    raised = levels.raise_level(line, enough, by=mia, reason="enough", seen_policy=2)

    assert raised.level == AutomationLevel.ASSIST
    with pytest.raises(GateShutError, match="A class is certified"):
        levels.raise_level(line, enough, by=mia, reason="more", seen_policy=3)


def test_the_lines_page_tells_its_state(mia_browser: Client, line: ProductLine) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)

    page = mia_browser.get(f"/lines/{line.slug}/").content.decode()

    assert "Next rung: assist" in page
    assert "no blind pair yet" in page
    assert "Lower to manual" in page


def test_no_evidence_is_gathered_without_a_version(line: ProductLine) -> None:
    measured = evidence.gather(line)

    assert measured == Evidence(
        version_is_ready=False,
        open_alarms=0,
        containments_proposed=0,
        containments_standing=0,
    )
