"""The API as one object: its routes, its words for refusals, its page of documents."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from reviewapp.api import decisions, items
from reviewapp.api.auth import TokenAuth
from reviewapp.api.problems import from_refusal, problem
from reviewapp.errors import RefusedError

View = Callable[..., HttpResponse]


def for_signed_in(view: View) -> View:
    """Show the documents to people who are signed in; to others nothing is here."""

    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            raise Http404
        response = view(request, *args, **kwargs)
        # The documents' own script draws small pictures from data addresses.
        response._csp_update = {"img-src": ["data:"]}  # type: ignore[attr-defined]  # noqa: SLF001 - django-csp's way for one view
        return response

    return inner


api = NinjaAPI(
    title="Rung",
    version="1.0.0",
    description="Hand items in, and read what was decided.",
    urls_namespace="api",
    auth=TokenAuth(),
    docs_decorator=for_signed_in,
)
api.add_router("", items.router)
api.add_router("", decisions.router)


@api.exception_handler(RefusedError)
def refused(request: HttpRequest, refusal: RefusedError) -> HttpResponse:
    """Answer what a service refused."""
    return from_refusal(request, refusal)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer parameters that do not fit their types."""
    del request, error
    return problem(400, "bad_parameter", "A parameter of the address is not valid.")


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what ninja itself refused."""
    del request
    return problem(error.status_code, "refused", "The request was refused.")


@api.exception_handler(Http404)
def nowhere(request: HttpRequest, error: Http404) -> HttpResponse:
    """Answer that nothing is here."""
    del request, error
    return problem(404, "not_found", "There is nothing at this address.")
