"""How one is told of alarms: by mail or not, when not, and who instead."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from monitoring.forms.alarms import ReachForm
from monitoring.services import reaches
from monitoring.services.deliveries import reach_of
from reviewapp import access
from reviewapp.pages import PageRequest, page


@require_http_methods(["GET", "POST"])
@access.signed_in
def own_reach(request: PageRequest) -> HttpResponse:
    """Show and set how one is told."""
    present = reach_of(request.user)
    initial = {
        "email": request.user.email,
        "by_mail": present.by_mail,
        "is_told": present.is_told,
        "quiet_from": present.quiet_from,
        "quiet_to": present.quiet_to,
        "deputy": present.deputy_id,
        "deputy_until": present.deputy_until,
    }
    form = ReachForm(request.POST or None, person=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        reaches.set_reach(request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("own-reach")
    context = {"form": form, "has_mail": bool(settings.EMAIL_HOST)}
    status = 422 if request.method == "POST" else 200
    return page(request, "alarms/reach.html", context, status=status)
