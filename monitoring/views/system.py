"""How the installation does: for admins in words, for Prometheus in numbers."""

from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET

from monitoring.services.exposition import exposition
from monitoring.services.installation import health
from reviewapp import access
from reviewapp.pages import PageRequest, page

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Whatever came through a proxy came from elsewhere.
PROXY_HEADERS = ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP")


@require_GET
@access.signed_in
def system(request: PageRequest) -> HttpResponse:
    """Show processes, queues, database and sweeps, the state in words first."""
    access.require_admin(request.user)
    found = health(at=timezone.now())
    return page(request, "system/system.html", {"health": found})


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Give Prometheus the counts; there is nothing here for anybody else."""
    if not _may_scrape(request):
        raise Http404
    response = HttpResponse(exposition(at=timezone.now()), content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def _may_scrape(request: HttpRequest) -> bool:
    """Let in who shows the token; without one, only this machine itself."""
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "")
        return constant_time_compare(shown, f"Bearer {settings.METRICS_TOKEN}")
    if settings.TRUSTED_PROXY or any(name in request.headers for name in PROXY_HEADERS):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
