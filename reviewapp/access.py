"""Who may see which line: the only way a door gets a row.

Outside one's lines everything is 404, as if it were not there; 403 is for an action on
a visible line that one's roles do not include.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.models import (
    BookEdition,
    BookExample,
    DatasetSnapshot,
    Dispute,
    GoldItem,
    GoldRead,
    GoldRun,
    Item,
    Job,
    Membership,
    ModelVersion,
    ProductLine,
    Review,
    Role,
    Shift,
    Token,
    User,
)
from reviewapp.models.lines import schema_by_id
from reviewapp.models.policies import policy_by_id
from reviewapp.pages import PageRequest

P = ParamSpec("P")


def signed_in(
    view: Callable[Concatenate[PageRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let only signed-in people in; others are sent to sign in and come back."""

    def inner(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        _refuse_nul(request)
        # login_required has made sure of the user, the middleware of the rest
        return view(cast("PageRequest", request), *args, **kwargs)

    update_wrapper(inner, view)
    guarded: Callable[Concatenate[HttpRequest, P], HttpResponseBase] = login_required(
        inner
    )
    return guarded


def _refuse_nul(request: HttpRequest) -> None:
    """Refuse text that no column can hold, before a query or a row meets it."""
    for given in (request.GET, request.POST):
        for name, values in given.lists():
            if any("\0" in text for text in (name, *values)):
                raise BadRequest(f"There is a NUL character in {name!r}.")


def lines_of(user: User) -> list[ProductLine]:
    """All lines the person may see, with what the board shows."""
    return list(ProductLine.objects.visible_to(user).in_use().with_policy())


def line_for(
    user: User, slug: str, *roles: Role, or_admin: bool = False
) -> ProductLine:
    """Give a line the person may see; with roles, one on which they are held.

    Who has no time zone of their own reads times in the line's from here on.
    """
    line = get_object_or_404(
        ProductLine.objects.visible_to(user).with_policy(),
        slug=slug,
    )
    _read_times(user, line)
    if or_admin and user.is_admin:
        return line
    if roles and not user.has_role(line, *roles):
        raise PermissionDenied(
            _("This needs the role %(roles)s on %(line)s. A manager can give it.")
            % {"roles": " / ".join(str(role.label) for role in roles), "line": line}
        )
    return line


def _read_times(user: User, line: ProductLine) -> None:
    """Let the rest of the request speak in the line's zone; the middleware ends it."""
    if not user.time_zone:
        timezone.activate(ZoneInfo(line.time_zone))


def roles_on(user: User, line: ProductLine) -> frozenset[str]:
    """All roles of the person on a line; an admin's is ``admin``."""
    held = set(user.memberships.filter(line=line).values_list("role", flat=True))
    return frozenset(held | ({"admin"} if user.is_admin else set()))


def line_of_review(user: User, review_id: UUID) -> ProductLine:
    """Give the line of a review, if the person inspects there."""
    line = ProductLine.objects.of_review(review_id, user)
    if line is None:
        raise Http404
    if line.policy_id:
        line.policy = policy_by_id(line.policy_id)
    if line.schema_id:
        line.schema = schema_by_id(line.schema_id)
    _read_times(user, line)
    return line


def review_in_hand(
    user: User, line: ProductLine, review_id: UUID, *, or_reserved: bool = False
) -> Review | None:
    """Give a review the person holds now; ``None`` if it is not theirs any more.

    One that is only reserved is not to be shown yet, but its medium may be fetched.
    """
    held = (
        Review.objects.in_hand_of(user) if or_reserved else Review.objects.held_by(user)
    )
    review = held.with_item().filter(line=line, public_id=review_id).first()
    if review is not None:
        review.line = line
    return review


def item_for(user: User, line: ProductLine, item_id: UUID) -> Item:
    """Give an item of a line whose content the person may see."""
    return get_object_or_404(
        Item.objects.visible_to(user).of_line(line).with_story(), public_id=item_id
    )


def membership_of(line: ProductLine, membership_id: int) -> Membership:
    """Give a membership of a line that was already checked."""
    return get_object_or_404(line.memberships.select_related("user"), pk=membership_id)


def token_of(line: ProductLine, token_id: int) -> Token:
    """Give a token of a line that was already checked."""
    return get_object_or_404(line.tokens, pk=token_id)


def version_of(line: ProductLine, version_id: int) -> ModelVersion:
    """Give a version of a line that was already checked."""
    return get_object_or_404(line.versions, pk=version_id)


def snapshot_of(line: ProductLine, number: int) -> DatasetSnapshot:
    """Give a snapshot of a line that was already checked."""
    return get_object_or_404(line.snapshots, number=number)


def edition_of(line: ProductLine, number: int) -> BookEdition:
    """Give a published edition of the book of a line that was already checked."""
    return get_object_or_404(line.editions.published(), number=number)


def example_of(line: ProductLine, public_id: UUID) -> BookExample:
    """Give an example in the book of a line that was already checked."""
    found = BookExample.objects.with_item().select_related("edition")
    return get_object_or_404(found, edition__line=line, public_id=public_id)


def gold_of(line: ProductLine, gold_id: int) -> GoldItem:
    """Give a gold item of a line that was already checked."""
    return get_object_or_404(line.gold_items.select_related("item"), pk=gold_id)


def run_of(line: ProductLine, user: User, run_id: int) -> GoldRun:
    """Give a person's own run of gold on a line that was already checked."""
    return get_object_or_404(line.gold_runs, pk=run_id, inspector=user)


def own_shift(user: User, slug: str, shift_id: int) -> Shift:
    """Give a person's own shift that has ended; nobody else's, whatever the role."""
    return get_object_or_404(
        Shift.objects.ended().select_related("line__policy", "line__state"),
        pk=shift_id,
        inspector=user,
        line__in=ProductLine.objects.visible_to(user).filter(slug=slug),
    )


def told_read(user: User, line: ProductLine, read_id: int) -> GoldRead:
    """Give a read of gold whose answer the person was told."""
    return get_object_or_404(
        GoldRead.objects.told_to(user), pk=read_id, gold__line=line
    )


def dispute_of(line: ProductLine, dispute_id: int) -> Dispute:
    """Give a dispute of a line that was already checked."""
    return get_object_or_404(line.disputes, pk=dispute_id)


def job_of(line: ProductLine, job_id: int) -> Job:
    """Give a job of a line that was already checked."""
    return get_object_or_404(line.jobs, pk=job_id)


def person_for(admin: User, user_id: int) -> User:
    """Give any person, to an admin only."""
    if not admin.is_admin:
        raise Http404
    return get_object_or_404(User, pk=user_id)


def require_admin(user: User) -> None:
    """Refuse everybody but an admin."""
    if not user.is_admin:
        raise PermissionDenied(_("Only an admin of this installation may do this."))
