"""Who works on a line."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from reviewapp import access
from reviewapp.forms.memberships import MembershipForm
from reviewapp.models import Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import people


@require_http_methods(["GET", "POST"])
@access.signed_in
def memberships(request: PageRequest, slug: str) -> HttpResponse:
    """List who works on a line, and give somebody a role.

    A manager gives the role of inspector; the others are an admin's to give.
    """
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    form = MembershipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        role = Role(form.cleaned_data["role"])
        if role is Role.INSPECTOR or request.user.is_admin:
            people.give_role(
                form.cleaned_data["username"],
                line,
                role,
                by=request.user,
                is_adjudicator=form.cleaned_data["is_adjudicator"]
                if role is Role.INSPECTOR
                else None,
            )
            return redirect("line-people", slug=line.slug)
        form.add_error("role", _("Only an admin gives this role."))
    context = {
        "line": line,
        "tab": "people",
        "roles": access.roles_on(request.user, line),
        "form": form,
        "lacks_adjudicator": line.in_force.reads_per_item > 1
        and not line.memberships.filter(is_adjudicator=True).exists(),
        "memberships": line.memberships.select_related("user").order_by(
            "user__username", "role"
        ),
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "lines/people.html", context, status=status)


@require_POST
@access.signed_in
def end(request: PageRequest, slug: str, membership_id: int) -> HttpResponse:
    """Take a role away."""
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    membership = access.membership_of(line, membership_id)
    if membership.role != Role.INSPECTOR:
        access.require_admin(request.user)
    people.take_role(membership, by=request.user)
    return redirect("line-people", slug=line.slug)
