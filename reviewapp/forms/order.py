"""In which order a line's items come to people, and how long a claim on one lasts."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.models import QueueTerms

if TYPE_CHECKING:
    QueueTermsForm = forms.ModelForm[QueueTerms]
else:  # Django's own class takes no parameter when the program runs
    QueueTermsForm = forms.ModelForm


class OrderForm(QueueTermsForm):
    """What comes first, when it is due, and how long a claim lasts."""

    claim_length_s = forms.IntegerField(
        label=_("A claim lasts, in seconds"),
        min_value=30,
        max_value=3600,
        required=False,
        help_text=_("Empty: it follows how long people take."),
    )

    class Meta:
        model = QueueTerms
        fields = ["rule", "age_share", "due_after_min"]
        help_texts = {
            "rule": _(
                "Among items of one priority. Blind looks and audits always come by "
                "age: they are the evidence, and what is chosen by confidence is no "
                "fair sample. So a rule other than age moves assisted items only."
            ),
            "age_share": _(
                "From 0.05 to 1, for the mixed rule: this share of the assisted items "
                "is drawn by lot and comes by age, whatever the model says."
            ),
            "due_after_min": _(
                "From when an item is queued. What is near its due time comes first, "
                "however sure the model is. Empty for none: then a sure item lets "
                "others go first for up to seven days."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = self.instance
        if terms.claim_is_fixed:
            self.initial["claim_length_s"] = terms.line.claim_length_s
