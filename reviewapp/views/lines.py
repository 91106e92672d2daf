"""Making a line, and setting what it asks."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.forms.lines import BenchForm, ClassForm, LineForm, LooksForm
from reviewapp.forms.order import OrderForm
from reviewapp.forms.shifts import ShiftTermsForm
from reviewapp.models import (
    JobKind,
    Meaning,
    Modality,
    OrderChoices,
    ProductLine,
    QueueTerms,
    Role,
)
from reviewapp.pages import PageRequest, page
from reviewapp.policy import AssistStyle
from reviewapp.services import handling, levels, lines, order, people, shifts
from reviewapp.services.seconds import SecondPersonError
from reviewapp.views.media import send_medium


@require_http_methods(["GET", "POST"])
@access.signed_in
def new_line(request: PageRequest) -> HttpResponse:
    """Make a line; the admin who makes it becomes its first manager."""
    access.require_admin(request.user)
    form = LineForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        context = {"form": form}
        return page(request, "lines/new.html", context, part="new-line", status=status)
    given = form.cleaned_data
    is_table = given["modality"] == Modality.TABULAR
    columns = [{"name": name, "kind": "number"} for name in given["columns"]]
    line = lines.create_line(
        name=given["name"],
        question=given["question"],
        modality=Modality(given["modality"]),
        time_zone=given["time_zone"],
        classes=[
            lines.NewClass(name=name, meaning=meaning)
            for name, meaning in given["classes"]
        ],
        columns=columns if is_table else None,
        by=request.user,
    )
    for role in (Role.MANAGER, Role.INSPECTOR):
        people.give_role(request.user, line, role, by=request.user)
    messages.success(request, _("%(line)s is there. Now bring items.") % {"line": line})
    return redirect("line", slug=line.slug)


@require_GET
@access.signed_in
def settings(request: PageRequest, slug: str) -> HttpResponse:
    """Show a line's classes, columns, people, tokens and looks."""
    line = access.line_for(request.user, slug, Role.MANAGER, or_admin=True)
    return _settings(request, line)


def _settings(
    request: PageRequest, line: ProductLine, *, status: int = 200, **forms: object
) -> HttpResponse:
    in_force = line.in_force
    context: dict[str, Any] = {
        "line": line,
        "tab": "settings",
        "roles": access.roles_on(request.user, line),
        "classes": list(line.classes.in_use()),
        "class_form": ClassForm(),
        "bench_form": BenchForm(instance=line),
        "order_form": OrderForm(instance=QueueTerms.objects.of_line(line)),
        "queue": QueueTerms.objects.of_line(line),
        "placing": line.jobs.filter(kind=JobKind.PLACING)[:1],
        "breaks_form": ShiftTermsForm(instance=shifts.terms_of(line)),
        "looks_form": LooksForm(
            initial={
                "blind_share": in_force.blind_share,
                "assist_style": in_force.assist_style,
                "other_style_share": in_force.other_style_share,
                "reads_per_item": in_force.reads_per_item,
                "seen_policy": in_force.number,
            }
        ),
    }
    return page(request, "lines/settings.html", context | forms, status=status)


@require_POST
@access.signed_in
def add_class(request: PageRequest, slug: str) -> HttpResponse:
    """Add a permitted answer."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = ClassForm(request.POST)
    if not form.is_valid():
        return _settings(request, line, status=422, class_form=form)
    given = form.cleaned_data
    new = lines.NewClass(
        name=given["name"],
        meaning=Meaning(given["meaning"]),
        description=given["description"],
    )
    if line.classes.filter(name__iexact=new.name.strip()).exists():
        form.add_error("name", _("There is a class of this name already."))
        return _settings(request, line, status=422, class_form=form)
    try:
        lines.add_classes(line, [new], by=request.user)
    except RefusedError as refusal:
        form.add_error("name", refusal.message)
        return _settings(request, line, status=422, class_form=form)
    return redirect("line-settings", slug=line.slug)


@require_POST
@access.signed_in
def retire_class(request: PageRequest, slug: str, class_id: int) -> HttpResponse:
    """Take a permitted answer out of use."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    try:
        lines.retire_class(
            get_object_or_404(line.classes, pk=class_id), by=request.user
        )
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    return redirect("line-settings", slug=line.slug)


@require_POST
@access.signed_in
def change_looks(request: PageRequest, slug: str) -> HttpResponse:
    """Set how often people look blind, and when they meet the prediction."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = LooksForm(request.POST)
    if not form.is_valid():
        return _settings(request, line, status=422, looks_form=form)
    given = form.cleaned_data
    try:
        levels.change_looks(
            line,
            blind_share=given["blind_share"],
            assist_style=AssistStyle(given["assist_style"]),
            other_style_share=given["other_style_share"] or 0.0,
            reads_per_item=given["reads_per_item"],
            seen_policy=given["seen_policy"],
            by=request.user,
        )
    except SecondPersonError:
        form.add_error(
            "blind_share",
            _(
                "On this line a second person approves fewer blind looks. Sign it on "
                "the thresholds page."
            ),
        )
        return _settings(request, line, status=409, looks_form=form)
    except RefusedError as refusal:
        form.add_error(None, refusal.message)
        return _settings(request, line, status=409, looks_form=form)
    messages.success(request, _("Saved as policy %(n)s.") % {"n": line.in_force.number})
    return redirect("line-settings", slug=line.slug)


@require_GET
@access.signed_in
def golden(request: PageRequest, slug: str) -> HttpResponseBase:
    """Send the line's golden sample, to whoever works on the line."""
    line = access.line_for(request.user, slug, *Role)
    sample = line.golden
    if sample is None or not hasattr(sample, "payload"):
        raise Http404
    return send_medium(request, sample.payload.media_path, sample.payload.media_type)


@require_POST
@access.signed_in
def change_bench(request: PageRequest, slug: str) -> HttpResponse:
    """Set how a line's inspectors work."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = BenchForm(request.POST, instance=line)
    if not form.is_valid():
        return _settings(request, line, status=422, bench_form=form)
    lines.set_bench_terms(line, by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("line-settings", slug=line.slug)


@require_POST
@access.signed_in
def change_order(request: PageRequest, slug: str) -> HttpResponse:
    """Set in which order a line's items come, and how long a claim on one lasts."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = OrderForm(request.POST, instance=QueueTerms.objects.of_line(line))
    if not form.is_valid():
        return _settings(request, line, status=422, order_form=form)
    given = form.cleaned_data
    try:
        order.set_order(
            line,
            rule=OrderChoices(given["rule"]),
            age_share=given["age_share"],
            due_after_min=given["due_after_min"],
            by=request.user,
        )
    except RefusedError as refusal:
        form.add_error(None, refusal.message)
        return _settings(request, line, status=409, order_form=form)
    handling.set_claim_length(line, given["claim_length_s"], by=request.user)
    messages.success(request, _("Saved."))
    return redirect("line-settings", slug=line.slug)


@require_POST
@access.signed_in
def change_breaks(request: PageRequest, slug: str) -> HttpResponse:
    """Set when a line's inspectors are asked to take a break."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = ShiftTermsForm(request.POST, instance=shifts.terms_of(line))
    if not form.is_valid():
        return _settings(request, line, status=422, breaks_form=form)
    shifts.set_terms(line, form.instance, by=request.user)
    messages.success(request, _("Saved."))
    return redirect("line-settings", slug=line.slug)
