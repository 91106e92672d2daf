"""Coming in: the first admin, invitations, one's own settings, and who else is here."""

from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.views import LogoutView
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from reviewapp import access
from reviewapp.errors import ConflictError, RefusedError
from reviewapp.forms.people import (
    FirstAdminForm,
    InviteForm,
    KeysForm,
    NewPasswordForm,
    ProfileForm,
)
from reviewapp.forms.shifts import OwnBreaksForm
from reviewapp.models import User
from reviewapp.pages import PageRequest, page
from reviewapp.services import keys, people, shifts

BACKEND = "reviewapp.sessions.PersonBackend"


@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, key: str) -> HttpResponse:
    """Let the first admin in by a one-time link."""
    if not people.may_become_first_admin(key):
        context = {
            "title": _("This link is used or too old"),
            "explanation": _(
                "Make another one on the server: ./run manage first_admin_link"
            ),
        }
        return page(request, "refusal.html", context, status=410)
    form = FirstAdminForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return page(request, "people/welcome.html", {"form": form}, status=status)
    user = people.create_first_admin(
        username=form.cleaned_data["username"], password=form.cleaned_data["password"]
    )
    login(request, user, backend=BACKEND)
    return redirect("line-new")


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Let an invited person choose a password, once."""
    user = people.invited_person(name, key)
    if user is None:
        context = {
            "title": _("This invitation is used or too old"),
            "explanation": _("Ask the admin who invited you for another one."),
        }
        return page(request, "refusal.html", context, status=410)
    form = NewPasswordForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        choice = {"form": form, "person": user}
        return page(request, "people/invitation.html", choice, status=status)
    people.accept_invitation(user, password=form.cleaned_data["password"])
    login(request, user, backend=BACKEND)
    return redirect("board")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Sign out, give back what was in hand, and end the shift."""
    if isinstance(request.user, User):
        shifts.leave(request.user)
    return LogoutView.as_view()(request)


@require_http_methods(["GET", "POST"])
@access.signed_in
def account(request: PageRequest) -> HttpResponse:
    """Show and change one's own name, language, time zone and how pages look."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        # in the words that were just chosen
        with translation.override(form.instance.language or translation.get_language()):
            messages.success(request, _("Saved."))
        return redirect("account")
    status = 422 if request.method == "POST" else 200
    return _account(request, status=status, form=form)


def _account(
    request: PageRequest, *, status: int = 200, **forms: object
) -> HttpResponse:
    own = shifts.own_breaks_of(request.user)
    context = {
        "form": ProfileForm(instance=request.user),
        "breaks_form": OwnBreaksForm(instance=own),
    }
    return page(request, "people/account.html", context | forms, status=status)


@require_POST
@access.signed_in
def change_breaks(request: PageRequest) -> HttpResponse:
    """Set when one wants a break suggested, sooner than the line does."""
    form = OwnBreaksForm(request.POST, instance=shifts.own_breaks_of(request.user))
    if not form.is_valid():
        return _account(request, status=422, breaks_form=form)
    shifts.set_own_breaks(request.user, form.instance)
    messages.success(request, _("Saved."))
    return redirect("account")


@require_http_methods(["GET", "POST"])
@access.signed_in
def own_keys(request: PageRequest) -> HttpResponse:
    """Show and change what the keys of the workbench do for oneself."""
    form = KeysForm(request.POST or None, person=request.user)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return page(request, "people/keys.html", {"form": form}, status=status)
    keys.set_keys(request.user, form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("own-keys")


@require_POST
@access.signed_in
def preset_keys(request: PageRequest) -> HttpResponse:
    """Take a whole set of keys at once: the usual ones, or those of the left hand."""
    preset = keys.PRESETS.get(request.POST.get("preset", ""))
    if preset is None:
        raise BadRequest(_("There is no such set of keys."))
    try:
        keys.set_keys(request.user, preset)
    except ConflictError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Saved."))
    return redirect("own-keys")


@require_POST
@access.signed_in
def change_password(request: PageRequest) -> HttpResponse:
    """Change one's own password, knowing the present one."""
    form = NewPasswordForm(request.POST)
    if not request.user.check_password(request.POST.get("present", "")):
        messages.error(request, _("The present password was not right."))
    elif not form.is_valid():
        messages.error(request, str(form.errors["password"][0]))
    else:
        people.accept_invitation(request.user, password=form.cleaned_data["password"])
        update_session_auth_hash(request, request.user)
        messages.success(request, _("The password is changed."))
    return redirect("account")


@require_http_methods(["GET", "POST"])
@access.signed_in
def everybody(request: PageRequest) -> HttpResponse:
    """List the people of the installation, and invite one more."""
    access.require_admin(request.user)
    form = InviteForm(request.POST or None)
    link = ""
    invited: User | None = None
    if request.method == "POST" and form.is_valid():
        invited = people.invite(
            username=form.cleaned_data["username"],
            full_name=form.cleaned_data["full_name"],
            is_admin=form.cleaned_data["is_admin"],
            by=request.user,
        )
        link = _invitation_link(request, invited)
        form = InviteForm()
    context = {
        "form": form,
        "link": link,
        "invited": invited,
        "people": User.objects.prefetch_related("memberships__line"),
    }
    status = 422 if form.errors else 200
    return page(request, "people/everybody.html", context, status=status)


@require_POST
@access.signed_in
def new_invitation(request: PageRequest, user_id: int) -> HttpResponse:
    """Make a new link for somebody who lost the password or the invitation."""
    person = access.person_for(request.user, user_id)
    context = {
        "form": InviteForm(),
        "link": _invitation_link(request, person),
        "invited": person,
        "people": User.objects.prefetch_related("memberships__line"),
    }
    return page(request, "people/everybody.html", context)


def _invitation_link(request: PageRequest, user: User) -> str:
    name, key = people.invitation_key(user)
    return request.build_absolute_uri(f"/invitation/{name}/{key}/")


@require_POST
@access.signed_in
def set_active(request: PageRequest, user_id: int) -> HttpResponse:
    """Let a person in, or keep them out from the next request on."""
    person = access.person_for(request.user, user_id)
    try:
        people.set_active(
            person, is_active=request.POST.get("active") == "yes", by=request.user
        )
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    return redirect("people")
