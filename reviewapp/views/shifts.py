"""One's own shifts: ending one, the list of them, and what an adjudicator changed."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from reviewapp import access
from reviewapp.models import Dispute, Item, Payload, ProductLine, Role, Shift
from reviewapp.pages import PageRequest, page
from reviewapp.services import disputes, shifts
from reviewapp.services.workbench import cells_of
from reviewapp.views.media import send_medium

MOST_SHOWN = 50


@require_POST
@access.signed_in
def end(request: PageRequest, slug: str) -> HttpResponse:
    """End the person's shift on a line, and show what it was."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    ended = shifts.end_shift(line, by=request.user)
    if ended is None:
        return redirect("line-shifts", slug=line.slug)
    return redirect("shift", slug=line.slug, shift_id=ended.pk)


@require_GET
@access.signed_in
def own_shifts(request: PageRequest, slug: str) -> HttpResponse:
    """List the person's shifts, what was adjudicated otherwise, and the disputes."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    return own_page(request, line)


def own_page(
    request: PageRequest, line: ProductLine, *, status: int = 200, **told: object
) -> HttpResponse:
    """Show the person's own shifts and disputes on a line, and what was refused."""
    own = Shift.objects.of(request.user, line)
    otherwise = disputes.adjudicated_otherwise(request.user, line)
    raised = Dispute.objects.of(request.user, line).with_answer()[:MOST_SHOWN]
    context: dict[str, Any] = {
        "line": line,
        "tab": "inspectors",
        "roles": access.roles_on(request.user, line),
        "open_shift": own.open().first(),
        "shifts": list(own.ended()[:MOST_SHOWN]),
        "otherwise": [
            {"label": label, "cells": cells_of(label.item.payload, line.schema)}
            for label in otherwise[:MOST_SHOWN]
        ],
        "disputes": list(raised),
        "disputed": {dispute.decision_id for dispute in raised},
    }
    return page(request, "shifts/shifts.html", context | told, status=status)


@require_GET
@access.signed_in
def otherwise_medium(
    request: PageRequest, slug: str, label_id: int
) -> HttpResponseBase:
    """Send the picture or recording of an item that was adjudicated otherwise."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    found = disputes.adjudicated_otherwise(request.user, line).filter(pk=label_id)
    label = found.first()
    return _medium(request, label.item if label else None)


@require_GET
@access.signed_in
def told_medium(request: PageRequest, slug: str, read_id: int) -> HttpResponseBase:
    """Send the picture or recording of gold that the person was told of."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    read = access.told_read(request.user, line, read_id)
    return _medium(request, read.gold.item)


def _medium(request: PageRequest, item: Item | None) -> HttpResponseBase:
    payload: Payload | None = getattr(item, "payload", None)
    if payload is None or not payload.media_path:
        raise Http404
    return send_medium(request, payload.media_path, payload.media_type)
