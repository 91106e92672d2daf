"""The thresholds of a line: risk against coverage as the control, tried and signed.

Three pages: one to look and to try, which only reads; one that certifies; one that
signs a policy that was tried out. The last two ask for a reason and the password again.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from monitoring.forms.thresholds import CostsForm, ProposalForm
from monitoring.services import certificates
from monitoring.services import costs as cost_matrices
from monitoring.services.consequences import (
    Consequences,
    consequences,
    decides_from,
    handling_time,
)
from monitoring.services.dry_run import DryRun, replay, sample_last_week
from monitoring.services.proposals import (
    ClassState,
    class_states,
    present,
    proposed_terms,
)
from monitoring.views.signing import signed, signing_form
from monitoring.windows.certifying import class_labels
from reviewapp import access
from reviewapp.models import Act, Meaning, Policy, ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.policy import Policy as Terms
from reviewapp.services.thresholds import choose_thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedOut:
    """A proposal with everything that follows from it."""

    form: ProposalForm
    states: list[ClassState]
    terms: Terms
    run: DryRun | None
    found: Consequences | None

    @property
    def supposed(self) -> list[str]:
        """Classes that would decide here though no certificate lets them."""
        return [
            state.label_class.name
            for state in self.states
            if state.certificate is None
            and decides_from(self.terms, state.label_class.key) is not None
        ]


@require_GET
@access.signed_in
def thresholds(request: PageRequest, slug: str) -> HttpResponse:
    """Show each class's risk against coverage, and what a proposal would do."""
    line = access.line_for(request.user, slug, Role.MANAGER, Role.SCIENTIST)
    tried = _try_out(line, request.GET)
    names = {c.key: c for c in line.classes.all()}
    context = _frame(request, line) | {
        "tried": tried,
        "classes": [
            {
                "state": state,
                "decides_from": decides_from(tried.terms, state.label_class.key),
                "fields": tried.form.of_class(state.label_class.key),
            }
            for state in tried.states
        ],
        "names": names,
        "costs": cost_matrices.costs_of(line),
        "query": request.GET.urlencode(),
        "can_certify": any(not state.missing for state in tried.states),
    }
    return page(request, "lines/thresholds.html", context, part="consequences")


def _frame(request: PageRequest, line: ProductLine) -> dict[str, Any]:
    return {
        "line": line,
        "tab": "thresholds",
        "roles": access.roles_on(request.user, line),
    }


def _try_out(line: ProductLine, given: QueryDict) -> TriedOut:
    at = timezone.now()
    in_force = line.in_force
    labels = class_labels(line, in_force)
    states = class_states(line, labels)
    terms = in_force.terms()
    form = ProposalForm(
        given or None, terms=terms, states=states, at_level=present(line).level
    )
    form.is_valid()
    proposed = proposed_terms(terms, form.proposal)
    sample = sample_last_week(line, at=at)
    run = replay(sample, terms, proposed) if sample is not None else None
    found = None
    if run is not None and run.replayed:
        found = consequences(
            run,
            proposed,
            labels,
            {s.label_class.key: Meaning(s.label_class.meaning) for s in states},
            handling=handling_time(line, at=at),
            costs=cost_matrices.costs_of(line),
        )
    return TriedOut(form=form, states=states, terms=proposed, run=run, found=found)


@require_http_methods(["GET", "POST"])
@access.signed_in
def certify(request: PageRequest, slug: str) -> HttpResponse:
    """Show what an attempt at certifying rests on, and spend it with a signature."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    in_force = line.in_force
    form = signing_form(request, line)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer = signed(
                request,
                line,
                form,
                partial(certificates.certify, line),
                act=Act.CERTIFY,
                said=partial(certified_words, line),
                leads_to="line-thresholds",
            )
            if not isinstance(answer, int):
                return answer
            status = answer
    states = class_states(line, class_labels(line, in_force))
    context = _frame(request, line) | {
        "form": form,
        "states": states,
        "can_certify": any(not state.missing for state in states),
        "attempt": (
            certificates.attempt_number(line, in_force.live) if in_force.live else 1
        ),
        "days": in_force.terms().requirements.certificate_days,
        "version": in_force.live,
        "back": reverse("line-thresholds", args=[line.slug]),
    }
    return page(request, "lines/certify.html", context, part="certify", status=status)


def certified_words(line: ProductLine, certified: Policy) -> str:
    """Say which classes an attempt has certified, or that it is spent."""
    granted = [
        label_class.name
        for label_class in line.classes.in_use()
        for held in (certified.certificates, certified.candidate_certificates)
        if held.get(label_class.key, {}).get("granted_by") == certified.number
    ]
    if not granted:
        return _(
            "The labels show no class to keep its promise. The attempt is spent; the "
            "next one needs more labels."
        )
    return _("Certified: %(classes)s.") % {"classes": ", ".join(granted)}


@require_http_methods(["GET", "POST"])
@access.signed_in
def sign(request: PageRequest, slug: str) -> HttpResponse:
    """Show what a proposal would change, and put it in force with a signature."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    in_force = line.in_force
    given = request.POST if request.method == "POST" else request.GET
    tried = _try_out(line, given)
    form = signing_form(request, line)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and tried.form.is_valid():
            proposal = tried.form.proposal
            wanted: dict[str, Any] = {
                "chosen": dict(proposal.thresholds),
                "canary_share": proposal.canary_share,
                "blind_share": proposal.blind_share,
                "audit_shares": dict(proposal.audit_shares),
            }
            answer = signed(
                request,
                line,
                form,
                partial(choose_thresholds, line, **wanted, evidence=_frozen(tried)),
                act=Act.THRESHOLDS,
                said=lambda _policy: _("The policy is in force."),
                leads_to="line-thresholds",
                arguments=wanted,
            )
            if not isinstance(answer, int):
                return answer
            status = answer
    context = _frame(request, line) | {
        "form": form,
        "tried": tried,
        "names": {c.key: c for c in line.classes.all()},
        "costs": cost_matrices.costs_of(line),
        "proposed": [
            (name, value) for name, value in given.items() if name in tried.form.fields
        ],
        "rows": [
            {
                "state": state,
                "now": decides_from(in_force.terms(), state.label_class.key),
                "then": decides_from(tried.terms, state.label_class.key),
            }
            for state in tried.states
            if state.certificate
        ],
        "terms": in_force.terms(),
    }
    return page(
        request, "lines/sign_thresholds.html", context, part="sign", status=status
    )


def _frozen(tried: TriedOut) -> dict[str, Any]:
    """Give the figures that a signature rested on, as they are stored and hashed."""
    run, found = tried.run, tried.found
    if run is None or found is None:
        return {}
    return {
        "replayed": run.replayed,
        "from": run.sample.start.isoformat(),
        "to": run.sample.end.isoformat(),
        "changed": [
            {
                "from": change.before.value,
                "to": change.after.value,
                "class": change.label_class,
                "count": change.count,
            }
            for change in run.changes
        ],
        "decided": run.decided.total(),
        "errors": {
            name: [rate.bad, rate.labels]
            for name, rate in (
                ("escapes", found.escapes),
                ("overkill", found.overkill),
                ("other", found.other_errors),
            )
            if rate is not None
        },
    }


@require_http_methods(["GET", "POST"])
@access.signed_in
def costs(request: PageRequest, slug: str) -> HttpResponse:
    """Say what an escape, an overkill and a review cost on the line."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    held = cost_matrices.costs_of(line)
    form = CostsForm(
        request.POST or None,
        initial={
            name: getattr(held, name)
            for name in ("escape", "overkill", "review", "currency")
        }
        if held
        else {},
    )
    if request.method == "POST" and form.is_valid():
        cost_matrices.set_costs(line, **form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("line-thresholds", slug=line.slug)
    context = _frame(request, line) | {"form": form, "held": held}
    status = 422 if request.method == "POST" else 200
    return page(request, "lines/costs.html", context, part="costs", status=status)
