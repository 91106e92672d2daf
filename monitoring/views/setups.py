"""A line's set-up: downloaded as a file, and made into another line."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from monitoring.forms.setups import FromSetupForm
from monitoring.services.setups import make_line, read_setup, setup_of, write_setup
from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.models import Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import people


@require_GET
@access.signed_in
def setup_file(request: PageRequest, slug: str) -> HttpResponse:
    """Give a line's set-up as a file."""
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    response = HttpResponse(
        write_setup(setup_of(line)), content_type="application/json"
    )
    response["Content-Disposition"] = f'attachment; filename="{line.slug}.setup.json"'
    return response


@require_http_methods(["GET", "POST"])
@access.signed_in
def new_from_setup(request: PageRequest) -> HttpResponse:
    """Make a line of a set-up; the admin who makes it becomes its first manager."""
    access.require_admin(request.user)
    form = FromSetupForm(
        request.POST or None,
        request.FILES or None,
        person=request.user,
        initial={"line": request.GET.get("line", "")},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                setup = (
                    read_setup(given["file"].read())
                    if given["file"]
                    else setup_of(given["line"])
                )
                line = make_line(setup, name=given["name"], by=request.user)
            except RefusedError as refusal:
                form.add_error("file" if given["file"] else "line", refusal.message)
            else:
                for role in (Role.MANAGER, Role.INSPECTOR):
                    people.give_role(request.user, line, role, by=request.user)
                said = _("%(line)s is there, at manual. Now bring people and items.")
                messages.success(request, said % {"line": line})
                return redirect("line-settings", slug=line.slug)
    context = {"form": form}
    return page(
        request, "lines/from_setup.html", context, part="from-setup", status=status
    )
