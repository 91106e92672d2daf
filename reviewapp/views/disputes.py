"""Disputes: a reader raises one, a manager who has not read the item answers it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reviewapp import access
from reviewapp.errors import InvalidInputError, RefusedError
from reviewapp.forms.shifts import DisputeAnswerForm, ReasonForm
from reviewapp.models import Dispute, DisputeOutcome, ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import disputes
from reviewapp.services.workbench import cells_of
from reviewapp.views.shifts import own_page

MOST_SHOWN = 50


@require_POST
@access.signed_in
def dispute_decision(request: PageRequest, slug: str, label_id: int) -> HttpResponse:
    """Hold something against what an adjudicator made of an item one has read."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)

    def dispute(reason: str) -> Dispute:
        return disputes.dispute_decision(label_id, line, by=request.user, reason=reason)

    return _raised(request, line, dispute)


@require_POST
@access.signed_in
def dispute_gold(request: PageRequest, slug: str, read_id: int) -> HttpResponse:
    """Hold something against the known answer of gold that one was told of."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    read = access.told_read(request.user, line, read_id)

    def dispute(reason: str) -> Dispute:
        return disputes.dispute_gold(read, line, by=request.user, reason=reason)

    return _raised(request, line, dispute)


def _raised(
    request: PageRequest, line: ProductLine, dispute: Callable[[str], Dispute]
) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        dispute(reason)
    except RefusedError as refusal:
        return own_page(
            request,
            line,
            status=_status(refusal),
            refusal=refusal.message,
            kept_reason=request.POST.get("reason", "")[:1000],
        )
    messages.success(request, _("Disputed. A manager answers, and you are told here."))
    return redirect("line-shifts", slug=line.slug)


@require_GET
@access.signed_in
def line_disputes(request: PageRequest, slug: str) -> HttpResponse:
    """List the disputes of a line, those that wait first."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    return _show(request, line)


@require_POST
@access.signed_in
def answer(request: PageRequest, slug: str, dispute_id: int) -> HttpResponse:
    """Answer a dispute in words."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    dispute = access.dispute_of(line, dispute_id)
    form = DisputeAnswerForm(request.POST)
    if not form.is_valid():
        refusal = _("Choose whether it is upheld, and answer in words.")
        return _show(request, line, status=422, refusal=refusal)
    try:
        disputes.answer_dispute(
            dispute,
            outcome=DisputeOutcome(form.cleaned_data["outcome"]),
            words=form.cleaned_data["words"],
            by=request.user,
        )
    except RefusedError as refused:
        return _show(
            request,
            line,
            status=_status(refused),
            refusal=refused.message,
            kept=(dispute.pk, form.cleaned_data["words"]),
        )
    messages.success(request, _("Answered. The person who disputed it is told."))
    return redirect("line-disputes", slug=line.slug)


def _status(refusal: RefusedError) -> int:
    """Tell words that are too short or long from what has moved on meanwhile."""
    return 422 if isinstance(refusal, InvalidInputError) else 409


def _show(
    request: PageRequest, line: ProductLine, *, status: int = 200, **told: object
) -> HttpResponse:
    found = line.disputes.with_answer().with_judge(request.user)
    waiting = found.open().select_related("item__payload").order_by("pk")
    context = {
        "line": line,
        "tab": "inspectors",
        "roles": access.roles_on(request.user, line),
        "waiting": [
            {"dispute": one, "cells": _cells(one, line)} for one in waiting[:MOST_SHOWN]
        ],
        "answered": list(found.answered().order_by("-pk")[:MOST_SHOWN]),
    }
    return page(request, "shifts/disputes.html", context | told, status=status)


def _cells(dispute: Dispute, line: ProductLine) -> list[object]:
    payload = getattr(dispute.item, "payload", None)
    return [*cells_of(payload, line.schema)] if payload else []
