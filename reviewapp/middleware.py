"""What every request gets: an id for its traces, and the viewer's language and zone."""

from collections.abc import Callable
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from reviewapp.models import User
from reviewapp.tracing import request_id

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Name a request, so that a refusal, a log line and a record can be matched."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the id in a header."""
        token = request_id.set(uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
        finally:
            request_id.reset(token)
        return response


class PersonMiddleware:
    """Speak the signed-in person's language, in the person's zone, and keep no copy.

    A request without a session cookie is nobody's, and costs no query.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer under the person's settings."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        if user.language:
            translation.activate(user.language)
        zone = ZoneInfo(user.time_zone) if user.time_zone else None
        with timezone.override(zone):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
