"""What a person may submit to override shut gates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.forms.signing import SignedForm
from reviewapp.overrides import LONGEST_DAYS, SHORTEST_REASON


class OverrideForm(SignedForm):
    """For how many days something is let through, and why."""

    days = forms.IntegerField(
        label=_("Days that it lasts"),
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text=_("From the second signature on; at most %(n)s.")
        % {"n": LONGEST_DAYS},
    )
    field_order = ["days"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        reason.help_text = _("At least %(n)s characters. It stands in the history.") % {
            "n": SHORTEST_REASON
        }
        reason.widget.attrs |= {"rows": 4, "minlength": SHORTEST_REASON}
        reason.widget.attrs.pop("autofocus", None)

    def clean_reason(self) -> str:
        """Ask for a sentence that says why."""
        reason: str = self.cleaned_data["reason"].strip()
        if len(reason) < SHORTEST_REASON:
            raise forms.ValidationError(
                _("Say why in a sentence of at least %(n)s characters."),
                params={"n": SHORTEST_REASON},
            )
        return reason
