"""Gold read on purpose: the warm-up before a shift, and a line's qualification."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviewapp import access
from reviewapp.errors import ConflictError
from reviewapp.forms.gold import RunAnswerForm
from reviewapp.forms.reviews import first_error
from reviewapp.models import GoldRead, GoldRun, GoldUse, ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import gold, qualifications
from reviewapp.services.answers import answers_for, put_on_before
from reviewapp.services.several import beside_gold, names_on
from reviewapp.services.workbench import cells_of
from reviewapp.views.media import send_medium


@require_POST
@access.signed_in
def begin(request: PageRequest, slug: str) -> HttpResponse:
    """Lay out a warm-up or a qualification for the person."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    asked = request.POST.get("use", GoldUse.WARM_UP)
    use = GoldUse.QUALIFICATION if asked == GoldUse.QUALIFICATION else GoldUse.WARM_UP
    if use is GoldUse.QUALIFICATION and not line.qualification_size:
        raise Http404
    try:
        run = qualifications.begin_run(line, use, by=request.user)
    except ConflictError as refusal:
        messages.error(request, refusal.message)
        return redirect("review-queue", slug=line.slug)
    return redirect("gold-run", slug=line.slug, run_id=run.pk)


@require_http_methods(["GET", "POST"])
@access.signed_in
def run(request: PageRequest, slug: str, run_id: int) -> HttpResponse:
    """Show what is to be read next, or take an answer."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    found = access.run_of(line, request.user, run_id)
    if request.method == "GET":
        return _show(request, line, found)
    form = RunAnswerForm(
        request.POST, classes=line.open_classes, allows_several=line.allows_several
    )
    if not form.is_valid():
        return _show(request, line, found, refusal=first_error(form), status=422)
    try:
        read = qualifications.answer_read(
            found,
            place=form.cleaned_data["place"],
            answer=form.cleaned_data["answer"],
            also=form.also,
            by=request.user,
        )
    except ConflictError as refused:
        return _show(request, line, found, refusal=refused.message, status=409)
    if found.use == GoldUse.WARM_UP:
        return redirect(f"{request.path}?told={read.place}")
    return redirect("gold-run", slug=line.slug, run_id=found.pk)


@require_GET
@access.signed_in
def medium(
    request: PageRequest, slug: str, run_id: int, place: int
) -> HttpResponseBase:
    """Send the picture or recording of the item of a run that is read now."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    found = access.run_of(line, request.user, run_id)
    read = qualifications.next_read(found)
    if read is None or read.place != place:
        raise Http404
    payload = read.gold.item.payload
    if not payload.media_path:
        raise Http404
    return send_medium(request, payload.media_path, payload.media_type)


def _show(
    request: PageRequest,
    line: ProductLine,
    found: GoldRun,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    found.refresh_from_db()
    following = qualifications.next_read(found)
    reads = GoldRead.objects.filter(run=found)
    payload = following.gold.item.payload if following else None
    is_over = following is None
    told = _told(request, found)
    context = {
        "line": line,
        "run": found,
        "is_warm_up": found.use == GoldUse.WARM_UP,
        "read": following,
        "payload": payload,
        "cells": cells_of(payload, line.schema) if payload else [],
        "answers": answers_for(
            request.user,
            line.open_classes,
            chosen=put_on_before(
                request.POST.getlist("answer"),
                at=request.POST.get("place", ""),
                place=following.place if following else None,
            ),
        ),
        "told": told,
        "beside": beside_gold(told, line, names_on(line))
        if told and line.allows_several
        else None,
        "answered": reads.filter(answered_at__isnull=False).count(),
        "of": reads.count(),
        "score": qualifications.score_of(found) if is_over else None,
        "terms": gold.terms_of(line),
        "refusal": refusal,
    }
    return page(request, "gold/run.html", context, part="review", status=status)


def _told(request: PageRequest, found: GoldRun) -> GoldRead | None:
    """Give the read of a warm-up that the page tells the answer of."""
    place = request.GET.get("told", "")
    if found.use != GoldUse.WARM_UP or not place.isdecimal():
        return None
    told = GoldRead.objects.filter(run=found, answered_at__isnull=False)
    return (
        told.select_related("gold__label_class", "label_class")
        .filter(place=place[:4])
        .first()
    )
