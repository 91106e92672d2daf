"""Where a suggested act is done: linked for those who may go there, and no others."""

import re

import pytest

from monitoring.diagnosis import Act, Findings, Trouble, diagnose_kept
from monitoring.templatetags.act_places import PLACES
from reviewapp.models import ProductLine, Role, User
from reviewapp.policy import AutomationLevel
from reviewapp.services import people
from tests import factories
from tests.pages.test_alarms import address_of, browser_of, rung, text

LINKS = re.compile(r'<li><a href="([^"]+)">')
SIGNS = {
    Trouble.LIGHTING: Findings(input_drift=True, first="inputs"),
    Trouble.NEW_DEFECT: Findings(escapes=True, input_drift=False, misses=True),
    Trouble.LOOK_ALIKE: Findings(overkill=True, predictions=True, escapes=False),
    Trouble.PEOPLE: Findings(inspectors=("a",)),
    Trouble.PREVALENCE: Findings(
        predictions=True, prevalence_ratio=2.0, overkill=False, escapes=False
    ),
    Trouble.CANNOT_SAY: Findings(),
}


BASE = "/lines/phone-screens/"
# Of managers, scientists, inspectors and admins.
LED = {
    Act.LOOK_AT_BRIGHTNESS: (
        {"inputs/", "inputs/farthest/"},
        {"inputs/", "inputs/farthest/"},
        {"inputs/"},
        {"inputs/"},
    ),
    Act.SHOW_AUDITED_AND_LOWER: (
        {"audits/", "containments/"},
        {"audits/"},
        {"audits/"},
        {"audits/"},
    ),
    Act.WARN_ONLY: (
        {"class-by-class/", "#story-title"},
        {"class-by-class/", "#story-title"},
        {"class-by-class/", "#story-title"},
        {"class-by-class/"},
    ),
    Act.COMPARE_INSPECTORS: (
        {"inspectors/by-name/", "studies/plan/"},
        set(),
        {"inspectors/"},
        set(),
    ),
    Act.CERTIFY_ANEW: (
        {"thresholds/", "thresholds/certify/"},
        {"thresholds/"},
        set(),
        set(),
    ),
    Act.LOOK_AT_ITEMS: (
        {"#items-title", "#story-title"},
        {"#items-title", "#story-title"},
        {"#story-title"},
        set(),
    ),
}


@pytest.mark.parametrize("trouble", SIGNS)
def test_a_suggested_act_leads_to_where_it_is_done_and_nobody_to_a_closed_door(
    line: ProductLine, mia: User, ana: User, ada: User, trouble: Trouble
) -> None:
    factories.put_at(line, AutomationLevel.SHADOW)
    sam = factories.make_user("sam")
    people.give_role(sam, line, Role.SCIENTIST, by=None)
    alarm = rung(line, findings=SIGNS[trouble])
    first = diagnose_kept(alarm.findings)[0]
    assert first.trouble is trouble

    for person, wanted in zip((mia, sam, ana, ada), LED[first.act], strict=True):
        browser = browser_of(person)
        page = text(browser, address_of(alarm))
        links = LINKS.findall(page.split('class="suspect"')[1])
        assert {link.removeprefix(BASE) for link in links} == wanted
        for link in links:
            if link.startswith("#"):
                assert f'id="{link[1:]}"' in page
            else:
                text(browser, link)


def test_every_act_has_a_place() -> None:
    assert PLACES.keys() == {*Act}
