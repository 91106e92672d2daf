"""A line's gold, as its managers keep it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.forms.gold import TermsForm
from reviewapp.models import GoldRead, Item, ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import gold, qualifications
from reviewapp.services.several import names_on

SHOWN = 50


@require_GET
@access.signed_in
def gold_of_line(request: PageRequest, slug: str) -> HttpResponse:
    """Show the gold, what can become gold, and who is qualified."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    return _show(request, line)


@require_POST
@access.signed_in
def set_terms(request: PageRequest, slug: str) -> HttpResponse:
    """Set how often gold comes and what qualifies."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = TermsForm(request.POST, instance=gold.terms_of(line), line=line)
    if not form.is_valid():
        return _show(request, line, status=422, form=form)
    gold.set_terms(
        line,
        form.instance,
        share=form.cleaned_data["share"] / 100,
        qualification_size=form.cleaned_data["qualification_size"],
        by=request.user,
    )
    messages.success(request, _("Saved. It holds for what is handed out from now on."))
    return redirect("line-gold", slug=line.slug)


@require_POST
@access.signed_in
def make(request: PageRequest, slug: str, item_id: UUID) -> HttpResponse:
    """Make gold of an adjudicated item."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    item = access.item_for(request.user, line, item_id)
    try:
        gold.make_gold(line, item, by=request.user)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    return redirect("line-gold", slug=line.slug)


@require_POST
@access.signed_in
def retire(request: PageRequest, slug: str, gold_id: int) -> HttpResponse:
    """Deal a gold item no more."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    gold.retire_gold(access.gold_of(line, gold_id), by=request.user)
    return redirect("line-gold", slug=line.slug)


def _show(
    request: PageRequest, line: ProductLine, *, status: int = 200, **forms: object
) -> HttpResponse:
    terms = gold.terms_of(line)
    kept = line.gold_items.filter(retired_at=None).select_related("label_class", "item")
    candidates = Item.objects.of_line(line).could_become_gold()
    context: dict[str, Any] = {
        "line": line,
        "tab": "inspectors",
        "roles": access.roles_on(request.user, line),
        "terms": terms,
        "form": TermsForm(instance=terms, line=line),
        "gold": list(kept[:SHOWN]),
        "in_use": line.gold_items.in_use().count(),
        "shown": SHOWN,
        "remarks": list(GoldRead.objects.remarks_on(line)[:SHOWN]),
        "candidates": list(candidates.with_story().newest_first()[:SHOWN]),
        "names": names_on(line),
        "standings": qualifications.standings_of(line),
    }
    return page(request, "gold/gold.html", context | forms, status=status)
