"""Whether the process lives, and whether labelling can work."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET


@require_GET
def livez(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process runs."""
    del request
    return HttpResponse("alive\n", content_type="text/plain")


@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when labelling works: all it needs is the database."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse(
            "database unreachable\n", content_type="text/plain", status=503
        )
    return HttpResponse("ready\n", content_type="text/plain")
