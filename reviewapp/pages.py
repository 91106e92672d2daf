"""page(): the whole page for a browser, one part of it for htmx."""

from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from reviewapp.models import ProductLine, User
from reviewapp.tracing import request_id

FIRST_REFUSAL = 400
# Where a request keeps the line whose page it was answered with.
LINE_OF_PAGE = "rung.line"


class PageRequest(HttpRequest):
    """A signed-in person's request, as views get it."""

    htmx: HtmxDetails
    user: User


class HasHtmx(Protocol):
    """Any request that has passed the htmx middleware."""

    htmx: HtmxDetails


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    part: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a page, or the named part of it when htmx asks.

    The view names the part and never the request, since a part could otherwise be
    fetched past a permission. A refusal keeps the address bar where it was.
    """
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    name = f"{template}#{part}" if part and htmx else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    line = context.get("line")
    if isinstance(line, ProductLine):
        request.META[LINE_OF_PAGE] = line.pk
    if status >= FIRST_REFUSAL and htmx:
        response["HX-Push-Url"] = "false"
    return response


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give every template what the frame around a page needs."""
    del request
    return {"request_id": request_id.get()}
