"""What was set aside on a line: the manager sends it back or closes it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reviewapp import access
from reviewapp.errors import ConflictError, RefusedError
from reviewapp.models import ProductLine, Role, SetAside
from reviewapp.pages import PageRequest, page
from reviewapp.services import asides as services

MOST_SHOWN = 200


@require_GET
@access.signed_in
def asides(request: PageRequest, slug: str) -> HttpResponse:
    """List what has left the queue and waits for the manager."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    return _asides(request, line)


def _asides(
    request: PageRequest, line: ProductLine, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "line": line,
        "tab": "items",
        "roles": access.roles_on(request.user, line),
        "asides": list(SetAside.objects.open_on(line)[:MOST_SHOWN]),
        "refusal": refusal,
    }
    return page(request, "items/asides.html", context, status=status)


@require_POST
@access.signed_in
def send_back(request: PageRequest, slug: str, aside_id: int) -> HttpResponse:
    """Put an item back into the queue."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    try:
        aside = services.send_back(aside_id, line, by=request.user)
    except SetAside.DoesNotExist as absent:
        raise Http404 from absent
    except RefusedError as refusal:
        return _asides(request, line, refusal=refusal.message, status=409)
    messages.success(request, _("%(item)s waits again.") % {"item": aside.item})
    return redirect("line-asides", slug=line.slug)


@require_POST
@access.signed_in
def close(request: PageRequest, slug: str, aside_id: int) -> HttpResponse:
    """Leave an item undecided for good, with a note."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    note = request.POST.get("note", "")[:500]
    try:
        services.close_aside(aside_id, line, by=request.user, note=note)
    except SetAside.DoesNotExist as absent:
        raise Http404 from absent
    except RefusedError as refusal:
        status = 409 if isinstance(refusal, ConflictError) else 422
        return _asides(request, line, refusal=refusal.message, status=status)
    return redirect("line-asides", slug=line.slug)
