"""The workbench: one item, one question, one key."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reviewapp import access
from reviewapp.errors import ClaimLostError, ConflictError, TooSoonError
from reviewapp.forms.numbers import whole_number
from reviewapp.forms.reviews import AnswerForm, FlagForm, HeldForm, first_error
from reviewapp.models import ProductLine, Review, Role
from reviewapp.pages import PageRequest, page
from reviewapp.services import (
    asides,
    books,
    breaks,
    corrections,
    hands,
    keys,
    labels,
    qualifications,
    reviews,
    shifts,
)
from reviewapp.services.book_pages import news_for
from reviewapp.services.corrections import GivenAnswer
from reviewapp.services.hands import HeldElsewhereError
from reviewapp.services.reviews import prediction_in_sight
from reviewapp.services.workbench import Workbench, behind_of, why_empty, workbench
from reviewapp.views.media import send_medium


@require_GET
@access.signed_in
def queue(request: PageRequest, slug: str) -> HttpResponse:
    """Say how the queue stands, and offer to begin."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    context = _empty(request, line) | {
        "elsewhere": hands.held_elsewhere(request.user, line),
        "shift": shifts.progress_of(line, request.user),
    }
    return page(request, "reviews/queue.html", context, part="review")


@require_POST
@access.signed_in
def begin(request: PageRequest, slug: str) -> HttpResponse:
    """Hold the next review and show it, after what is new in the label book."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    seen = whole_number(request.POST.get("seen", ""))
    if seen is not None:
        books.note_seen(line, seen, by=request.user)
    if books.has_news(line, request.user):
        return redirect("book-news", slug=line.slug)
    if "let_go" in request.POST:
        reviews.let_go_elsewhere(request.user, line)
    try:
        following = shifts.start_work(line, by=request.user)
    except HeldElsewhereError as refusal:
        context = _empty(request, line) | {"elsewhere": refusal.held}
        return page(request, "reviews/queue.html", context, part="review", status=409)
    return _follow(request, line, following)


@require_GET
@access.signed_in
def review(request: PageRequest, review_id: UUID) -> HttpResponse:
    """Show a review that the person holds; one that is gone leads to its queue."""
    line = access.line_of_review(request.user, review_id)
    held = access.review_in_hand(request.user, line, review_id)
    if held is None:
        return redirect("review-queue", slug=line.slug)
    shown = workbench(held, request.user)
    # the frame of the page alone has it: no answer reads or writes a shift
    context = {"bench": shown, "line": line}
    if not request.htmx:
        context["shift"] = shifts.progress_of(line, request.user)
    return page(request, "reviews/review.html", context, part="review")


@require_POST
@access.signed_in
def answer(request: PageRequest, review_id: UUID) -> HttpResponse:
    """Store the inspector's answer and hand over the next review."""
    line = access.line_of_review(request.user, review_id)
    form = AnswerForm(
        request.POST, classes=line.open_classes, allows_several=line.allows_several
    )
    if not form.is_valid():
        status = 409 if _has_been_retired(line, request) else 422
        message = first_error(form)
        return _refuse(request, line, review_id, message=message, status=status)
    try:
        answered = labels.answer_review(
            review_id, line, by=request.user, answer=form.given
        )
    except (ClaimLostError, TooSoonError) as refusal:
        return _refuse(request, line, review_id, message=refusal.message, status=409)
    following = answered.following
    if following is not None and line.has_news:
        return _tell_news(request, line)
    if following is not None and _has_stepped(request, following):
        given = corrections.as_given(answered.label, review_id, line)
        return _confirm(request, following, given)
    return _follow(request, line, following, is_saved=True)


@require_POST
@access.signed_in
def skip(request: PageRequest, review_id: UUID) -> HttpResponse:
    """Pass the review on to somebody else."""
    line = access.line_of_review(request.user, review_id)
    form = HeldForm(request.POST)
    if not form.is_valid():
        return _refuse(request, line, review_id, message=first_error(form), status=422)
    try:
        following = reviews.skip_review(
            review_id,
            line,
            by=request.user,
            key=form.claim_key,
            reason=form.reason_on(line),
        )
    except ClaimLostError as refusal:
        return _refuse(request, line, review_id, message=refusal.message, status=409)
    if following is not None and line.has_news:
        return _tell_news(request, line)
    return _follow(request, line, following)


@require_POST
@access.signed_in
def flag(request: PageRequest, review_id: UUID) -> HttpResponse:
    """Note what is wrong with the item in front, which stays there."""
    line = access.line_of_review(request.user, review_id)
    form = FlagForm(request.POST)
    if not form.is_valid():
        return _refuse(request, line, review_id, message=first_error(form), status=422)
    held = access.review_in_hand(request.user, line, review_id)
    if held is None:
        return redirect("review-queue", slug=line.slug)
    asides.flag_item(held, form.flagged_as, by=request.user)
    if not request.htmx:
        return redirect("review", review_id=review_id)
    noted = _("Flagged: %(kind)s.") % {"kind": form.flagged_as.label}
    return _show(request, workbench(held, request.user, noted=noted))


@require_POST
@access.signed_in
def release(request: PageRequest, review_id: UUID) -> HttpResponse:
    """Give the review back and take a break."""
    line = access.line_of_review(request.user, review_id)
    shifts.pause(line, by=request.user)
    form = HeldForm(request.POST)
    if form.is_valid():
        try:
            reviews.release_review(review_id, line, by=request.user, key=form.claim_key)
        except ClaimLostError:
            # It is not held any more, which is what was asked for.
            return redirect("review-queue", slug=line.slug)
    return redirect("review-queue", slug=line.slug)


@require_POST
@access.signed_in
def undo(request: PageRequest, slug: str) -> HttpResponse:
    """Take the person's last answer back and show its item again."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    try:
        reopened = corrections.undo_last(request.user, line)
    except ConflictError as refusal:
        return _nothing_to_take_back(request, line, refusal)
    return _follow(request, line, reopened)


@require_POST
@access.signed_in
def correct(request: PageRequest, review_id: UUID) -> HttpResponse:
    """Take one of the person's last answers back and show its item again."""
    line = access.line_of_review(request.user, review_id)
    try:
        reopened = corrections.take_back(review_id, line, by=request.user)
    except ConflictError as refusal:
        return _nothing_to_take_back(request, line, refusal)
    return _follow(request, line, reopened)


@require_POST
@access.signed_in
def put_back(request: PageRequest, slug: str) -> HttpResponse:
    """Give back what was reserved, when the page is left."""
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    hands.put_back(request.user, line)
    return HttpResponse(status=204)


@require_POST
@access.signed_in
def hold(request: PageRequest, slug: str) -> HttpResponse:
    """Let the claim on what is in sight go on; 409 says that it is lost.

    Beside it the page learns whether a break is due sooner than it would suggest one.
    """
    line = access.line_for(request.user, slug, Role.INSPECTOR)
    form = HeldForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    if not hands.prolong(request.user, line, key=form.claim_key):
        return HttpResponse(status=409)
    response = HttpResponse(status=204)
    if breaks.tell_break(line, request.user):
        response["Break-Due"] = "now"
    return response


@require_GET
@access.signed_in
def medium(request: PageRequest, review_id: UUID) -> HttpResponseBase:
    """Send the picture or recording of a review that the person holds."""
    line = access.line_of_review(request.user, review_id)
    held = access.review_in_hand(request.user, line, review_id, or_reserved=True)
    if held is None or not held.item.payload.media_path:
        raise Http404
    payload = held.item.payload
    return send_medium(request, payload.media_path, payload.media_type)


def _follow(
    request: PageRequest,
    line: ProductLine,
    following: Review | None,
    *,
    is_saved: bool = False,
) -> HttpResponse:
    """Answer htmx with the next part at once, a browser with a redirect to it."""
    if following is None:
        address = reverse("review-queue", kwargs={"slug": line.slug})
        if not request.htmx:
            return redirect(address)
        context = _empty(request, line)
        response = page(request, "reviews/queue.html", context, part="review")
    else:
        address = reverse("review", kwargs={"review_id": following.public_id})
        if not request.htmx:
            return redirect(address)
        response = _show(request, workbench(following, request.user, is_saved=is_saved))
    response["HX-Push-Url"] = address
    return response


def _tell_news(request: PageRequest, line: ProductLine) -> HttpResponse:
    """Show what is new in the label book before the item that is held by now."""
    address = reverse("book-news", kwargs={"slug": line.slug})
    if not request.htmx:
        return redirect(address)
    context = {"line": line, "news": news_for(line, request.user)}
    response = page(request, "books/news.html", context, part="review")
    response["HX-Push-Url"] = address
    return response


def _has_stepped(request: PageRequest, following: Review) -> bool:
    """Say whether the browser shows the following review already, as it should be."""
    return (
        bool(request.htmx)
        and request.POST.get("shown") == str(following.claim_token)
        and prediction_in_sight(following) is None
    )


def _confirm(
    request: PageRequest, following: Review, given: GivenAnswer
) -> HttpResponse:
    """Tell a browser that went ahead that its answer is stored, and what comes next."""
    context = {
        "line": following.line,
        "behind": behind_of(following),
        "given": given,
    }
    response = page(request, "reviews/step.html", context)
    response["HX-Push-Url"] = reverse(
        "review", kwargs={"review_id": following.public_id}
    )
    return response


def _nothing_to_take_back(
    request: PageRequest, line: ProductLine, refusal: ConflictError
) -> HttpResponse:
    held = Review.objects.held_by(request.user).filter(line=line).with_item().first()
    if held is not None:
        held.line = line
        shown = workbench(held, request.user, refusal=refusal.message)
        context = {"bench": shown, "line": line}
        return page(request, "reviews/review.html", context, part="review", status=409)
    context = _empty(request, line) | {"refusal": refusal.message}
    return page(request, "reviews/queue.html", context, part="review", status=409)


def _empty(request: PageRequest, line: ProductLine) -> dict[str, Any]:
    """Give what the page of a queue says when there is nothing in front."""
    own_keys = keys.keys_on(request.user, line.open_classes)
    return {
        "line": line,
        "reason": why_empty(line, request.user),
        "may_warm_up": line.gold_items.in_use().exists(),
        "run": qualifications.open_run(line, request.user),
        "answers": corrections.last_answers(request.user, line),
        "keys": own_keys,
        "printed": keys.printed(own_keys),
    }


def _show(request: PageRequest, shown: Workbench) -> HttpResponse:
    context = {"bench": shown, "line": shown.line}
    return page(request, "reviews/review.html", context, part="review")


def _refuse(
    request: PageRequest,
    line: ProductLine,
    review_id: UUID,
    *,
    message: str,
    status: int,
) -> HttpResponse:
    """Show the same part with what was refused; the answer stays chosen."""
    held = access.review_in_hand(request.user, line, review_id)
    chosen = request.POST.getlist("answer")
    if held is None:
        kept = line.classes.filter(key__in=chosen).values_list("name", flat=True)
        context = _empty(request, line) | {
            "refusal": message,
            "kept_answer": ", ".join(kept),
        }
        return page(
            request, "reviews/queue.html", context, part="review", status=status
        )
    shown = workbench(
        held,
        request.user,
        chosen=chosen,
        boxes=request.POST.get("boxes", "") if line.asks_where else "",
        comment=request.POST.get("comment", "")[:500],
        refusal=message,
    )
    context = {"bench": shown, "line": line}
    return page(request, "reviews/review.html", context, part="review", status=status)


def _has_been_retired(line: ProductLine, request: PageRequest) -> bool:
    """Say whether the answer was one of the classes when the item was opened."""
    chosen = request.POST.getlist("answer")
    return line.classes.filter(key__in=chosen).exclude(retired_at=None).exists()
