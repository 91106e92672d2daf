"""What a manager may ask of a metric."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.catalogue import Unit
from monitoring.models import MetricState
from monitoring.services.bounds import Asked

STATES = [
    (MetricState.ACTIVE.value, _("Active: measured, and rings an alarm")),
    (MetricState.MUTED.value, _("Muted: measured, and rings no alarm")),
    (MetricState.RETIRED.value, _("Retired: not measured; its history stays")),
]
# A value is typed as it is shown: shares in percent.
SHOWN_AS: dict[Unit, float] = {Unit.SHARE: 100.0, Unit.BYTES: 1 / 1_048_576}
UNIT_NAMES: dict[Unit, Any] = {
    Unit.SHARE: _("in percent"),
    Unit.BYTES: _("in MiB"),
    Unit.SECONDS: _("in seconds"),
    Unit.MILLISECONDS: _("in milliseconds"),
    Unit.PER_HOUR: _("an hour"),
    Unit.PIXELS: _("in pixels"),
    Unit.DECIBELS: _("in decibels"),
}


class BoundForm(forms.Form):
    """Bounds of one metric, its state, and why."""

    lower = forms.FloatField(required=False, label=_("Lower bound"))
    upper = forms.FloatField(required=False, label=_("Upper bound"))
    fewest = forms.IntegerField(
        min_value=0,
        max_value=1_000_000,
        label=_("Fewest observations"),
        help_text=_("Below that there is no verdict."),
    )
    state = forms.ChoiceField(choices=STATES, label=_("State"))
    reason = forms.CharField(max_length=300, label=_("Reason"))

    def __init__(self, *args: Any, asked: Asked, **kwargs: Any) -> None:
        self.factor = SHOWN_AS.get(asked.metric.unit, 1.0)
        initial = {
            "lower": self._shown(asked.lower),
            "upper": self._shown(asked.upper),
            "fewest": asked.fewest,
            "state": asked.state.value,
        }
        super().__init__(*args, **kwargs)
        if asked.state is MetricState.PROPOSED:
            self.fields["state"] = forms.ChoiceField(
                choices=STATES[:2], label=_("State")
            )
            initial["state"] = MetricState.ACTIVE.value
        self.initial = initial
        unit = UNIT_NAMES.get(asked.metric.unit, "")
        for name in ("lower", "upper"):
            self.fields[name].help_text = unit
            self.fields[name].widget.attrs["step"] = "any"

    def _shown(self, value: float | None) -> float | None:
        return None if value is None else round(value * self.factor, 6)

    def clean_lower(self) -> float | None:
        """Give the lower bound in the unit in which it is measured."""
        return self._measured("lower")

    def clean_upper(self) -> float | None:
        """Give the upper bound in the unit in which it is measured."""
        return self._measured("upper")

    def _measured(self, name: str) -> float | None:
        value: float | None = self.cleaned_data[name]
        return None if value is None else value / self.factor
