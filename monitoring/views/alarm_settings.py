"""What a line sets for its alarms: what they may do, when it works, who is told."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from monitoring.forms.alarms import (
    WEEKDAYS,
    PauseForm,
    TermsForm,
    WeekForm,
)
from monitoring.models import WorkWeek
from monitoring.services import alarm_terms, calendars
from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.models import ProductLine, Role
from reviewapp.pages import PageRequest, page


@require_GET
@access.signed_in
def settings_page(request: PageRequest, slug: str) -> HttpResponse:
    """Show what a line sets for its alarms."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    return _settings(request, line)


def _settings(
    request: PageRequest, line: ProductLine, *, status: int = 200, **changes: object
) -> HttpResponse:
    terms = alarm_terms.terms_of(line)
    context: dict[str, Any] = {
        "line": line,
        "tab": "alarms",
        "roles": access.roles_on(request.user, line),
        "terms": terms,
        "terms_form": TermsForm(terms=terms),
        "week_form": WeekForm(initial=_week_of(line)),
        "pause_form": PauseForm(line=line),
        "pauses": line.pauses.not_over(timezone.now()).select_related("planned_by"),
    }
    return page(request, "alarms/settings.html", context | changes, status=status)


def _week_of(line: ProductLine) -> dict[str, str]:
    week = WorkWeek.objects.filter(line=line).first()
    if week is None:
        return {}
    days = {
        key: ", ".join(
            f"{shift['from']}-{shift['to']}"
            for shift in week.shifts
            if shift["weekday"] == number
        )
        for number, (key, _name) in enumerate(WEEKDAYS)
    }
    return days | {"holidays": "\n".join(week.holidays)}


@require_POST
@access.signed_in
def set_terms(request: PageRequest, slug: str) -> HttpResponse:
    """Say what alarms may do by themselves."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = TermsForm(request.POST, terms=alarm_terms.terms_of(line))
    if not form.is_valid():
        return _settings(request, line, status=422, terms_form=form)
    alarm_terms.set_terms(
        line,
        lowers_to=form.lowers_to,
        narrows=form.narrows,
        cool_down_h=form.cleaned_data["cool_down_h"],
        fresh_labels=form.cleaned_data["fresh_labels"],
        by=request.user,
    )
    messages.success(request, _("Saved."))
    return redirect("alarm-settings", slug=line.slug)


@require_POST
@access.signed_in
def set_week(request: PageRequest, slug: str) -> HttpResponse:
    """Say when the line works."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = WeekForm(request.POST)
    if not form.is_valid():
        return _settings(request, line, status=422, week_form=form)
    calendars.set_week(
        line,
        shifts=form.cleaned_data["shifts"],
        holidays=form.cleaned_data["holidays"],
        by=request.user,
    )
    messages.success(request, _("Saved."))
    return redirect("alarm-settings", slug=line.slug)


@require_POST
@access.signed_in
def plan_pause(request: PageRequest, slug: str) -> HttpResponse:
    """Plan that the line stands still for a while."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = PauseForm(request.POST, line=line)
    if not form.is_valid():
        return _settings(request, line, status=422, pause_form=form)
    try:
        calendars.plan_pause(line, **form.cleaned_data, by=request.user)
    except RefusedError as refusal:
        form.add_error("ends_at", refusal.message)
        return _settings(request, line, status=422, pause_form=form)
    messages.success(request, _("The pause is planned."))
    return redirect("alarm-settings", slug=line.slug)


@require_POST
@access.signed_in
def withdraw_pause(request: PageRequest, slug: str, pause_id: int) -> HttpResponse:
    """Take a planned pause back."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    pause = get_object_or_404(line.pauses, pk=pause_id)
    try:
        calendars.withdraw_pause(pause, by=request.user)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    return redirect("alarm-settings", slug=line.slug)
