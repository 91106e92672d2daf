"""Signing: the one way in which a page puts a signed act in force, or says why not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from monitoring.services.seconding import move
from reviewapp.errors import ConflictError, RefusedError
from reviewapp.forms.signing import SignedForm
from reviewapp.models import Act, Policy, ProductLine
from reviewapp.pages import PageRequest
from reviewapp.services import motions
from reviewapp.services.seconds import SecondPersonError

LASTS_DAYS = motions.LASTS // timedelta(days=1)


def signing_form(request: PageRequest, line: ProductLine) -> SignedForm:
    """Give the form by which an act on a line's policy in force is signed."""
    return SignedForm(
        request.POST or None,
        person=request.user,
        initial={"seen_policy": line.in_force.number},
    )


def signed(
    request: PageRequest,
    line: ProductLine,
    form: SignedForm,
    verb: Callable[..., Policy],
    *,
    act: Act,
    said: Callable[[Policy], str],
    leads_to: str = "line",
    arguments: dict[str, Any] | None = None,
) -> HttpResponse | int:
    """Do what a valid form signs: give the way on, or the status of a refusal.

    Where a second person must approve, it is moved instead, with its ``arguments``. A
    refusal stands on the form then: 409 where another state is in the way, else 422.
    """
    signature = {
        "by": request.user,
        "reason": form.cleaned_data["reason"],
        "seen_policy": form.cleaned_data["seen_policy"],
    }
    try:
        policy = verb(**signature)
    except SecondPersonError as needed:
        move(line, act, arguments or {}, **signature, evidence=needed.evidence)
        messages.success(
            request,
            _("Signed. A second person has %(n)s days to approve or refuse it.")
            % {"n": LASTS_DAYS},
        )
        return redirect("line", slug=line.slug)
    except RefusedError as refusal:
        form.add_error(None, refusal.message)
        return 409 if isinstance(refusal, ConflictError) else 422
    messages.success(request, said(policy))
    return redirect(leads_to, slug=line.slug)
