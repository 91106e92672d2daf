"""Containments of a line: what an error proposes, and what became of what went back."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from monitoring.forms.containments import (
    CloseContainmentForm,
    OpenForm,
    ProposeForm,
    ScopeForm,
)
from monitoring.services.containing import beginning_of
from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.models import (
    Containment,
    ContainmentState,
    HeldOutcome,
    ProductLine,
    Role,
)
from reviewapp.models.containments import outcome_so_far
from reviewapp.pages import PageRequest, page
from reviewapp.services import containments

ON_A_PAGE = 50


@require_GET
@access.signed_in
def line_containments(request: PageRequest, slug: str) -> HttpResponse:
    """List a line's containments, and what errors propose."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    return _list_page(request, seen)


@require_POST
@access.signed_in
def propose(request: PageRequest, slug: str) -> HttpResponse:
    """Propose a containment by hand, as after an alarm."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    form = ProposeForm(request.POST, line=seen)
    if not form.is_valid():
        return _list_page(request, seen, status=422, form=form)
    proposed = containments.propose_by_hand(
        seen,
        version=form.cleaned_data["version"],
        label_class=form.cleaned_data["label_class"],
        by=request.user,
    )
    return redirect("containment", slug=slug, number=proposed.pk)


@require_GET
@access.signed_in
def containment(request: PageRequest, slug: str, number: int) -> HttpResponse:
    """Show what a containment would send back, or what became of what it did."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    found = _containment_of(seen, number)
    asked = "since" in request.GET
    form = ScopeForm(request.GET, line=seen, containment=found) if asked else None
    status = 422 if form is not None and not form.is_valid() else 200
    return _containment_page(request, seen, found, form, status=status)


@require_POST
@access.signed_in
def open_one(request: PageRequest, slug: str, number: int) -> HttpResponse:
    """Send what a containment names back to people."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    found = _containment_of(seen, number)
    form = OpenForm(request.POST, line=seen, containment=found)
    status = 422
    if form.is_valid():
        try:
            opened = containments.open_containment(
                seen,
                found.pk,
                since=form.cleaned_data["since"],
                only_group=form.cleaned_data.get("only_group", False),
                by=request.user,
                reason=form.cleaned_data["reason"],
            )
        except RefusedError as refusal:
            form.add_error(None, refusal.message)
            status = 409
        else:
            sent = opened.contained.count()
            messages.success(
                request,
                ngettext(
                    "%(n)d item is on its way to people.",
                    "%(n)d items are on their way to people.",
                    sent,
                )
                % {"n": sent}
                if opened.filled_at
                else _("The items are on their way to people."),
            )
            return redirect("containment", slug=slug, number=number)
    return _containment_page(
        request, seen, found, form if form.errors else None, status=status, open=form
    )


@require_POST
@access.signed_in
def close_one(request: PageRequest, slug: str, number: int) -> HttpResponse:
    """End a containment, or refuse a proposal, with what was found."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    found = _containment_of(seen, number)
    form = CloseContainmentForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            containments.close_containment(
                seen, found.pk, by=request.user, note=form.cleaned_data["note"]
            )
        except RefusedError as refusal:
            form.add_error(None, refusal.message)
            status = 409
        else:
            messages.success(request, _("Closed."))
            return redirect("containment", slug=slug, number=number)
    return _containment_page(request, seen, found, None, status=status, close=form)


def _containment_of(line: ProductLine, number: int) -> Containment:
    return get_object_or_404(line.containments.with_story(), pk=number)


def _list_page(
    request: PageRequest,
    seen: ProductLine,
    *,
    status: int = 200,
    form: ProposeForm | None = None,
) -> HttpResponse:
    pages = Paginator(seen.containments.with_story(), ON_A_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "line": seen,
        "tab": "audits",
        "roles": access.roles_on(request.user, seen),
        "shown": shown,
        "rows": [
            {"containment": one, "progress": containments.progress_of(one)}
            for one in shown
        ],
        "form": form or ProposeForm(line=seen),
    }
    return page(request, "containments/containments.html", context, status=status)


def _containment_page(
    request: PageRequest,
    seen: ProductLine,
    found: Containment,
    scope: Form | None,
    *,
    status: int = 200,
    **forms: Form,
) -> HttpResponse:
    context: dict[str, Any] = {
        "line": seen,
        "tab": "audits",
        "roles": access.roles_on(request.user, seen),
        "containment": found,
        "close_form": forms.get("close") or CloseContainmentForm(),
    }
    if found.state is ContainmentState.PROPOSED:
        context |= _proposal(seen, found, scope)
        context["open_form"] = forms.get("open") or OpenForm(
            initial=context["chosen"], line=seen, containment=found
        )
    else:
        context |= {
            "progress": containments.progress_of(found),
            "contained": found.contained.annotate(outcome=outcome_so_far())
            .select_related("item__decision__label_class")
            .order_by("pk")
            .exclude(outcome=HeldOutcome.CONFIRMED)[:ON_A_PAGE],
        }
    return page(request, "containments/containment.html", context, status=status)


def _proposal(
    seen: ProductLine, found: Containment, scope: Form | None
) -> dict[str, Any]:
    """Count what would go back, in the scope that was asked for and the other one."""
    beginning = beginning_of(seen, found)
    given = scope.cleaned_data if scope is not None and scope.is_valid() else {}
    since = given.get("since", beginning.at)
    only_group = given.get("only_group", bool(found.group))
    counts = {
        "all": containments.siblings(found, since=since, only_group=False).count()
    }
    if found.group:
        counts["group"] = containments.siblings(
            found, since=since, only_group=True
        ).count()
    local = since.astimezone(ZoneInfo(seen.time_zone))
    chosen = {"since": local.replace(tzinfo=None, microsecond=0)}
    chosen |= {"only_group": "group" if only_group else "all"}
    return {
        "beginning": beginning,
        "since": since,
        "only_group": only_group,
        "counts": counts,
        "sent": counts["group" if only_group and found.group else "all"],
        "chosen": chosen,
        "at": timezone.now(),
        "scope_form": scope
        if scope is not None and scope.errors and not isinstance(scope, OpenForm)
        else ScopeForm(initial=chosen, line=seen, containment=found),
    }
