"""Every address: closed to strangers, and in the table of who may what."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from monitoring.models import AlarmCause, Study
from monitoring.services import alarms, calendars, webhooks
from reviewapp.models import (
    Act,
    BookExample,
    Containment,
    ExampleKind,
    GoldItem,
    GoldRun,
    GoldUse,
    Item,
    Job,
    ProductLine,
    Review,
    Role,
    Scope,
    SetAside,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import books, motions, people, tokens
from reviewapp.services.datasets import take_snapshot
from tests import factories
from tests.house import of_shifts

# Whoever may come without signing in, and why.
OPEN = {
    "livez": "a probe",
    "readyz": "a probe",
    "metrics": "its token is the secret; without one only this machine itself",
    "sign-in": "the way in",
    "sign-out": "ends nothing for a stranger",
    "welcome": "its key is the secret",
    "invitation": "its key is the secret",
}
# What an inspector, a manager, a scientist and an admin of the installation get from a
# GET (or, where GET is refused, a POST without content): 200 or a refusal of content
# means "may", 403 "not with this role", 404 "not there".
TABLE = {
    **of_shifts.OF_SHIFTS,
    "board": (200, 200, 200, 200),
    "account": (200, 200, 200, 200),
    "password-change": (302, 302, 302, 302),
    "own-keys": (200, 200, 200, 200),
    "own-breaks": (302, 302, 302, 302),
    "keys-preset": (400, 400, 400, 400),
    "people": (403, 403, 403, 200),
    "person-invitation": (404, 404, 404, 200),
    "person-active": (404, 404, 404, 302),
    "line-new": (403, 403, 403, 200),
    "line-from-setup": (403, 403, 403, 200),
    "line-setup": (403, 200, 403, 200),
    "line": (200, 200, 200, 200),
    "level-raise": (403, 200, 403, 403),
    "level-lower": (302, 302, 403, 302),
    "policy-roll-back": (403, 404, 403, 403),
    "canary-narrow": (403, 302, 403, 302),
    "line-look": (403, 302, 403, 403),
    "line-canary": (403, 200, 403, 403),
    "line-history": (200, 200, 200, 200),
    "line-policy": (200, 200, 200, 200),
    "motion": (403, 200, 403, 200),
    "motion-withdraw": (403, 302, 403, 302),
    "gate-override": (403, 200, 403, 200),
    "line-gates": (403, 200, 403, 200),
    "gates-set": (403, 422, 403, 403),
    "floor-move": (403, 403, 403, 422),
    "canary-steps": (403, 422, 403, 403),
    "line-audits": (200, 200, 200, 200),
    "audit-terms": (403, 422, 403, 403),
    "line-containments": (403, 200, 403, 403),
    "containment-propose": (403, 422, 403, 403),
    "containment": (403, 200, 403, 403),
    "containment-open": (403, 422, 403, 403),
    "containment-close": (403, 422, 403, 403),
    "line-rivals": (403, 200, 200, 403),
    "candidate-promote": (403, 302, 403, 403),
    "candidate-share": (403, 302, 403, 403),
    "candidate-certify": (403, 302, 403, 403),
    "candidate-withdraw": (403, 302, 403, 403),
    "version-try": (403, 302, 403, 403),
    "version-return": (403, 302, 403, 403),
    "alarms": (200, 200, 200, 200),
    "own-reach": (200, 200, 200, 200),
    "line-alarms": (200, 200, 200, 200),
    "alarm": (200, 200, 200, 200),
    "alarm-acknowledge": (422, 422, 422, 403),
    "alarm-note": (422, 422, 422, 403),
    "alarm-snooze": (403, 422, 403, 403),
    "alarm-hand-over": (403, 422, 403, 403),
    "alarm-clear": (403, 422, 403, 403),
    "alarm-settings": (403, 200, 403, 403),
    "alarm-terms": (403, 422, 403, 403),
    "line-week": (403, 302, 403, 403),
    "pause-plan": (403, 422, 403, 403),
    "pause-withdraw": (403, 302, 403, 403),
    "line-webhooks": (403, 200, 403, 200),
    "webhook-make": (403, 422, 403, 422),
    "webhook-enable": (403, 422, 403, 422),
    "webhook-end": (403, 422, 403, 422),
    "webhook-renew": (403, 422, 403, 422),
    "system": (403, 403, 403, 200),
    "line-health": (200, 200, 200, 200),
    "line-metric": (200, 200, 200, 200),
    "line-agreement": (200, 200, 200, 200),
    "line-ways": (403, 200, 200, 403),
    "line-inputs": (200, 200, 200, 200),
    "line-farthest": (403, 200, 200, 403),
    "line-measuring": (403, 200, 403, 403),
    "window-size": (403, 422, 403, 403),
    "line-segments": (403, 422, 403, 403),
    "line-report": (200, 200, 200, 200),
    "line-thresholds": (403, 200, 200, 403),
    "classes-certify": (403, 200, 403, 403),
    "thresholds-sign": (403, 200, 403, 403),
    "line-costs": (403, 200, 403, 403),
    "line-stages": (200, 200, 200, 200),
    "line-confusion": (200, 200, 200, 200),
    "line-inspectors": (200, 200, 200, 200),
    "inspectors-by-name": (403, 200, 403, 403),
    "study-plan": (403, 200, 403, 403),
    "study": (404, 200, 404, 404),
    "study-close": (403, 302, 403, 403),
    "study-read": (404, 403, 403, 403),
    "study-take-back": (404, 403, 403, 403),
    "study-medium": (404, 403, 403, 403),
    "line-settings": (403, 200, 403, 200),
    "class-add": (403, 422, 403, 403),
    "class-retire": (403, 302, 403, 403),
    "line-looks": (403, 422, 403, 403),
    "line-bench": (403, 422, 403, 403),
    "line-order": (403, 422, 403, 403),
    "line-people": (403, 200, 403, 200),
    "membership-end": (403, 302, 403, 302),
    "line-tokens": (403, 200, 403, 200),
    "token-revoke": (403, 302, 403, 302),
    "line-asides": (403, 200, 403, 403),
    "aside-return": (403, 302, 403, 403),
    "aside-close": (403, 422, 403, 403),
    "line-items": (403, 200, 200, 403),
    "line-item": (403, 200, 200, 403),
    "item-medium": (403, 404, 404, 403),
    "item-golden": (403, 302, 403, 403),
    "line-golden": (404, 404, 404, 403),
    "item-show-prediction": (403, 302, 302, 403),
    "line-book": (200, 200, 200, 403),
    "book-news": (200, 403, 403, 403),
    "book-draft": (403, 200, 403, 403),
    "book-begin": (403, 302, 403, 403),
    "book-publish": (403, 422, 403, 403),
    "book-discard": (403, 302, 403, 403),
    "book-example-add": (403, 302, 403, 403),
    "book-example-remove": (403, 302, 403, 403),
    "book-medium": (404, 404, 404, 403),
    "line-gold": (403, 200, 403, 403),
    "gold-terms": (403, 422, 403, 403),
    "gold-make": (403, 302, 403, 403),
    "gold-retire": (403, 302, 403, 403),
    "gold-run-begin": (302, 403, 403, 403),
    "gold-run": (404, 403, 403, 403),
    "gold-run-medium": (404, 403, 403, 403),
    "line-versions": (403, 200, 200, 403),
    "version-train": (403, 302, 302, 403),
    "version-put-live": (403, 302, 403, 403),
    "line-datasets": (403, 200, 200, 403),
    "dataset-jsonl": (403, 200, 200, 403),
    "dataset-csv": (403, 200, 200, 403),
    "dataset-manifest": (403, 200, 200, 403),
    "review-queue": (200, 403, 403, 403),
    "review-begin": (302, 403, 403, 403),
    "review-undo": (409, 403, 403, 403),
    "review-put-back": (204, 403, 403, 403),
    "review-hold": (422, 403, 403, 403),
    "review-correct": (409, 404, 404, 404),
    "review": (302, 404, 404, 404),
    "review-answer": (422, 404, 404, 404),
    "review-skip": (422, 404, 404, 404),
    "review-flag": (422, 404, 404, 404),
    "review-release": (302, 404, 404, 404),
    "review-medium": (404, 404, 404, 404),
}
# Addresses that belong to no line.
OF_NO_LINE = {
    "board",
    "account",
    "password-change",
    "people",
    "line-new",
    "line-from-setup",
    "alarms",
    "system",
    "own-reach",
    "own-keys",
    "own-breaks",
    "keys-preset",
}
ROLES = (Role.INSPECTOR, Role.MANAGER, Role.SCIENTIST, None)


def named_patterns() -> dict[str, URLPattern]:
    """All named addresses outside the machines' door, which has its own tests."""
    found: dict[str, URLPattern] = {}

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, path)
            elif not path.startswith("api/") and pattern.name:
                found[pattern.name] = pattern

    walk(get_resolver().url_patterns, "")
    return found


@pytest.fixture
def addresses(line: ProductLine, zoe: User) -> dict[str, str]:
    """One real address for each name."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    item: Item = factories.make_item(line)
    review = Review.objects.get()
    token, _secret = tokens.create_token(
        line, name="camera", scopes=[Scope.INGEST], by=None
    )
    membership = people.give_role(zoe, line, Role.INSPECTOR, by=None)
    snapshot = take_snapshot(line, by=None)
    at = datetime.now(UTC)
    alarm = alarms.ring(line, AlarmCause.OUT_OF_BOUNDS, figures={}, at=at)
    assert alarm is not None
    pause = calendars.plan_pause(
        line, starts_at=at, ends_at=at + timedelta(days=1), reason="works", by=zoe
    )
    webhook, _key = webhooks.make_webhook(line, url="https://example.com/", by=zoe)
    study = Study.objects.create(line=line, number=1, trials=1, planned_by=zoe)
    assert study.number == snapshot.number
    motion = motions.move(
        line, Act.RAISE, {}, by=zoe, reason="so", seen_policy=2, evidence=None
    )
    contained = Containment.objects.create(
        line=line, version=version, label_class=line.classes.get(key="ok")
    )
    ok = line.classes.get(key="ok")
    edition = factories.make_edition(line, by=zoe)
    example = BookExample.objects.create(
        edition=books.begin_draft(line, by=zoe),
        label_class=ok,
        item=item,
        kind=ExampleKind.BORDERLINE,
    )
    gold = GoldItem.objects.create(item=item, line=line, label_class=ok, added_by=zoe)
    run = GoldRun.objects.create(line=line, inspector=zoe, use=GoldUse.WARM_UP)
    assert edition.number == 1
    arguments = of_shifts.make_rows(gold, run) | {
        "example_id": example.public_id,
        "gold_id": gold.pk,
        "run_id": run.pk,
        "motion_id": motion.pk,
        "slug": line.slug,
        "class_id": line.classes.get(key="ok").pk,
        "membership_id": membership.pk,
        "token_id": token.pk,
        "item_id": item.public_id,
        "version_id": factories.make_version(line).pk,
        "number": snapshot.number,
        "review_id": review.public_id,
        "alarm_id": alarm.pk,
        "pause_id": pause.pk,
        "webhook_id": webhook.pk,
        "place": 1,
        "way": "raise",
        "user_id": zoe.pk,
        "key": "none",
        "name": "none",
        "aside_id": SetAside.objects.create(
            line=line, item=item, because="unsettled"
        ).pk,
    }
    found = {}
    for name, pattern in named_patterns().items():
        wanted = {*pattern.pattern.converters}
        if name not in OF_NO_LINE | {"livez", "readyz"}:
            wanted |= _outer(name)
        given = {key: arguments[key] for key in wanted}
        if name in {"containment", "containment-open", "containment-close"}:
            given["number"] = contained.pk
        if name == "line-metric":
            given["key"] = "agreement"
        found[name] = reverse(name, kwargs=given)
    return found


def _outer(name: str) -> set[str]:
    """Names of the arguments that stand in the outer part of an address."""
    if name in {"review", *(n for n in TABLE if n.startswith("review-"))}:
        of_line = {"review-queue", "review-begin", "review-undo", "review-put-back"}
        of_line |= {"review-hold"}
        return {"slug"} if name in of_line else {"review_id"}
    of_line = {*TABLE} - OF_NO_LINE - {"person-invitation", "person-active"}
    return {"slug"} if name in of_line else set()


def ask(browser: Client, address: str) -> int:
    """Ask by GET, and by POST where GET is refused."""
    response = browser.get(address)
    if response.status_code == 405:
        response = browser.post(address)
    return response.status_code


def test_every_address_has_its_row_in_the_table() -> None:
    assert set(named_patterns()) == set(TABLE) | set(OPEN)


def test_a_stranger_is_sent_to_sign_in_everywhere(
    client: Client, addresses: dict[str, str]
) -> None:
    for name, address in addresses.items():
        if name in OPEN:
            continue
        for method in (client.get, client.post):
            response = method(address)
            assert response.status_code in {302, 405}, name
            if response.status_code == 302:
                assert response["Location"].startswith("/sign-in/"), name


@pytest.mark.parametrize("number", range(len(ROLES)))
def test_each_role_gets_what_the_table_says(
    line: ProductLine, addresses: dict[str, str], number: int
) -> None:
    role = ROLES[number]
    got = {}
    for name in TABLE:
        user = factories.make_user(f"person-{name}", is_superuser=role is None)
        if role is not None:
            people.give_role(user, line, role, by=None)
        browser = Client()
        browser.force_login(user, backend="reviewapp.sessions.PersonBackend")
        Job.objects.all().delete()
        Review.objects.update(
            claimed_by=None, claimed_at=None, claimed_until=None, claim_token=None
        )
        got[name] = ask(browser, addresses[name])

    assert got == {name: row[number] for name, row in TABLE.items()}


def test_outside_ones_lines_nothing_is_there(addresses: dict[str, str]) -> None:
    other = factories.make_line("Other line")
    browser = Client()
    browser.force_login(
        factories.make_manager(other, "max"),
        backend="reviewapp.sessions.PersonBackend",
    )

    for name, address in addresses.items():
        if name not in OF_NO_LINE | set(OPEN):
            assert ask(browser, address) == 404, name


def test_what_changes_something_refuses_get(
    line: ProductLine, mia: User, addresses: dict[str, str]
) -> None:
    changing = ["level-lower", "policy-roll-back", "class-add", "token-revoke"]
    changing += ["version-put-live", "version-train", "review-begin", "review-answer"]
    changing += ["alarm-acknowledge", "alarm-snooze", "alarm-hand-over", "alarm-note"]
    changing += [
        "motion-withdraw",
        "window-size",
        "line-segments",
        "gates-set",
        "floor-move",
    ]
    changing += ["alarm-clear", "alarm-terms", "line-week", "pause-plan"]
    changing += ["pause-withdraw", "webhook-make", "webhook-end", "webhook-enable"]
    changing += ["webhook-renew"]
    changing += ["review-put-back", "review-correct", "line-bench", "keys-preset"]
    changing += ["book-begin", "book-publish", "book-discard", "book-example-add"]
    changing += ["book-example-remove", "gold-terms", "gold-make", "gold-retire"]
    changing += ["gold-run-begin", "item-golden", "review-hold", "line-order"]
    changing += ["review-skip", "review-release", "review-undo", "item-show-prediction"]
    changing += of_shifts.CHANGE_SOMETHING
    browser = Client()
    browser.force_login(mia, backend="reviewapp.sessions.PersonBackend")

    for name in changing:
        assert browser.get(addresses[name]).status_code == 405, name
