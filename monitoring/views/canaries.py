"""The canary share of a line: its step, what opens the next one, and its terms."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from monitoring.forms.canaries import StepsForm
from monitoring.services import evidence
from monitoring.views.signing import signed, signing_form
from reviewapp import access, gates
from reviewapp.evidence import Evidence
from reviewapp.forms.signing import SignedForm
from reviewapp.models import Act, ProductLine, Role
from reviewapp.overrides import may_override
from reviewapp.pages import PageRequest, page
from reviewapp.services import canaries


def canary_context(seen: ProductLine, measured: Evidence) -> dict[str, Any]:
    """Give what a page shows of the canary share: its steps and the next one's gates.

    Empty below PARTIAL, where the model decides nothing.
    """
    in_force = seen.in_force
    if not in_force.automation_level.may_decide:
        return {}
    terms = in_force.terms()
    following = gates.next_canary_share(terms)
    judged = gates.canary_gates(terms, measured) if following else ()
    return {
        "canary_steps": [
            {
                "share": step,
                "is_present": step == in_force.canary_share,
                "is_passed": step < in_force.canary_share,
            }
            for step in terms.requirements.canary_steps
        ],
        "canary_next": following,
        "canary_before": gates.canary_share_before(terms),
        "canary_gates": judged,
        "canary_gates_open": sum(gate.is_open for gate in judged),
        "may_override_step": may_override(judged),
        "canary_advances": terms.requirements.canary_advances,
    }


@require_http_methods(["GET", "POST"])
@access.signed_in
def canary(request: PageRequest, slug: str) -> HttpResponse:
    """Show what the next step of the canary share rests on, and sign it."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    measured = evidence.gather(seen, is_shown=request.method == "GET")
    form = signing_form(request, seen)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer = signed(
                request,
                seen,
                form,
                partial(canaries.widen_canary, seen, measured),
                act=Act.WIDEN,
                said=lambda widened: (
                    _("The canary share of %(line)s is %(share)s.")
                    % {"line": seen, "share": f"{widened.canary_share:.0%}"}
                ),
            )
            if not isinstance(answer, int):
                return answer
            status = answer
    return _canary(request, seen, measured, status=status, form=form)


@require_POST
@access.signed_in
def steps(request: PageRequest, slug: str) -> HttpResponse:
    """Say by which steps the canary share widens."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    form = StepsForm(
        request.POST,
        person=request.user,
        asked=seen.in_force.terms().requirements,
        floors=seen.in_force.floors,
    )
    status = 422
    if form.is_valid():
        given = form.cleaned_data
        steps_asked = {
            name: given[name]
            for name in ("steps", "bake_days", "bake_labels", "advances")
        }
        answer = signed(
            request,
            seen,
            form,
            partial(canaries.set_canary_steps, seen, **steps_asked),
            act=Act.STEPS,
            said=lambda _policy: _("Saved."),
            leads_to="line-canary",
            arguments=steps_asked,
        )
        if not isinstance(answer, int):
            return answer
        status = answer
    measured = evidence.gather(seen, as_of=timezone.now())
    return _canary(request, seen, measured, status=status, steps_form=form)


def _canary(
    request: PageRequest,
    seen: ProductLine,
    measured: Evidence,
    *,
    status: int,
    **forms: object,
) -> HttpResponse:
    signing: dict[str, Any] = {
        "person": request.user,
        "initial": {"seen_policy": seen.in_force.number},
    }
    shown = canary_context(seen, measured)
    context: dict[str, Any] = {
        "line": seen,
        "tab": "line",
        "roles": access.roles_on(request.user, seen),
        "form": SignedForm(**signing),
        "steps_form": StepsForm(
            asked=seen.in_force.terms().requirements,
            floors=seen.in_force.floors,
            **signing,
        ),
        "is_open": bool(shown.get("canary_next"))
        and all(gate.is_open for gate in shown["canary_gates"]),
    }
    return page(request, "lines/canary.html", context | shown | forms, status=status)
