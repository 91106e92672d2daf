"""Pages for what was refused: what happened, and what to do."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from reviewapp.pages import page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why a form was refused, and which setting to look at."""
    explanation = _(
        "The form was sent without a valid key. Reload the page and send it again. "
        "If it happens each time, the server does not know its own host name: its "
        "operator should look at ALLOWED_HOSTS, TRUSTED_PROXY and INSECURE_HTTP."
    )
    context = {"title": _("Not accepted"), "explanation": explanation, "detail": reason}
    return page(request, "refusal.html", context, status=403)


@requires_csrf_token
def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that a thing is there, but not for this person."""
    context = {
        "title": _("Not allowed"),
        "explanation": str(exception)
        or _("Your roles on this line do not include this. A manager can add them."),
    }
    return page(request, "refusal.html", context, status=403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that nothing is here, whether or not there is something to hide."""
    del exception  # it may name what the person should not know of
    context = {
        "title": _("Nothing here"),
        "explanation": _(
            "This address leads nowhere, or to a line you do not work on."
        ),
    }
    return page(request, "refusal.html", context, status=404)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that a request was malformed, without repeating it."""
    del exception
    context = {
        "title": _("Not understood"),
        "explanation": _("The request was malformed. Go back and try again."),
    }
    return page(request, "refusal.html", context, status=400)
