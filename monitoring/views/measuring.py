"""How a line is measured: how long its windows are, as its traffic would have it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from monitoring.forms.measuring import WindowForm, window_form
from monitoring.models import WindowSize
from monitoring.services.windowsizes import set_size, size_of, suggest_size
from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.models import ProductLine, Role
from reviewapp.pages import PageRequest, page

SHOWN = 10


@require_GET
@access.signed_in
def measuring(request: PageRequest, slug: str) -> HttpResponse:
    """Show how a line is measured, with what its traffic suggests."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    return _measuring(request, line)


def _measuring(
    request: PageRequest, line: ProductLine, *, status: int = 200, **changes: object
) -> HttpResponse:
    size = size_of(line)
    suggested = suggest_size(line, at=timezone.now())
    context: dict[str, Any] = {
        "line": line,
        "tab": "settings",
        "roles": access.roles_on(request.user, line),
        "size": size,
        "suggested": suggested,
        "is_as_suggested": suggested.size == size,
        "window_form": window_form(size),
        "sizes": WindowSize.objects.of_line(line).select_related("set_by")[:SHOWN],
    }
    return page(request, "lines/measuring.html", context | changes, status=status)


@require_POST
@access.signed_in
def set_window(request: PageRequest, slug: str) -> HttpResponse:
    """Let windows be longer or shorter from now on."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = WindowForm(request.POST)
    if not form.is_valid():
        return _measuring(request, line, status=422, window_form=form)
    try:
        set_size(line, form.size, by=request.user, reason=form.cleaned_data["reason"])
    except RefusedError as refusal:
        form.add_error(None, refusal.message)
        return _measuring(request, line, status=422, window_form=form)
    messages.success(request, _("Saved. It holds from the window that is filling now."))
    return redirect("line-measuring", slug=line.slug)
