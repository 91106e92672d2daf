"""Items of a line: the list, and each one's story."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reviewapp import access
from reviewapp.errors import ConflictError
from reviewapp.forms.books import ExampleForm
from reviewapp.forms.numbers import whole_number
from reviewapp.models import Item, ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import lines, reviews
from reviewapp.services.places import places_of
from reviewapp.services.stories import marks_of, story_of
from reviewapp.services.workbench import cells_of
from reviewapp.views.media import send_medium

PAGE_SIZE = 50
READERS = (Role.MANAGER, Role.SCIENTIST)


@require_GET
@access.signed_in
def items(request: PageRequest, slug: str) -> HttpResponse:
    """List a line's items, the newest first, by pages that need no count."""
    line = access.line_for(request.user, slug, *READERS)
    found = Item.objects.of_line(line).with_story().newest_first()
    only_flagged = "flagged" in request.GET
    if only_flagged:
        found = found.flagged()
    if "before" in request.GET:
        before = whole_number(request.GET["before"])
        if before is None:
            raise BadRequest(_("This page of the list is none that was linked to."))
        found = found.filter(pk__lt=before)
    shown = list(found[: PAGE_SIZE + 1])
    context: dict[str, Any] = {
        "line": line,
        "tab": "items",
        "roles": access.roles_on(request.user, line),
        "items": shown[:PAGE_SIZE],
        "only_flagged": only_flagged,
        "next_before": shown[PAGE_SIZE - 1].pk if len(shown) > PAGE_SIZE else None,
    }
    return page(request, "items/items.html", context)


@require_GET
@access.signed_in
def item(request: PageRequest, slug: str, item_id: UUID) -> HttpResponse:
    """Tell an item's story.

    Whoever also inspects this line sees the prediction only after asking for it, which
    is noted: who has seen it can be no independent witness.
    """
    line = access.line_for(request.user, slug, *READERS)
    found = access.item_for(request.user, line, item_id)
    hides = _hides_prediction(request, line, found)
    context = {
        "line": line,
        "tab": "items",
        "roles": access.roles_on(request.user, line),
        "item": found,
        "cells": cells_of(found.payload, line.schema)
        if hasattr(found, "payload")
        else [],
        "marks": marks_of(found) if hasattr(found, "payload") else [],
        "hides_prediction": hides,
        # whoever may still read it must not learn whether it was drawn
        "places": [] if hides else places_of(found, line),
        "example_form": ExampleForm(classes=line.open_classes),
        "examples": found.book_examples.select_related("edition", "label_class"),
        "entries": story_of(found, is_for_witness=hides),
    }
    return page(request, "items/item.html", context)


def _hides_prediction(request: PageRequest, line: ProductLine, found: Item) -> bool:
    is_witness = request.user.has_role(line, Role.INSPECTOR)
    is_gold = hasattr(found, "gold") and found.gold.retired_at is None
    is_open = is_gold or found.reviews.waiting().exists()
    has_seen = found.exposures.filter(user=request.user).exists()
    has_answered = found.labels.filter(inspector=request.user).exists()
    return is_witness and is_open and not has_seen and not has_answered


@require_POST
@access.signed_in
def show_prediction(request: PageRequest, slug: str, item_id: UUID) -> HttpResponse:
    """Note that the person sees the prediction, and show it."""
    line = access.line_for(request.user, slug, *READERS)
    found = access.item_for(request.user, line, item_id)
    reviews.expose_item(found, request.user)
    return redirect("line-item", slug=slug, item_id=item_id)


@require_POST
@access.signed_in
def set_golden(request: PageRequest, slug: str, item_id: UUID) -> HttpResponse:
    """Put an item beside those in front as the golden sample, or take it away."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    found = access.item_for(request.user, line, item_id)
    chosen = None if request.POST.get("golden") == "no" else found
    try:
        lines.set_golden(line, chosen, by=request.user)
    except ConflictError as refusal:
        messages.error(request, refusal.message)
    return redirect("line-item", slug=slug, item_id=item_id)


@require_GET
@access.signed_in
def medium(request: PageRequest, slug: str, item_id: UUID) -> HttpResponseBase:
    """Send an item's picture or recording."""
    line = access.line_for(request.user, slug, *READERS)
    found = access.item_for(request.user, line, item_id)
    if not hasattr(found, "payload") or not found.payload.media_path:
        raise Http404
    payload = found.payload
    return send_medium(request, payload.media_path, payload.media_type)
