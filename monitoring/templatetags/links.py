"""Links between dashboards that keep the days, the zone and the segment."""

from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

register = template.Library()


@register.simple_tag(takes_context=True)
def kept_url(context: Context, name: str, *args: str, **changes: object) -> str:
    """Give the address of a page for the days, zone and segment of this one.

    What is named is changed or added; an empty word drops it.
    """
    query = kept_query(context, **changes)
    return reverse(name, args=args) + (query if query != "?" else "")


@register.simple_tag(takes_context=True)
def kept_query(context: Context, **changes: object) -> str:
    """Give the same for another look at this page, from the question mark on."""
    given = getattr(context.get("asked_span"), "given", {})
    kept = {**given, **changes}
    return "?" + urlencode({name: value for name, value in kept.items() if value})
