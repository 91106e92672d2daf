"""Timing pages: named as a string in the settings, as the review half knows no more."""

from collections.abc import Callable
from http import HTTPStatus
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from monitoring.models import ProcessKind
from monitoring.services.recording import recorder_of
from reviewapp.pages import LINE_OF_PAGE

GetResponse = Callable[[HttpRequest], HttpResponse]
# Asked every few seconds by machines; they would hide what people wait for.
PROBES = frozenset({"/livez", "/readyz", "/metrics"})


class RecordingMiddleware:
    """Tally how long each page took, and whether it failed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and count the answer."""
        # Not earlier: what is loaded before the workers fork must have no thread.
        recorder = recorder_of(ProcessKind.WEB, every_s=settings.PROCESS_SAMPLE_S)
        began = perf_counter()
        response = self.get_response(request)
        if request.path not in PROBES:
            recorder.note_page(
                perf_counter() - began,
                is_error=response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR,
                line_id=request.META.get(LINE_OF_PAGE),
            )
        return response
