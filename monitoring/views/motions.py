"""Motions: what waits for a second person, and that person's answer."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from monitoring.services.seconding import put_in_force
from monitoring.views.history import read_gates
from monitoring.views.signing import signing_form
from reviewapp import access
from reviewapp.errors import ConflictError, RefusedError
from reviewapp.models import Motion, ProductLine, Role, User
from reviewapp.pages import PageRequest, page
from reviewapp.services import motions
from reviewapp.services.policies import is_unchanged


def motions_on(
    line: ProductLine, person: User, *, at: datetime
) -> list[dict[str, object]]:
    """Give the motions that wait on a line, each with whether the person answers it."""
    waiting = list(line.motions.waiting(at=at).select_related("moved_by"))
    if not waiting:
        return []
    theirs = line.motions.answerable_by(person).filter(pk__in=[m.pk for m in waiting])
    mine = set(theirs.values_list("pk", flat=True))
    return [
        {"motion": one, "may_answer": one.pk in mine, "is_own": one.moved_by == person}
        for one in waiting
    ]


@require_http_methods(["GET", "POST"])
@access.signed_in
def motion(request: PageRequest, slug: str, motion_id: int) -> HttpResponse:
    """Show what was moved and on what evidence; approve or refuse it, signed."""
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    seen = get_object_or_404(
        line.motions.select_related("moved_by", "answered_by", "policy"), pk=motion_id
    )
    form = signing_form(request, line)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer = form.cleaned_data["reason"]
            try:
                if request.POST.get("answer") == "approve":
                    motions.approve(seen, put_in_force, by=request.user, answer=answer)
                else:
                    motions.refuse(seen, by=request.user, answer=answer)
            except RefusedError as refusal:
                form.add_error(None, refusal.message)
                status = 409 if isinstance(refusal, ConflictError) else 422
            else:
                messages.success(request, _("Answered."))
                return redirect("line", slug=line.slug)
    now = timezone.now()
    waiting = Motion.objects.filter(pk=seen.pk).waiting(at=now)
    context = {
        "line": line,
        "tab": "line",
        "roles": access.roles_on(request.user, line),
        "seen": seen,
        "gates": read_gates(seen.evidence or {}),
        "is_unchanged": is_unchanged(seen.evidence, seen.evidence_sha256),
        "is_waiting": waiting.exists(),
        "may_answer": waiting.answerable_by(request.user).exists(),
        "is_own": seen.moved_by == request.user,
        "is_late": seen.expires_at <= now,
        "form": form,
    }
    return page(request, "lines/motion.html", context, status=status)


@require_POST
@access.signed_in
def withdraw(request: PageRequest, slug: str, motion_id: int) -> HttpResponse:
    """Take back one's own motion."""
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    seen = get_object_or_404(line.motions, pk=motion_id)
    try:
        motions.withdraw(seen, by=request.user)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    return redirect("line", slug=line.slug)
