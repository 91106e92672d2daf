"""The candidate beside the live version: the comparison, and what follows from it."""

from functools import partial
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from monitoring.forms.canaries import ShareForm
from monitoring.services.certificates import attempt_number, certify_candidate
from monitoring.services.proposals import candidate_states
from monitoring.services.rivals import compare_rivals, differences, gather_rivals
from monitoring.views.signing import signed, signing_form
from monitoring.views.thresholds import certified_words
from monitoring.windows.certifying import candidate_labels
from reviewapp import access
from reviewapp.forms.numbers import whole_number
from reviewapp.forms.signing import SignedForm
from reviewapp.inheritance import RivalEvidence, inheritance_gates, inherited_share
from reviewapp.models import Act, ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import candidates

READERS = (Role.MANAGER, Role.SCIENTIST)
PAGE_SIZE = 25


@require_GET
@access.signed_in
def rivals(request: PageRequest, slug: str) -> HttpResponse:
    """Show both versions side by side, and the items on which they differ."""
    line = access.line_for(request.user, slug, *READERS)
    found = compare_rivals(line)
    context: dict[str, Any] = {
        "line": line,
        "tab": "versions",
        "roles": access.roles_on(request.user, line),
        "found": found,
    }
    if found is not None:
        judged = inheritance_gates(line.in_force.terms(), found.evidence)
        context |= {
            "both": (found.live, found.candidate),
            "gates": judged,
            "gates_open": sum(gate.is_open for gate in judged),
        }
        context |= _differences(request, line)
    return page(request, "versions/rivals.html", context)


def _differences(request: PageRequest, line: ProductLine) -> dict[str, Any]:
    classes = list(line.classes.in_use())
    asked = request.GET.get("class", "")
    chosen = next((one for one in classes if one.key == asked), None)
    before = None
    if "before" in request.GET:
        before = whole_number(request.GET["before"])
        if before is None:
            raise BadRequest(_("This page of the list is none that was linked to."))
    shown = differences(line, of=chosen, before=before, limit=PAGE_SIZE + 1)
    return {
        "classes": classes,
        "chosen": chosen,
        "differences": shown[:PAGE_SIZE],
        "next_before": shown[PAGE_SIZE - 1].item.pk if len(shown) > PAGE_SIZE else None,
    }


@require_http_methods(["GET", "POST"])
@access.signed_in
def promote(request: PageRequest, slug: str) -> HttpResponse:
    """Show what the candidate would inherit on, and sign the swap."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    if line.in_force.candidate is None:
        return redirect("line-versions", slug=line.slug)
    measured = gather_rivals(line)
    form = signing_form(request, line)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer = signed(
                request,
                line,
                form,
                partial(candidates.promote, line, measured),
                act=Act.PROMOTE,
                said=lambda promoted: (
                    _("%(version)s is live at %(level)s, by policy %(number)s.")
                    % {
                        "version": promoted.live,
                        "level": promoted.get_level_display(),
                        "number": promoted.number,
                    }
                ),
                leads_to="line-versions",
            )
            if not isinstance(answer, int):
                return answer
            status = answer
    return _promote(request, line, measured, status=status, form=form)


@require_http_methods(["GET", "POST"])
@access.signed_in
def certify(request: PageRequest, slug: str) -> HttpResponse:
    """Show what an attempt at certifying the candidate rests on, and spend it."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    in_force = line.in_force
    if in_force.candidate is None:
        return redirect("line-versions", slug=line.slug)
    form = signing_form(request, line)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer = signed(
                request,
                line,
                form,
                partial(certify_candidate, line),
                act=Act.CERTIFY_NEXT,
                said=partial(certified_words, line),
                leads_to="line-rivals",
            )
            if not isinstance(answer, int):
                return answer
            status = answer
    states = candidate_states(line, candidate_labels(line, in_force))
    context = {
        "line": line,
        "tab": "versions",
        "roles": access.roles_on(request.user, line),
        "form": form,
        "states": states,
        "can_certify": any(not state.missing for state in states),
        "attempt": attempt_number(line, in_force.candidate),
        "days": in_force.terms().requirements.certificate_days,
        "version": in_force.candidate,
        "is_on_trial": True,
        "back": reverse("line-rivals", args=[line.slug]),
    }
    return page(request, "lines/certify.html", context, part="certify", status=status)


@require_POST
@access.signed_in
def share(request: PageRequest, slug: str) -> HttpResponse:
    """Let the candidate be the deciding version of a share of the items."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    if line.in_force.candidate is None:
        return redirect("line-versions", slug=line.slug)
    measured = gather_rivals(line)
    form = ShareForm(request.POST, person=request.user)
    status = 422
    if form.is_valid():
        wanted = {"share": form.cleaned_data["share"] / 100}
        answer = signed(
            request,
            line,
            form,
            partial(candidates.share_with_candidate, line, measured, **wanted),
            act=Act.SHARE,
            said=lambda shared: (
                _("%(version)s is the deciding version of %(share)s of the items.")
                % {
                    "version": shared.candidate,
                    "share": f"{shared.candidate_share:.0%}",
                }
            ),
            leads_to="line-rivals",
            arguments=wanted,
        )
        if not isinstance(answer, int):
            return answer
        status = answer
    return _promote(request, line, measured, status=status, share_form=form)


def _promote(
    request: PageRequest,
    line: ProductLine,
    measured: RivalEvidence,
    *,
    status: int,
    **forms: object,
) -> HttpResponse:
    in_force = line.in_force
    terms = in_force.terms()
    judged = inheritance_gates(terms, measured)
    signing: dict[str, Any] = {
        "person": request.user,
        "initial": {
            "seen_policy": in_force.number,
            "share": f"{in_force.candidate_share * 100:g}",
        },
    }
    context: dict[str, Any] = {
        "line": line,
        "tab": "versions",
        "roles": access.roles_on(request.user, line),
        "form": SignedForm(**signing),
        "share_form": ShareForm(**signing),
        "gates": judged,
        "is_open": all(gate.is_open for gate in judged),
        "certified": len(in_force.candidate_certificates),
        "share_after": inherited_share(terms),
    }
    return page(request, "versions/promote.html", context | forms, status=status)
