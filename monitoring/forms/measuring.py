"""What a manager may submit about how a line is measured."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.models import SegmentKind
from monitoring.services.windowsizes import FEWEST_JUDGED, MOST_DAYS, Size

MOST_HOURS = 24 * MOST_DAYS
MOST_ITEMS = 1_000_000


class WindowForm(forms.Form):
    """How long a window lasts, and from how many items on it is judged."""

    hours = forms.IntegerField(
        label=_("Hours, at least"),
        min_value=1,
        max_value=MOST_HOURS,
        help_text=_("24 is a day. Shorter windows see a jump sooner."),
    )
    items = forms.IntegerField(
        label=_("Items, at least"),
        min_value=FEWEST_JUDGED,
        max_value=MOST_ITEMS,
        help_text=_("A window goes on until it holds as many. More see smaller moves."),
    )
    judged_from = forms.IntegerField(
        label=_("No verdict below, items"),
        min_value=FEWEST_JUDGED,
        max_value=MOST_ITEMS,
        help_text=_(
            "200 is usual. Fewer see large moves only, and make no more false alarms."
        ),
    )
    longest_days = forms.IntegerField(
        label=_("Days, at most"),
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("Then a window ends with what there is."),
    )
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse a window that could never be judged, or could not last so long."""
        cleaned = super().clean() or {}
        if cleaned.get("judged_from", 0) > cleaned.get("items", MOST_ITEMS):
            self.add_error(
                "judged_from",
                _("A window is full with fewer items than it takes for a verdict."),
            )
        if cleaned.get("hours", 0) > 24 * cleaned.get("longest_days", MOST_DAYS):
            self.add_error(
                "longest_days", _("That is shorter than the hours that it lasts.")
            )
        return cleaned

    @property
    def size(self) -> Size:
        """The size that was asked for."""
        given = self.cleaned_data
        return Size(
            hours=given["hours"],
            items=given["items"],
            judged_from=given["judged_from"],
            longest_days=given["longest_days"],
        )


class SegmentForm(forms.Form):
    """What a line's figures are told apart by."""

    kind = forms.TypedChoiceField(
        label=_("Tell figures apart by"),
        choices=SegmentKind.choices,
        coerce=SegmentKind,
    )


def window_form(size: Size) -> WindowForm:
    """Give the form as a size fills it."""
    return WindowForm(
        initial={
            "hours": size.hours,
            "items": size.items,
            "judged_from": size.judged_from,
            "longest_days": size.longest_days,
        }
    )
