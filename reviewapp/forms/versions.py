"""How a version is put on trial."""

from django import forms


class TrialForm(forms.Form):
    """How many of the items a version on trial answers too, in percent."""

    scored = forms.FloatField(min_value=1, max_value=100, required=False)

    @property
    def scoring_share(self) -> float:
        """The share in (0, 1]; all of them where nothing was said."""
        scored: float | None = self.cleaned_data["scored"]
        return 1.0 if scored is None else scored / 100
