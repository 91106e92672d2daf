"""Where each act that a diagnosis suggests is done, and who may go there."""

from collections.abc import Collection
from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.diagnosis import Act
from reviewapp.models import ProductLine, Role

register = template.Library()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page of the line on which an act is done, and who may open it.

    Without an address it is a part of the alarm's own page; without roles it is for
    everybody who sees the line.
    """

    title: str
    name: str = ""
    part: str = ""
    roles: frozenset[str] = frozenset()

    def is_open_to(self, roles: Collection[str]) -> bool:
        """Say whether somebody with these roles may open it."""
        return not self.roles or not self.roles.isdisjoint(roles)

    def address(self, line: ProductLine) -> str:
        """Give where it is, for a line."""
        page = reverse(self.name, args=[line.slug]) if self.name else ""
        return f"{page}#{self.part}" if self.part else page


MANAGER = frozenset({Role.MANAGER.value})
INSPECTOR = frozenset({Role.INSPECTOR.value})
READERS = frozenset({Role.MANAGER.value, Role.SCIENTIST.value})
MEMBERS = READERS | INSPECTOR

PLACES = {
    Act.LOOK_AT_BRIGHTNESS: (
        Place(title=gettext_noop("Inputs"), name="line-inputs"),
        Place(
            title=gettext_noop("Items that moved most"),
            name="line-farthest",
            roles=READERS,
        ),
    ),
    Act.SHOW_AUDITED_AND_LOWER: (
        Place(title=gettext_noop("Audits"), name="line-audits"),
        Place(
            title=gettext_noop("Containments"), name="line-containments", roles=MANAGER
        ),
    ),
    Act.WARN_ONLY: (
        Place(title=gettext_noop("Class by class"), name="line-confusion"),
        Place(title=gettext_noop("Add a note"), part="story-title", roles=MEMBERS),
    ),
    Act.COMPARE_INSPECTORS: (
        Place(
            title=gettext_noop("Figures by name"),
            name="inspectors-by-name",
            roles=MANAGER,
        ),
        Place(title=gettext_noop("Plan a study"), name="study-plan", roles=MANAGER),
        Place(
            title=gettext_noop("Your own reading"),
            name="line-inspectors",
            roles=INSPECTOR,
        ),
    ),
    Act.CERTIFY_ANEW: (
        Place(title=gettext_noop("Thresholds"), name="line-thresholds", roles=READERS),
        Place(
            title=gettext_noop("Certify the classes"),
            name="classes-certify",
            roles=MANAGER,
        ),
    ),
    Act.LOOK_AT_ITEMS: (
        Place(
            title=gettext_noop("Items that show it"), part="items-title", roles=READERS
        ),
        Place(title=gettext_noop("Add a note"), part="story-title", roles=MEMBERS),
    ),
}


@register.simple_tag
def act_places(
    act: Act, line: ProductLine, roles: Collection[str]
) -> list[dict[str, str]]:
    """Give where an act is done, as far as somebody with these roles may go there."""
    return [
        {"title": _(place.title), "address": place.address(line)}
        for place in PLACES[act]
        if place.is_open_to(roles)
    ]
