"""Taking back: what needs one click, a database, and nothing of the measuring half."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.forms.numbers import whole_number
from reviewapp.models import LevelChoices, ProductLine, Role
from reviewapp.pages import PageRequest
from reviewapp.policy import AutomationLevel
from reviewapp.services import canaries, falls, levels


@require_POST
@access.signed_in
def lower(request: PageRequest, slug: str) -> HttpResponse:
    """Lower a line to the rung asked for, or to SHADOW: all to people."""
    line = access.line_for(request.user, slug)
    level = _asked_level(request)
    _require_right_to_lower(request, line, level)
    lowered = levels.lower_level(
        line, to=level, by=request.user, reason=request.POST.get("reason", "")[:500]
    )
    messages.success(
        request,
        _("%(line)s is at %(level)s. New items go to people as this level says.")
        % {"line": line, "level": LevelChoices(lowered.level).label},
    )
    return redirect("line", slug=line.slug)


def _asked_level(request: PageRequest) -> AutomationLevel:
    asked = request.POST.get("level", "")
    try:
        return AutomationLevel[asked.upper()]
    except KeyError:
        return AutomationLevel.SHADOW


def _require_right_to_lower(
    request: PageRequest, line: ProductLine, level: AutomationLevel
) -> None:
    """Managers and admins may go down to any rung; inspectors may stop the model."""
    if request.user.is_admin or request.user.has_role(line, Role.MANAGER):
        return
    is_inspector = request.user.has_role(line, Role.INSPECTOR)
    if line.inspectors_may_stop and is_inspector and level is AutomationLevel.SHADOW:
        return
    raise PermissionDenied(_("On this line only its managers lower the level."))


@require_POST
@access.signed_in
def roll_back(request: PageRequest, slug: str) -> HttpResponse:
    """Restore an earlier policy, as far as that widens nothing."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    number = whole_number(request.POST.get("policy", ""))
    earlier = get_object_or_404(line.policies, number=number or 0)
    try:
        restored = levels.roll_back(
            line,
            earlier,
            by=request.user,
            reason=request.POST.get("reason", "")[:500],
        )
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request,
            _("Policy %(old)s is back in force as policy %(new)s, at %(level)s.")
            % {
                "old": earlier.number,
                "new": restored.number,
                "level": LevelChoices(restored.level).label,
            },
        )
    return redirect("line", slug=line.slug)


@require_POST
@access.signed_in
def narrow(request: PageRequest, slug: str) -> HttpResponse:
    """Take the canary share back one step, at once."""
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    narrowed = canaries.narrow_canary(
        line, by=request.user, reason=request.POST.get("reason", "")[:500]
    )
    messages.success(
        request,
        _("The canary share of %(line)s is %(share)s.")
        % {"line": line, "share": f"{narrowed.canary_share:.0%}"},
    )
    return redirect("line", slug=line.slug)


@require_POST
@access.signed_in
def look(request: PageRequest, slug: str) -> HttpResponse:
    """Open a line that alarms have locked: somebody has looked."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    try:
        falls.look_after_falls(
            line, by=request.user, reason=request.POST.get("reason", "")[:500]
        )
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request,
            _("%(line)s is open again. Its gates say what may rise.") % {"line": line},
        )
    return redirect("line", slug=line.slug)
