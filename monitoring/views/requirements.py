"""What a line's gates ask for: the page on which it is set, with its floors."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from monitoring.forms.requirements import (
    NAMES,
    FloorForm,
    RequirementsForm,
    written,
)
from monitoring.services import evidence
from monitoring.views.signing import signed
from reviewapp import access
from reviewapp.errors import ConflictError, RefusedError
from reviewapp.models import Act, Cause, Policy, ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.requirements import floor_of
from reviewapp.services import requirements


@require_GET
@access.signed_in
def line_gates(request: PageRequest, slug: str) -> HttpResponse:
    """Show what a line's gates ask for, and how little they may."""
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    return _gates(request, line)


@require_POST
@access.signed_in
def set_gates(request: PageRequest, slug: str) -> HttpResponse:
    """Let the gates ask for more or less from now on; signed."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = _requirements_form(request, line, request.POST)
    if not form.is_valid():
        return _gates(request, line, status=422, form=form)
    answer = signed(
        request,
        line,
        form,
        partial(requirements.set_requirements, line, form.wanted),
        act=Act.GATES,
        said=lambda made: _("Saved as policy %(n)s.") % {"n": made.number},
        leads_to="line-gates",
        arguments=dict(form.wanted),
    )
    if isinstance(answer, int):
        return _gates(request, line, status=answer, form=form)
    return answer


@require_POST
@access.signed_in
def move_floor(request: PageRequest, slug: str) -> HttpResponse:
    """Move the floor of one setting; an admin's, in writing."""
    line = access.line_for(request.user, slug)
    access.require_admin(request.user)
    form = FloorForm(request.POST, person=request.user)
    if not form.is_valid():
        return _gates(request, line, status=422, floor_form=form)
    try:
        requirements.move_floor(
            line,
            form.cleaned_data["name"],
            to=form.floor,
            by=request.user,
            reason=form.cleaned_data["reason"],
            seen_policy=form.cleaned_data["seen_policy"],
        )
    except RefusedError as refusal:
        form.add_error(None, refusal.message)
        return _gates(request, line, status=_status(refusal), floor_form=form)
    messages.success(request, _("Saved as policy %(n)s.") % {"n": line.in_force.number})
    return redirect("line-gates", slug=line.slug)


def _status(refusal: RefusedError) -> int:
    return 409 if isinstance(refusal, ConflictError) else 422


def _requirements_form(
    request: PageRequest, line: ProductLine, *given: Any
) -> RequirementsForm:
    in_force = line.in_force
    return RequirementsForm(
        *given,
        person=request.user,
        asked=in_force.terms().requirements,
        floors=in_force.floors,
        readers_high=evidence.readers_high(line),
        initial={"seen_policy": in_force.number},
    )


def _gates(
    request: PageRequest, line: ProductLine, *, status: int = 200, **forms: object
) -> HttpResponse:
    in_force = line.in_force
    asked = in_force.terms().requirements
    context: dict[str, Any] = {
        "line": line,
        "tab": "settings",
        "roles": access.roles_on(request.user, line),
        "floor_form": FloorForm(
            person=request.user, initial={"seen_policy": in_force.number}
        ),
        "floors": [
            {
                "label": label,
                "asked": written(name, getattr(asked, name)),
                "floor": written(name, floor_of(name, in_force.floors)),
                "is_moved": name in in_force.floors,
            }
            for name, label in NAMES.items()
        ],
        "moves": _moves(line),
    }
    if "form" not in forms:
        context["form"] = _requirements_form(request, line)
    return page(request, "lines/gates.html", context | forms, status=status)


def _moves(line: ProductLine) -> list[dict[str, object]]:
    """Give what admins have moved, the newest first: what, when, by whom and why."""
    shown = []
    before: dict[str, float] = {}
    policies: list[Policy] = [
        *line.policies.filter(cause=Cause.FLOOR)
        .select_related("set_by")
        .order_by("number")
    ]
    for policy in policies:
        for name, floor in policy.floors.items():
            if before.get(name) != floor:
                shown.append(
                    {
                        "label": NAMES[name],
                        "floor": written(name, floor),
                        "from": written(name, floor_of(name, before)),
                        "policy": policy,
                    }
                )
        before = policy.floors
    return shown[::-1]
