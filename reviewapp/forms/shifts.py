"""When a line suggests a break, and what is said in a dispute."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.models import DisputeOutcome, OwnBreaks, ShiftTerms
from reviewapp.services.disputes import LONGEST_REASON

if TYPE_CHECKING:
    TermsModelForm = forms.ModelForm[ShiftTerms]
    OwnModelForm = forms.ModelForm[OwnBreaks]
else:  # Django's own class takes no parameter when the program runs
    TermsModelForm = OwnModelForm = forms.ModelForm


class ShiftTermsForm(TermsModelForm):
    """When a line's inspectors are asked to take a break."""

    class Meta:
        model = ShiftTerms
        fields = ["break_after_min", "break_after_items"]
        help_texts = {
            "break_after_min": _(
                "0 asks for none. It comes between two items, and who goes on is asked "
                "again after as long. Inspectors may have it sooner for themselves."
            ),
            "break_after_items": _("0 does not count items."),
        }


class OwnBreaksForm(OwnModelForm):
    """When a person wants a break suggested, sooner than the line does."""

    class Meta:
        model = OwnBreaks
        fields = ["break_after_min", "break_after_items"]
        help_texts = {
            "break_after_min": _(
                "Blank: as the line says. Where the line says less, that holds; where "
                "it suggests none, yours does."
            ),
            "break_after_items": _("Blank: as the line says."),
        }


class ReasonForm(forms.Form):
    """What a person holds against an answer; how long it is, the service says."""

    reason = forms.CharField(max_length=2 * LONGEST_REASON, required=False)


class DisputeAnswerForm(forms.Form):
    """What a manager makes of a dispute, in words."""

    outcome = forms.ChoiceField(choices=DisputeOutcome.choices)
    words = forms.CharField(max_length=2 * LONGEST_REASON, required=False)
