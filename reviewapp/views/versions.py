"""Versions of a line's model: what is registered, and which one is live."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.forms.versions import TrialForm
from reviewapp.models import JobKind, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import candidates, jobs, levels

READERS = (Role.MANAGER, Role.SCIENTIST)


@require_GET
@access.signed_in
def versions(request: PageRequest, slug: str) -> HttpResponse:
    """List a line's versions with hold-out figures, and the training that runs."""
    line = access.line_for(request.user, slug, *READERS)
    context = {
        "line": line,
        "tab": "versions",
        "roles": access.roles_on(request.user, line),
        "versions": line.versions.select_related("registered_by", "snapshot"),
        "jobs": line.jobs.filter(kind=JobKind.TRAINING)[:3],
    }
    return page(request, "versions/versions.html", context)


@require_POST
@access.signed_in
def put_live(request: PageRequest, slug: str, version_id: int) -> HttpResponse:
    """Make a version the live one; it inherits no trust."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    version = access.version_of(line, version_id)
    try:
        policy = levels.put_live(line, version, by=request.user)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request,
            _("%(version)s is live, at %(level)s. Its evidence begins now.")
            % {"version": version, "level": policy.get_level_display()},
        )
    return redirect("line", slug=line.slug)


@require_POST
@access.signed_in
def put_on_trial(request: PageRequest, slug: str, version_id: int) -> HttpResponse:
    """Let a version answer beside the live one, and decide nothing."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    version = access.version_of(line, version_id)
    form = TrialForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The share of the items is from 1 to 100 percent."))
        return redirect("line-versions", slug=line.slug)
    try:
        candidates.put_on_trial(
            line, version, scoring_share=form.scoring_share, by=request.user
        )
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request,
            _("%(version)s is on trial. It answers beside the live version.")
            % {"version": version},
        )
    return redirect("line-versions", slug=line.slug)


@require_POST
@access.signed_in
def withdraw(request: PageRequest, slug: str) -> HttpResponse:
    """Take the candidate off."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    try:
        candidates.withdraw(line, by=request.user)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The trial is over. What it answered is kept."))
    return redirect("line-versions", slug=line.slug)


@require_POST
@access.signed_in
def return_to_previous(request: PageRequest, slug: str) -> HttpResponse:
    """Bring the version that was live before back: one click, and no broker."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    try:
        policy = candidates.return_to_previous(line, by=request.user)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request,
            _("%(version)s is live again, at %(level)s, by policy %(number)s.")
            % {
                "version": policy.live,
                "level": policy.get_level_display(),
                "number": policy.number,
            },
        )
    return redirect("line-versions", slug=line.slug)


@require_POST
@access.signed_in
def train(request: PageRequest, slug: str) -> HttpResponse:
    """Ask for a new version, trained on the line's labels."""
    line = access.line_for(request.user, slug, *READERS)
    try:
        jobs.ask_for(JobKind.TRAINING, line, by=request.user)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    return redirect("line-versions", slug=line.slug)
