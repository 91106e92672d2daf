"""The span, the zone and the segment in the address, so that a link can be shared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _

from monitoring.services.series import EARLIEST, LATEST, Span
from reviewapp.models import ProductLine
from reviewapp.pages import PageRequest

CHOICES = (7, 30, 90, 365)
USUAL = 30
LONGEST = 1_100


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSpan:
    """A span as it was asked for, with what a page needs to offer another one.

    ``given`` is what the address named of days, zone and segment, and what made sense.
    """

    span: Span
    days: int | None
    zones: list[str]
    segments: list[str] = field(default_factory=list)
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def choices(self) -> tuple[int, ...]:
        """Lengths that are offered."""
        return CHOICES


def read_span(
    request: PageRequest,
    line: ProductLine,
    *,
    at: datetime,
    segments: Sequence[str] = (),
) -> AskedSpan:
    """Read the span of an address, and fall back politely where it makes no sense.

    A page that can be told by segment says which ones there are. Whoever asks for
    anything but a page gets 400 instead.
    """
    wrong: list[str] = []
    zone = _zone(request, line, wrong.append)
    today = at.astimezone(zone).date()
    days, first, last = _days(request, today, wrong.append)
    segment = request.GET.get("segment", "")
    if segment and segment not in segments:
        wrong.append(_("There is no segment %(name)r.") % {"name": segment[:60]})
        segment = ""
    refuse_politely(request, wrong)
    given = {
        "days": str(days) if str(days) == request.GET.get("days") else "",
        "from": "" if days else first.isoformat(),
        "to": last.isoformat() if not days and request.GET.get("to") else "",
        "zone": zone.key if zone.key == request.GET.get("zone") else "",
        "segment": segment,
    }
    return AskedSpan(
        span=Span(first=first, last=last, zone=zone, segment=segment),
        days=days,
        zones=sorted({line.time_zone, request.user.time_zone or "UTC", zone.key}),
        segments=list(segments),
        given={name: value for name, value in given.items() if value},
    )


def refuse_politely(request: PageRequest, wrong: Sequence[str]) -> None:
    """Say what of an address makes no sense: to a person on the page, else as 400.

    A machine would take the usual span for the one it asked for.
    """
    if wrong and "text/html" not in request.headers.get("Accept", "text/html"):
        raise BadRequest(" ".join(wrong))
    for said in wrong:
        messages.warning(request, said)


def _zone(
    request: PageRequest, line: ProductLine, refuse: Callable[[str], None]
) -> ZoneInfo:
    usual = request.user.time_zone or line.time_zone
    name = request.GET.get("zone", "") or usual
    if name not in available_timezones():
        refuse(
            _("There is no zone %(name)r; these are days of %(usual)s.")
            % {"name": name[:60], "usual": usual}
        )
        name = usual
    return ZoneInfo(name)


def _days(
    request: PageRequest, today: date, refuse: Callable[[str], None]
) -> tuple[int | None, date, date]:
    given = (request.GET.get("from", ""), request.GET.get("to", ""))
    usual = (USUAL, today - timedelta(days=USUAL - 1), today)
    if any(given):
        try:
            first = date.fromisoformat(given[0])
            last = date.fromisoformat(given[1]) if given[1] else today
        except ValueError:
            refuse(_("Write days as 2026-03-01; these are the last 30."))
            return usual
        if first < EARLIEST or last > LATEST:
            refuse(
                _("Days lie between %(first)s and %(last)s; these are the last 30.")
                % {"first": EARLIEST.year, "last": LATEST.year}
            )
            return usual
        if not 0 <= (last - first).days < LONGEST:
            refuse(_("From comes before to, three years at most; these are 30 days."))
            return usual
        return None, first, last
    text = request.GET.get("days", str(USUAL))
    if text not in map(str, CHOICES):
        refuse(
            _("%(days)r is no span that is offered; these are the last 30 days.")
            % {"days": text[:20]}
        )
        return usual
    return int(text), today - timedelta(days=int(text) - 1), today
