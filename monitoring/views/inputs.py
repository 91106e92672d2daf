"""What arrives on a line, held against what its version knew; and what moved most."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from monitoring.services.arriving import Arriving, Column, arriving
from monitoring.services.early_looks import moved_early
from monitoring.services.events import Event, events
from monitoring.services.farthest import farthest_items
from monitoring.services.freshness import gaps
from monitoring.services.series import Span
from monitoring.services.unlabelled import unlabelled
from monitoring.services.windowsizes import size_of
from monitoring.views.plots import SpreadPlot
from monitoring.views.spans import read_span
from reviewapp import access
from reviewapp.models import Item, ProductLine, Role, User
from reviewapp.pages import PageRequest, page

# Who may read items one by one; everybody on the line may see how they are spread.
READERS = (Role.MANAGER, Role.SCIENTIST)


@require_GET
@access.signed_in
def inputs(request: PageRequest, slug: str) -> HttpResponse:
    """Show what arrives, column by column, in the band of what was known before."""
    seen = access.line_for(request.user, slug)
    at = timezone.now()
    asked_span = read_span(request, seen, at=at)
    span = asked_span.span
    found, marks = arriving(seen, span, at=at), events(seen, span)
    roles = access.roles_on(request.user, seen)
    context = {
        "line": seen,
        "tab": "inputs",
        "gaps": gaps(seen, at=at),
        "roles": roles,
        "may_read_items": not roles.isdisjoint(READERS),
        "asked_span": asked_span,
        "found": found,
        "early": moved_early(seen),
        "marks": marks,
        "columns": [
            {"column": column, "plot": _column_plot(column, span, marks)}
            for column in found.columns
        ],
        "size": size_of(seen),
        "unlabelled": unlabelled(seen, found.compared) if found.compared else None,
    }
    return page(request, "lines/inputs.html", context)


def _column_plot(
    column: Column, span: Span, marks: Sequence[Event], *, height: int = 132
) -> SpreadPlot:
    return SpreadPlot(
        name=f"column-{column.key}",
        label=_(column.title),
        unit=column.unit,
        points=column.days,
        span=span,
        events=marks,
        lists_marks=False,
        who="ink",
        height=height,
        band=None if column.is_categorical else column.band,
    )


@require_GET
@access.signed_in
def farthest(request: PageRequest, slug: str) -> HttpResponse:
    """Show the items of the newest compared window that moved most in one column."""
    seen = access.line_for(request.user, slug, *READERS)
    at = timezone.now()
    asked_span = read_span(request, seen, at=at)
    span = asked_span.span
    found, marks = arriving(seen, span, at=at), events(seen, span)
    column = _asked_column(request, found)
    items = _items(seen, request.user, found, column) if column else []
    context = {
        "line": seen,
        "tab": "inputs",
        "roles": access.roles_on(request.user, seen),
        "asked_span": asked_span,
        "found": found,
        "column": column,
        "marks": marks,
        "plot": _column_plot(column, span, marks, height=200) if column else None,
        "items": items,
    }
    return page(request, "lines/farthest.html", context)


def _asked_column(request: PageRequest, found: Arriving) -> Column | None:
    """Give the column of the address; without one, the first that moved."""
    compared = [column for column in found.columns if column.is_compared]
    asked = request.GET.get("column", "")
    for column in compared:
        if column.name == asked:
            return column
    if asked:
        messages.warning(
            request,
            _("No column %(name)r was compared in the newest window.")
            % {"name": asked[:60]},
        )
    return next(iter([*found.moved, *compared]), None)


def _items(
    line: ProductLine, user: User, found: Arriving, column: Column
) -> list[dict[str, object]]:
    """Give each far item with its value, as far as the person may see it."""
    if found.compared is None:
        return []
    far = farthest_items(found.compared, column.name)
    seen = Item.objects.visible_to(user).of_line(line).select_related("payload")
    by_id = seen.in_bulk([one.item_id for one in far])
    return [
        {"far": one, "item": by_id[one.item_id]} for one in far if one.item_id in by_id
    ]
