"""How a line deals gold, and an answer to gold that is read on purpose."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from reviewapp.forms.reviews import ClassesForm
from reviewapp.models import GoldTerms, ProductLine
from reviewapp.services.gold import MOST_SHARE
from reviewapp.services.qualifications import FEWEST_QUALIFYING

if TYPE_CHECKING:
    TermsModelForm = forms.ModelForm[GoldTerms]
else:  # Django's own class takes no parameter when the program runs
    TermsModelForm = forms.ModelForm


class TermsForm(TermsModelForm):
    """How often gold comes, and what qualifies; shares are typed in percent."""

    share = forms.FloatField(
        label=_("Gold among the work, in percent"),
        min_value=0,
        max_value=100 * MOST_SHARE,
        help_text=_("0: none. At 2 % an inspector meets about one in fifty items."),
    )
    qualification_size = forms.IntegerField(
        label=_("Gold items of a qualification"),
        min_value=0,
        max_value=200,
        help_text=_("0: this line asks for none."),
    )
    hits = forms.FloatField(
        label=_("Defective items to be found, at least, in percent"),
        min_value=0,
        max_value=100,
    )
    false_alarms = forms.FloatField(
        label=_("Good items that may be rejected, in percent"),
        min_value=0,
        max_value=100,
    )
    field_order = [
        "share",
        "rest_days",
        "most_reads",
        "qualification_size",
        "hits",
        "false_alarms",
        "valid_days",
    ]

    class Meta:
        model = GoldTerms
        fields = ["rest_days", "most_reads", "valid_days"]

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        line: ProductLine,
        instance: GoldTerms,
    ) -> None:
        initial = {
            "share": f"{100 * line.gold_share:g}",
            "qualification_size": line.qualification_size,
            "hits": f"{100 * instance.least_hits:g}",
            "false_alarms": f"{100 * instance.most_false_alarms:g}",
        }
        super().__init__(data, instance=instance, initial=initial)

    def clean(self) -> dict[str, Any]:
        """Put the pass marks, typed in percent, into the terms as shares."""
        cleaned = super().clean() or {}
        if {"hits", "false_alarms"} <= cleaned.keys():
            self.instance.least_hits = cleaned["hits"] / 100
            self.instance.most_false_alarms = cleaned["false_alarms"] / 100
        return cleaned

    def clean_qualification_size(self) -> int:
        """Refuse a run of which nobody could learn anything."""
        size: int = self.cleaned_data["qualification_size"]
        if 0 < size < FEWEST_QUALIFYING:
            raise forms.ValidationError(
                _("A qualification takes %(fewest)s items at least."),
                params={"fewest": FEWEST_QUALIFYING},
            )
        return size


class RunAnswerForm(ClassesForm):
    """What a person says of one item of a run."""

    place = forms.IntegerField(min_value=1, max_value=10_000)
