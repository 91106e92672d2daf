"""Overriding shut gates: what an admin and a manager of the line sign together."""

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from monitoring.forms.overrides import OverrideForm
from monitoring.services import evidence
from monitoring.views.history import read_gates
from monitoring.views.signing import signed
from reviewapp import access
from reviewapp.gates import next_canary_share
from reviewapp.models import Act, LevelChoices, ProductLine, Role
from reviewapp.overrides import (
    LONGEST_DAYS,
    Way,
    firm_ones,
    gates_of,
    may_override,
    shut_ones,
)
from reviewapp.pages import PageRequest, page
from reviewapp.policy import next_rung
from reviewapp.services import overrides

USUAL_DAYS = 3


def override_context(seen: ProductLine) -> dict[str, Any]:
    """Give what a page shows of the override that lasts; nothing where none does."""
    lasting = overrides.override_on(seen)
    if lasting is None:
        return {}
    judged = read_gates(lasting.began.evidence or {})
    return {"override": lasting, "overridden": shut_ones(judged)}


@require_http_methods(["GET", "POST"])
@access.signed_in
def override(request: PageRequest, slug: str, way: str) -> HttpResponse:
    """Show which gates hold something back, and sign to let it through for days.

    It is moved, never done: the other one of admin and manager has to approve it.
    """
    seen = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    if way not in {one.value for one in Way}:
        raise Http404
    in_force = seen.in_force
    measured = evidence.gather(seen, is_shown=request.method == "GET")
    judged = gates_of(Way(way), in_force.terms(), measured)
    form = OverrideForm(
        request.POST or None,
        person=request.user,
        initial={"seen_policy": in_force.number, "days": USUAL_DAYS},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            wanted = {"way": way, "days": form.cleaned_data["days"]}
            answer = signed(
                request,
                seen,
                form,
                partial(overrides.let_through, seen, measured, **wanted),
                act=Act.OVERRIDE,
                said=lambda _policy: _("It is let through."),
                arguments=wanted,
            )
            if not isinstance(answer, int):
                return answer
            status = answer
    target = next_rung(in_force.automation_level)
    context = {
        "line": seen,
        "tab": "line",
        "roles": access.roles_on(request.user, seen),
        "form": form,
        "way": way,
        "target": LevelChoices(target) if target else None,
        "canary_next": next_canary_share(in_force.terms()),
        "gates": judged,
        "shut": shut_ones(judged),
        "firm": firm_ones(judged),
        "may_override": may_override(judged),
        "most_days": LONGEST_DAYS,
    }
    return page(request, "lines/override.html", context, status=status)
