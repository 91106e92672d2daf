"""The floor: Django, gunicorn and PostgreSQL with nothing of the product in between.

A claim and a submit as two plain views: no session, no permission, no page, no facts.
"""

import os

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings")

CLAIM = """
UPDATE reviewapp_review SET queued_at = clock_timestamp() WHERE id = (
    SELECT id FROM reviewapp_review WHERE closed_at IS NULL AND line_id = %s
    ORDER BY priority DESC, coalesce(deferred_to, queued_at), id
    LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""
CLOSE = "UPDATE reviewapp_review SET closed_at = clock_timestamp() WHERE id = %s"


def claim(request: HttpRequest, line_id: int) -> HttpResponse:
    """Take the first review."""
    del request
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [line_id])
        row = cursor.fetchone()
    return _said(str(row[0] if row else 0))


def submit(request: HttpRequest, review_id: int) -> HttpResponse:
    """Close a review."""
    del request
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, [review_id])
    return _said("ok")


def livez(request: HttpRequest) -> HttpResponse:
    """Say that the server is up."""
    del request
    return HttpResponse("alive")


def _said(text: str) -> HttpResponse:
    return HttpResponse(text, headers={"Content-Length": str(len(text))})


urlpatterns = [
    path("livez", livez),
    path("claim/<int:line_id>", claim),
    path("submit/<int:review_id>", submit),
]


def application(environ, start_response):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - WSGI's own shape
    """Serve the two views."""
    return _handler()(environ, start_response)


_handlers: list[WSGIHandler] = []


def _handler() -> WSGIHandler:
    if not _handlers:
        import django  # noqa: PLC0415 - once a worker has forked

        django.setup()
        settings.ROOT_URLCONF = "bench.bare"
        settings.MIDDLEWARE = []
        _handlers.append(WSGIHandler())
    return _handlers[0]
