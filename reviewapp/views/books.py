"""The label book: read beside an item or by itself, and written by managers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviewapp import access
from reviewapp.errors import RefusedError
from reviewapp.forms.books import DefinitionsForm, ExampleForm, PublishForm
from reviewapp.forms.numbers import whole_number
from reviewapp.models import ExampleKind, ProductLine, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import books
from reviewapp.services.book_pages import chapters_of, news_for
from reviewapp.services.media import is_there
from reviewapp.views.media import send_medium

READERS = (Role.INSPECTOR, Role.MANAGER, Role.SCIENTIST)


@require_GET
@access.signed_in
def book(request: PageRequest, slug: str) -> HttpResponse:
    """Show the edition in force, or an earlier one by its number."""
    line = access.line_for(request.user, slug, *READERS)
    asked = whole_number(request.GET.get("edition", ""))
    edition = line.edition if asked is None else access.edition_of(line, asked)
    context = _frame(request, line) | {
        "edition": edition,
        "chapters": chapters_of(edition) if edition else [],
        "editions": list(line.editions.published().select_related("published_by")),
        "draft": books.draft_of(line),
    }
    return page(request, "books/book.html", context, part="label-book")


@require_GET
@access.signed_in
def news(request: PageRequest, slug: str) -> HttpResponse:
    """Show what changed since the person's last shift."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    found = news_for(line, request.user)
    if found is None:
        return redirect("review-queue", slug=line.slug)
    context = {"line": line, "news": found}
    return page(request, "books/news.html", context, part="review")


@require_http_methods(["GET", "POST"])
@access.signed_in
def draft(request: PageRequest, slug: str) -> HttpResponse:
    """Show the draft to a manager, and keep its definitions."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    if request.method == "GET":
        return _draft(request, line)
    form = DefinitionsForm(request.POST, classes=line.open_classes)
    if not form.is_valid():
        return _draft(request, line, status=422, form=form)
    try:
        books.define(line, form.cleaned_data)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The draft is kept. Nobody else sees it yet."))
    return redirect("book-draft", slug=line.slug)


@require_POST
@access.signed_in
def begin(request: PageRequest, slug: str) -> HttpResponse:
    """Begin the next edition."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    books.begin_draft(line, by=request.user)
    return redirect("book-draft", slug=line.slug)


@require_POST
@access.signed_in
def publish(request: PageRequest, slug: str) -> HttpResponse:
    """Put the draft in force."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _draft(request, line, status=422, publish_form=form)
    try:
        edition = books.publish(line, note=form.cleaned_data["note"], by=request.user)
    except RefusedError as refusal:
        form.add_error(None, refusal.message)
        return _draft(request, line, status=409, publish_form=form)
    messages.success(
        request, _("Edition %(n)s is in force from now on.") % {"n": edition.number}
    )
    return redirect("line-book", slug=line.slug)


@require_POST
@access.signed_in
def discard(request: PageRequest, slug: str) -> HttpResponse:
    """Throw the draft away."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    try:
        books.discard_draft(line)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    return redirect("line-book", slug=line.slug)


@require_POST
@access.signed_in
def add_example(request: PageRequest, slug: str, item_id: UUID) -> HttpResponse:
    """Put an item into the draft."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    item = access.item_for(request.user, line, item_id)
    form = ExampleForm(request.POST, classes=line.open_classes)
    if not form.is_valid():
        messages.error(request, _("Choose the class and what the item shows of it."))
        return redirect("line-item", slug=line.slug, item_id=item_id)
    given = form.cleaned_data
    try:
        books.add_example(
            line,
            item,
            label_class=form.chosen,
            kind=ExampleKind(given["kind"]),
            note=given["note"],
            by=request.user,
        )
    except RefusedError as refusal:
        messages.error(request, refusal.message)
        return redirect("line-item", slug=line.slug, item_id=item_id)
    return redirect("book-draft", slug=line.slug)


@require_POST
@access.signed_in
def remove_example(request: PageRequest, slug: str, example_id: UUID) -> HttpResponse:
    """Take an example out of the draft."""
    line = access.line_for(request.user, slug, Role.MANAGER)
    try:
        books.remove_example(line, example_id)
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    return redirect("book-draft", slug=line.slug)


@require_GET
@access.signed_in
def medium(request: PageRequest, slug: str, example_id: UUID) -> HttpResponseBase:
    """Send the picture or recording of an example; of a draft only to managers."""
    line = access.line_for(request.user, slug, *READERS)
    example = access.example_of(line, example_id)
    is_draft = example.edition.published_at is None
    if is_draft and not request.user.has_role(line, Role.MANAGER):
        raise Http404
    payload = getattr(example.item, "payload", None)
    if payload is None or not payload.media_path or not is_there(payload.media_path):
        raise Http404
    return send_medium(request, payload.media_path, payload.media_type)


def _draft(
    request: PageRequest, line: ProductLine, *, status: int = 200, **forms: object
) -> HttpResponse:
    found = books.draft_of(line)
    chapters = chapters_of(found) if found else []
    written = {one.label_class.key: one.definition for one in chapters}
    context: dict[str, Any] = _frame(request, line) | {
        "draft": found,
        "chapters": chapters,
        "form": DefinitionsForm(initial=written, classes=line.open_classes),
        "publish_form": PublishForm(),
    }
    return page(request, "books/draft.html", context | forms, status=status)


def _frame(request: PageRequest, line: ProductLine) -> dict[str, Any]:
    return {
        "line": line,
        "tab": "book",
        "roles": access.roles_on(request.user, line),
    }
