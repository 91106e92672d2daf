"""How a line is measured: how long its windows are, and what it is told apart by."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from monitoring.forms.measuring import SegmentForm, WindowForm, window_form
from monitoring.models import SegmentKind, WindowSize
from monitoring.services.segments import segmentation_of, segments_of, set_segments
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
    segmentation = segmentation_of(line)
    suggested = suggest_size(line, at=timezone.now())
    context: dict[str, Any] = {
        "line": line,
        "tab": "settings",
        "roles": access.roles_on(request.user, line),
        "size": size,
        "suggested": suggested,
        "is_as_suggested": suggested.size == size,
        "window_form": window_form(size),
        "segmentation": segmentation,
        "segments": segments_of(line),
        "segment_form": SegmentForm(
            initial={"kind": segmentation.kind if segmentation else SegmentKind.NONE}
        ),
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


@require_POST
@access.signed_in
def set_segmentation(request: PageRequest, slug: str) -> HttpResponse:
    """Tell the line's figures apart, or no longer."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = SegmentForm(request.POST)
    if not form.is_valid():
        return _measuring(request, line, status=422, segment_form=form)
    try:
        set_segments(line, form.cleaned_data["kind"], by=request.user)
    except RefusedError as refusal:
        form.add_error("kind", refusal.message)
        return _measuring(request, line, status=422, segment_form=form)
    messages.success(request, _("Saved. Hours are counted so from now on."))
    return redirect("line-measuring", slug=line.slug)
