"""Alarms: what rings, what it probably is, and what people do about it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from monitoring.diagnosis import diagnose_kept
from monitoring.forms.alarms import (
    ClearForm,
    HandOverForm,
    NoteForm,
    SeenForm,
    SnoozeForm,
)
from monitoring.models import Alarm
from monitoring.models.alarms import AlarmQuerySet
from monitoring.services import alarms
from monitoring.services.alarm_terms import cool_down
from monitoring.services.deliveries import away_on
from monitoring.services.early_looks import seen_since
from monitoring.services.fates import fates_of, story_of
from monitoring.services.freshness import gaps
from monitoring.services.inspectors import note_look, reader_of
from monitoring.services.watching import warned
from monitoring.services.witnesses import Witnesses, witnesses_of
from reviewapp import access
from reviewapp.errors import ConflictError, RefusedError
from reviewapp.models import ProductLine, Role, User
from reviewapp.pages import PageRequest, page

STATES = ("open", "over", "all")
ON_A_PAGE = 50
# Who may read items one by one; of one about a reader only managers do.
READERS = (Role.MANAGER, Role.SCIENTIST)


@require_GET
@access.signed_in
def line_alarms(request: PageRequest, slug: str) -> HttpResponse:
    """List a line's alarms with what became of them, and what is about to ring."""
    seen = access.line_for(request.user, slug)
    at = timezone.now()
    context = _list_context(request, seen.alarms.all()) | {
        "line": seen,
        "tab": "alarms",
        "roles": access.roles_on(request.user, seen),
        "gaps": gaps(seen, at=at),
        "warned": warned(seen, at=at),
        "disabled": seen.webhooks.standing().filter(disabled_at__isnull=False),
        "has_mail": bool(settings.EMAIL_HOST),
    }
    return page(request, "alarms/line.html", context)


@require_GET
@access.signed_in
def own_alarms(request: PageRequest) -> HttpResponse:
    """List the alarms of all lines that the person works on."""
    visible = Alarm.objects.visible_to(request.user)
    return page(request, "alarms/all.html", _list_context(request, visible))


def _list_context(request: PageRequest, listed: AlarmQuerySet) -> dict[str, Any]:
    asked = request.GET.get("state", "open")
    state = asked if asked in STATES else "open"
    chosen = {
        "open": listed.open(),
        "over": listed.exclude(cleared_at=None),
        "all": listed,
    }[state]
    pages = Paginator(chosen.with_story(), ON_A_PAGE)
    return {
        "state": state,
        "states": STATES,
        "shown": pages.get_page(request.GET.get("page")),
        "has_any": listed.exists(),
        "fates": fates_of(listed, at=timezone.now()),
    }


@require_GET
@access.signed_in
def alarm(request: PageRequest, slug: str, alarm_id: int) -> HttpResponse:
    """Show one alarm: what, since when, what it probably is, what was done."""
    seen = access.line_for(request.user, slug)
    shown = _alarm_of(seen, alarm_id)
    if shown.is_about_a_reader and request.user.has_role(seen, Role.MANAGER):
        note_look(seen, by=request.user, at="alarm")
    return _alarm_page(request, seen, shown)


def _alarm_of(line: ProductLine, alarm_id: int) -> Alarm:
    found = get_object_or_404(line.alarms.with_story(), pk=alarm_id)
    found.line = line
    return found


def _alarm_page(
    request: PageRequest,
    line: ProductLine,
    shown: Alarm,
    *,
    status: int = 200,
    **forms: Form | str,
) -> HttpResponse:
    roles = access.roles_on(request.user, line)
    away = away_on(line, at=timezone.now()) if shown.is_open else {}
    shows_figures = not shown.is_about_a_reader or Role.MANAGER in roles
    initial = {"seen": shown.turn}
    context: dict[str, Any] = {
        "line": line,
        "tab": "alarms",
        "roles": roles,
        "alarm": shown,
        "is_member": bool(roles - {"admin"}),
        "reader": reader_of(shown) if Role.MANAGER in roles else None,
        "shows_figures": shows_figures,
        "away": away.get(shown.owner_id or 0),
        "story": _story(shown),
        "suspects": diagnose_kept(shown.known),
        "suspected_first": diagnose_kept(shown.findings)[:1],
        "since": seen_since(shown),
        "may_read_items": not roles.isdisjoint(READERS),
        "witnesses": _witnesses(shown, roles) if shows_figures else None,
        "cool_down": cool_down(line, at=timezone.now()) if shown.lowered else None,
        "seen_form": SeenForm(initial=initial),
        "snooze_form": SnoozeForm(initial=initial),
        "hand_over_form": HandOverForm(initial=initial, line=line, away=away),
        "note_form": NoteForm(),
        "clear_form": ClearForm(initial=initial),
    }
    return page(request, "alarms/alarm.html", context | forms, status=status)


def _story(shown: Alarm) -> list[dict[str, Any]]:
    events = story_of(shown)
    handed_to = {event.details.get("to") for event in events} - {None}
    names = {
        person.pseudonym: str(person)
        for person in User.objects.filter(pseudonym__in=handed_to)
    }
    return [
        {"event": event, "to": names.get(event.details.get("to", ""), "")}
        for event in events
    ]


def _witnesses(shown: Alarm, roles: frozenset[str]) -> Witnesses | None:
    """Give the items that show it, to those who may see items."""
    return None if roles.isdisjoint(READERS) else witnesses_of(shown)


@require_POST
@access.signed_in
def acknowledge(request: PageRequest, slug: str, alarm_id: int) -> HttpResponse:
    """Take an alarm; anybody who works on the line may."""
    line = access.line_for(request.user, slug, *Role)
    shown = _alarm_of(line, alarm_id)
    form = SeenForm(request.POST)
    if not form.is_valid():
        return _alarm_page(request, line, shown, status=422)
    try:
        alarms.acknowledge(shown, by=request.user, seen=form.cleaned_data["seen"])
    except ConflictError as refusal:
        return _stale(request, line, alarm_id, refusal)
    messages.success(request, _("The alarm is yours."))
    return redirect("alarm", slug=line.slug, alarm_id=shown.pk)


@require_POST
@access.signed_in
def snooze(request: PageRequest, slug: str, alarm_id: int) -> HttpResponse:
    """Let an alarm rest for a while."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    shown = _alarm_of(line, alarm_id)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return _alarm_page(request, line, shown, status=422, snooze_form=form)
    try:
        alarms.snooze(
            shown,
            by=request.user,
            until=form.until(timezone.now()),
            seen=form.cleaned_data["seen"],
            words=form.cleaned_data["words"],
        )
    except ConflictError as refusal:
        return _stale(request, line, alarm_id, refusal, snooze_form=form)
    messages.success(request, _("The alarm rests and rings again by itself."))
    return redirect("alarm", slug=line.slug, alarm_id=shown.pk)


@require_POST
@access.signed_in
def hand_over(request: PageRequest, slug: str, alarm_id: int) -> HttpResponse:
    """Give an alarm to somebody else of the line."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    shown = _alarm_of(line, alarm_id)
    away = away_on(line, at=timezone.now())
    form = HandOverForm(request.POST, line=line, away=away)
    if not form.is_valid():
        return _alarm_page(request, line, shown, status=422, hand_over_form=form)
    to = form.cleaned_data["to"]
    try:
        alarms.hand_over(
            shown,
            to=to,
            by=request.user,
            seen=form.cleaned_data["seen"],
            words=form.cleaned_data["words"],
        )
    except ConflictError as refusal:
        return _stale(request, line, alarm_id, refusal, hand_over_form=form)
    messages.success(request, _("%(person)s has the alarm now.") % {"person": to})
    return redirect("alarm", slug=line.slug, alarm_id=shown.pk)


@require_POST
@access.signed_in
def note(request: PageRequest, slug: str, alarm_id: int) -> HttpResponse:
    """Write down what somebody thinks or found; anybody of the line may."""
    line = access.line_for(request.user, slug, *Role)
    shown = _alarm_of(line, alarm_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _alarm_page(request, line, shown, status=422, note_form=form)
    alarms.note(shown, by=request.user, words=form.cleaned_data["words"])
    return redirect("alarm", slug=line.slug, alarm_id=shown.pk)


@require_POST
@access.signed_in
def clear(request: PageRequest, slug: str, alarm_id: int) -> HttpResponse:
    """Close an alarm with what was found."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    shown = _alarm_of(line, alarm_id)
    form = ClearForm(request.POST)
    if not form.is_valid():
        return _alarm_page(request, line, shown, status=422, clear_form=form)
    try:
        alarms.clear_alarm(
            shown,
            by=request.user,
            found=form.cleaned_data["found"],
            seen=form.cleaned_data["seen"],
        )
    except ConflictError as refusal:
        return _stale(request, line, alarm_id, refusal, clear_form=form)
    messages.success(request, _("The alarm is cleared."))
    return redirect("alarm", slug=line.slug, alarm_id=shown.pk)


def _stale(
    request: PageRequest,
    line: ProductLine,
    alarm_id: int,
    refusal: RefusedError,
    **forms: Form,
) -> HttpResponse:
    """Show the alarm as it is now, why the act was refused, and what was written."""
    fresh = _alarm_of(line, alarm_id)
    for form in forms.values():
        # sent again, it is an answer to what is shown now
        form.data = request.POST.copy()
        form.data["seen"] = str(fresh.turn)
    return _alarm_page(
        request, line, fresh, status=409, refusal=refusal.message, **forms
    )
