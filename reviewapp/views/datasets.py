"""Datasets: taking a snapshot of a line's labels, and exporting it."""

from collections.abc import Iterator
from typing import TypeVar

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.forms.datasets import SnapshotForm
from reviewapp.models import DatasetSnapshot, JobKind, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import datasets, jobs

R = TypeVar("R", HttpResponse, StreamingHttpResponse)

READERS = (Role.MANAGER, Role.SCIENTIST)


@require_http_methods(["GET", "POST"])
@access.signed_in
def line_datasets(request: PageRequest, slug: str) -> HttpResponse:
    """List a line's snapshots, and ask for one more."""
    line = access.line_for(request.user, slug, *READERS)
    form = SnapshotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            jobs.ask_for(
                JobKind.SNAPSHOT, line, by=request.user, arguments=form.cleaned_data
            )
        except RefusedError as refusal:
            messages.error(request, refusal.message)
        return redirect("line-datasets", slug=line.slug)
    context = {
        "line": line,
        "tab": "datasets",
        "roles": access.roles_on(request.user, line),
        "form": form,
        "snapshots": line.snapshots.select_related("taken_by"),
        "jobs": line.jobs.filter(kind=JobKind.SNAPSHOT)[:3],
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "datasets/datasets.html", context, status=status)


@require_GET
@access.signed_in
def manifest(request: PageRequest, slug: str, number: int) -> HttpResponse:
    """Send what a snapshot holds: its selection, its columns, its hashes."""
    line = access.line_for(request.user, slug, *READERS)
    snapshot = access.snapshot_of(line, number)
    response = JsonResponse(
        datasets.manifest_of(snapshot), json_dumps_params={"indent": 2}
    )
    return _as_file(response, f"{line.slug}-{number}.manifest.json")


@require_GET
@access.signed_in
def export_jsonl(request: PageRequest, slug: str, number: int) -> StreamingHttpResponse:
    """Stream a snapshot, one JSON object a line."""
    line = access.line_for(request.user, slug, *READERS)
    snapshot = access.snapshot_of(line, number)
    lines = datasets.export_jsonl(snapshot)
    return _stream(lines, "application/jsonl", snapshot, "jsonl")


@require_GET
@access.signed_in
def export_csv(request: PageRequest, slug: str, number: int) -> StreamingHttpResponse:
    """Stream a snapshot for a spreadsheet, with formulas made harmless."""
    line = access.line_for(request.user, slug, *READERS)
    snapshot = access.snapshot_of(line, number)
    lines = datasets.export_csv(snapshot)
    return _stream(lines, "text/csv; charset=utf-8", snapshot, "csv")


def _stream(
    lines: Iterator[bytes], media_type: str, snapshot: DatasetSnapshot, ending: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=media_type)
    return _as_file(response, f"{snapshot.line.slug}-{snapshot.number}.{ending}")


def _as_file(response: R, name: str) -> R:
    header = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = header or "attachment"
    return response
