"""What a person may submit about shares: the canary's steps, the candidate's part."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from reviewapp.forms.signing import SignedForm
from reviewapp.policy import Requirements
from reviewapp.requirements import floor_of


class StepsForm(SignedForm):
    """The steps of a line's canary share, how long each lasts, and who goes on."""

    steps = forms.CharField(
        label=_("Steps, in percent"),
        max_length=100,
        help_text=_("Rising, with commas between, and 100 at the end."),
    )
    bake_days = forms.FloatField(label=_("Days at each step, at least"), max_value=90)
    bake_labels = forms.IntegerField(
        label=_("Blind labels at each step, at least"),
        max_value=100_000,
        help_text=_("Of items that the model would have decided, in the share or out."),
    )
    advances = forms.BooleanField(
        label=_("Go on by itself when every gate is open"), required=False
    )
    field_order = ["steps", "bake_days", "bake_labels", "advances"]

    def __init__(
        self,
        *args: Any,
        asked: Requirements,
        floors: Mapping[str, float],
        **kwargs: Any,
    ) -> None:
        present = {
            "steps": ", ".join(f"{step * 100:g}" for step in asked.canary_steps),
            "bake_days": f"{asked.bake_days:g}",
            "bake_labels": asked.bake_labels,
            "advances": asked.canary_advances,
        }
        kwargs["initial"] = present | kwargs.get("initial", {})
        super().__init__(*args, auto_id="steps-%s", **kwargs)
        self.fields["reason"].widget.attrs.pop("autofocus", None)
        for name in ("bake_days", "bake_labels"):
            least = floor_of(name, floors)
            self.fields[name].validators.append(MinValueValidator(least))
            self.fields[name].widget.attrs["min"] = f"{least:g}"

    def clean_steps(self) -> list[float]:
        """Read the steps; they rise, and end with everything."""
        texts = [text.strip(" %") for text in self.cleaned_data["steps"].split(",")]
        try:
            steps = [float(text) for text in texts if text]
        except ValueError as error:
            raise forms.ValidationError(
                _("Write the steps as numbers: 5, 20, 50, 100.")
            ) from error
        if not steps or steps[-1] != 100:  # noqa: PLR2004 - everything, in percent
            raise forms.ValidationError(_("The last step is 100."))
        is_rising = all(low < high for low, high in pairwise(steps))
        if not is_rising or steps[0] <= 0:
            raise forms.ValidationError(_("Each step is more than the one before."))
        return [step / 100 for step in steps]


class ShareForm(SignedForm):
    """How many of the items the candidate is the deciding version of, in percent."""

    share = forms.FloatField(
        label=_("Items it is the deciding version of, in percent"),
        min_value=0,
        max_value=100,
    )
    field_order = ["share"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="share-%s", **kwargs)
        self.fields["reason"].widget.attrs.pop("autofocus", None)
