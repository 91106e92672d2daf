"""Audits of a line: how often people look at decisions of the model, what they find."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from monitoring.forms.audits import AuditTermsForm
from monitoring.services.audits import audits_of
from monitoring.views.signing import signed
from reviewapp import access
from reviewapp.models import Act, Cause, ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services.looks import set_audit_terms

SPANS = {"7": 7, "28": 28}
SHOWN_CHANGES = 10


@require_GET
@access.signed_in
def audits(request: PageRequest, slug: str) -> HttpResponse:
    """Show a line's audits: drawn, answered, wrong, and how often people look."""
    return _audits_page(request, access.line_for(request.user, slug))


@require_POST
@access.signed_in
def set_terms(request: PageRequest, slug: str) -> HttpResponse:
    """Say how many audits a day the line asks for, and who reads each."""
    seen = access.line_for(request.user, slug, Role.MANAGER)
    form = AuditTermsForm(request.POST, person=request.user, in_force=seen.in_force)
    status = 422
    if form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("floor", "reads")}
        answer = signed(
            request,
            seen,
            form,
            partial(set_audit_terms, seen, **wanted),
            act=Act.AUDITS,
            said=lambda _policy: _("Saved."),
            leads_to="line-audits",
            arguments=wanted,
        )
        if not isinstance(answer, int):
            return answer
        status = answer
    return _audits_page(request, seen, status=status, form=form)


def _audits_page(
    request: PageRequest,
    seen: ProductLine,
    *,
    status: int = 200,
    form: AuditTermsForm | None = None,
) -> HttpResponse:
    at = timezone.now()
    days = SPANS.get(request.GET.get("days", ""), 7)
    changes = seen.policies.filter(cause=Cause.AUDITED).order_by("-number")
    context: dict[str, Any] = {
        "line": seen,
        "tab": "audits",
        "roles": access.roles_on(request.user, seen),
        "audits": audits_of(seen, at=at, days=days),
        "spans": list(SPANS),
        "days": str(days),
        "changes": changes[:SHOWN_CHANGES],
        "proposed": seen.containments.proposed().count(),
        "standing": seen.containments.standing().count(),
        "form": form or AuditTermsForm(person=request.user, in_force=seen.in_force),
    }
    return page(request, "lines/audits.html", context, status=status)
