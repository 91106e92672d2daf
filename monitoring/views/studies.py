"""Studies: planning one, reading in one, and what it found."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from monitoring.forms.studies import StudyAnswerForm, StudyForm
from monitoring.models import Study, StudyRead
from monitoring.services import studies
from monitoring.services.inspectors import note_look
from monitoring.services.study_results import result_of
from reviewapp import access
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.forms.reviews import first_error
from reviewapp.models import ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services.answers import answers_for, put_on_before
from reviewapp.services.workbench import cells_of
from reviewapp.views.media import send_medium


@require_http_methods(["GET", "POST"])
@access.signed_in
def plan(request: PageRequest, slug: str) -> HttpResponse:
    """Ask for the size of a study and who takes part, and draw it."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    form = StudyForm(request.POST or None, line=seen)
    if request.method == "POST" and form.is_valid():
        try:
            study = studies.plan_study(
                seen,
                parts=form.cleaned_data["parts"],
                trials=form.cleaned_data["trials"],
                inspectors=list(form.cleaned_data["inspectors"]),
                by=request.user,
            )
        except InvalidInputError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request,
                _("Study %(number)s is planned. Its inspectors find it on this page.")
                % {"number": study.number},
            )
            return redirect("line-inspectors", slug=seen.slug)
    context = _frame(request, seen) | {"form": form}
    status = 422 if request.method == "POST" else 200
    return page(request, "inspectors/plan.html", context, status=status)


@require_GET
@access.signed_in
def study(request: PageRequest, slug: str, number: int) -> HttpResponse:
    """Show what a study found: a manager everybody's part, an inspector the own."""
    seen = access.line_for(request.user, slug)
    shown = _study_for(request, seen, number)
    manages = request.user.has_role(seen, Role.MANAGER)
    if manages:
        note_look(seen, by=request.user, at=f"study {shown.number}")
    progress = studies.progress_of(shown)
    context = _frame(request, seen) | {
        "study": shown,
        "parts": shown.parts.count(),
        "result": result_of(shown, only=None if manages else request.user),
        "progress": [
            one for one in progress if manages or one.inspector == request.user
        ],
        "may_read": studies.next_read(shown, request.user) is not None,
    }
    return page(request, "inspectors/study.html", context)


@require_POST
@access.signed_in
def close(request: PageRequest, slug: str, number: int) -> HttpResponse:
    """End a study before everything is read."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    shown = _study_for(request, seen, number)
    studies.close_study(shown, by=request.user)
    return redirect("study", slug=seen.slug, number=shown.number)


@require_http_methods(["GET", "POST"])
@access.signed_in
def read(request: PageRequest, slug: str, number: int) -> HttpResponse:
    """Show the next part to read, or take its answer and show the one after."""
    seen = access.line_for(request.user, slug, Role.INSPECTOR)
    shown = _study_for(request, seen, number, taking_part=True)
    if request.method == "GET":
        return _show(request, seen, shown)
    form = StudyAnswerForm(
        request.POST,
        classes=studies.classes_of(seen),
        allows_several=seen.allows_several,
    )
    if not form.is_valid():
        return _show(request, seen, shown, refusal=first_error(form), status=422)
    try:
        studies.answer_read(
            shown,
            place=form.cleaned_data["place"],
            answer=form.cleaned_data["answer"],
            also=form.also,
            by=request.user,
        )
    except ConflictError as refused:
        return _show(request, seen, shown, refusal=refused.message, status=409)
    return _follow(request, seen, shown)


@require_POST
@access.signed_in
def take_back(request: PageRequest, slug: str, number: int) -> HttpResponse:
    """Open the last answered part again."""
    seen = access.line_for(request.user, slug, Role.INSPECTOR)
    shown = _study_for(request, seen, number, taking_part=True)
    try:
        studies.take_back_last(shown, by=request.user)
    except ConflictError as refused:
        return _show(request, seen, shown, refusal=refused.message, status=409)
    return _follow(request, seen, shown)


@require_GET
@access.signed_in
def medium(
    request: PageRequest, slug: str, number: int, place: int
) -> HttpResponseBase:
    """Send the picture or recording of the part that is to be read now."""
    seen = access.line_for(request.user, slug, Role.INSPECTOR)
    shown = _study_for(request, seen, number, taking_part=True)
    following = studies.next_read(shown, request.user)
    if following is None or following.place != place:
        raise Http404
    payload = following.part.item.payload
    if not payload.media_path:
        raise Http404
    return send_medium(request, payload.media_path, payload.media_type)


def _study_for(
    request: PageRequest, seen: ProductLine, number: int, *, taking_part: bool = False
) -> Study:
    """Give a study to who takes part, and to managers where they may look."""
    open_to = Study.objects.of_line(seen)
    if taking_part or not request.user.has_role(seen, Role.MANAGER):
        open_to = open_to.taken_by(request.user)
    return get_object_or_404(open_to, number=number)


def _follow(request: PageRequest, seen: ProductLine, shown: Study) -> HttpResponse:
    if request.htmx:
        return _show(request, seen, shown)
    return redirect("study-read", slug=seen.slug, number=shown.number)


def _show(
    request: PageRequest,
    seen: ProductLine,
    shown: Study,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    reads = StudyRead.objects.of(shown, request.user)
    following = studies.next_read(shown, request.user)
    payload = following.part.item.payload if following else None
    context = {
        "line": seen,
        "study": shown,
        "read": following,
        "payload": payload,
        "cells": cells_of(payload, seen.schema) if payload else [],
        "answers": answers_for(
            request.user,
            studies.classes_of(seen),
            chosen=put_on_before(
                request.POST.getlist("answer"),
                at=request.POST.get("place", ""),
                place=following.place if following else None,
            ),
        ),
        "answered": reads.filter(answered_at__isnull=False).count(),
        "of": reads.count(),
        "refusal": refusal,
    }
    return page(request, "inspectors/read.html", context, part="review", status=status)


def _frame(request: PageRequest, seen: ProductLine) -> dict[str, Any]:
    return {
        "line": seen,
        "tab": "inspectors",
        "roles": access.roles_on(request.user, seen),
    }
