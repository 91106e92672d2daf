"""The one form of a refusal: problem+json with a code, a sentence, and places."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation

from reviewapp.errors import (
    ConflictError,
    Fault,
    InvalidInputError,
    InvalidPayloadError,
    NotAllowedError,
    RefusedError,
    TooLargeError,
    UnsupportedFormatError,
)
from reviewapp.tracing import request_id

PATH = "/api/"
STATUS = {
    InvalidInputError: 400,
    InvalidPayloadError: 422,
    UnsupportedFormatError: 415,
    TooLargeError: 413,
    ConflictError: 409,
    NotAllowedError: 403,
}
TITLES = {
    400: "Not understood",
    401: "Not signed in",
    403: "Not allowed",
    404: "Nothing here",
    405: "Method not allowed",
    409: "In conflict with what is stored",
    413: "Too large",
    415: "Format not accepted",
    422: "Not acceptable",
    503: "Not available just now",
}


class UnauthenticatedError(RefusedError):
    """No token, or one that is not good any more."""

    code = "token_missing"


class NowhereError(RefusedError):
    """Nothing is here for this token, whether or not there is something to hide."""

    code = "not_found"


class UnavailableError(RefusedError):
    """Something this needs is not up; the same request may be sent again."""

    code = "unavailable"


def problem(
    status: int, code: str, detail: str, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    """Answer a refusal; nothing of the request is repeated but its own places."""
    body: dict[str, Any] = {
        "status": status,
        "code": code,
        "title": TITLES.get(status, "Refused"),
        "detail": detail,
        "errors": [
            {"code": fault.code, "message": fault.message, **fault.where}
            for fault in faults
        ],
        "request_id": request_id.get(),
    }
    response = JsonResponse(body, status=status)
    response["Content-Type"] = "application/problem+json"
    return response


def from_refusal(request: HttpRequest, refusal: RefusedError) -> HttpResponse:
    """Answer a refusal of a service with the status of its kind."""
    del request
    if isinstance(refusal, UnauthenticatedError):
        response = problem(401, refusal.code, refusal.message)
        response["WWW-Authenticate"] = "Bearer"
        return response
    if isinstance(refusal, NowhereError):
        return problem(404, refusal.code, refusal.message)
    if isinstance(refusal, UnavailableError):
        return problem(503, refusal.code, refusal.message)
    status = next(
        (number for kind, number in STATUS.items() if isinstance(refusal, kind)), 400
    )
    return problem(status, refusal.code, refusal.message, refusal.faults)


class OneLanguageMiddleware:
    """Below /api/, speak English whoever asks, so that one refusal has one sentence.

    A token is no person with a language of their own, and a program that was written
    against one sentence must not get another one because a header came along.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a program in the language that the code is written in."""
        if not request.path.startswith(PATH):
            return self.get_response(request)
        with translation.override(settings.LANGUAGE_CODE):
            response = self.get_response(request)
        response["Content-Language"] = settings.LANGUAGE_CODE
        return response


class ProblemMiddleware:
    """Below /api/, answer in this form also where no route or no method fits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a program as a program reads."""
        response = self.get_response(request)
        is_known = response.get("Content-Type") == "application/problem+json"
        if is_known or not request.path.startswith(PATH):
            return response
        if response.status_code == HTTPStatus.NOT_FOUND:
            return problem(404, "not_found", "There is nothing at this address.")
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response["Allow"]
            again = problem(
                405, "method_not_allowed", f"This address takes {allowed} only."
            )
            again["Allow"] = allowed
            return again
        return response
