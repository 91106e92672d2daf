"""What a person may submit about a line's gates: what they ask for, and the floors."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from reviewapp.forms.signing import SignedForm
from reviewapp.policy import Requirements
from reviewapp.requirements import RANGES, WHOLE, floor_of

NAMES = {
    "blind_pairs": _("Blind pairs before assist"),
    "days": _("Days with blind labels before assist"),
    "agreement": _("Agreement, in percent"),
    "evidence": _("Evidence, as an e-value"),
    "answered_share": _("Drawn items answered in time, in percent"),
    "calibration_error": _("Calibration error at most, in percent"),
    "partial_days": _("Days at partial before full"),
    "escape": _("Escapes at most, in percent"),
    "open_containments": _("Containments proposed or open, at most"),
    "certificate_days": _("Days that a certificate lives"),
    "bake_days": _("Days at each canary step"),
    "bake_labels": _("Blind labels at each canary step"),
}
IN_PERCENT = ("agreement", "answered_share", "calibration_error", "escape")
# The steps of the canary share have a form of their own.
OF_THE_STEPS = ("bake_days", "bake_labels")


def written(name: str, value: float) -> str:
    """Write a setting's value as its form takes it."""
    return f"{value * 100 if name in IN_PERCENT else value:.10g}"


def _read(name: str, value: float) -> float:
    """Read a setting's value from its form."""
    if name in WHOLE:
        return round(value)
    return round(value / 100, 12) if name in IN_PERCENT else value


class RequirementsForm(SignedForm):
    """What the gates of a line ask for; no setting goes below its floor."""

    def __init__(
        self,
        *args: Any,
        asked: Requirements,
        floors: Mapping[str, float],
        readers_high: float | None,
        **kwargs: Any,
    ) -> None:
        present = {
            name: written(name, v) for name, v in asdict(asked).items() if name in NAMES
        }
        kwargs["initial"] = present | kwargs.get("initial", {})
        super().__init__(*args, auto_id="gates-%s", **kwargs)
        self.asked = asked
        self.readers_high = readers_high
        usual = asdict(Requirements())
        for name, label in NAMES.items():
            if name in OF_THE_STEPS:
                continue
            floor = floor_of(name, floors)
            said = _("At most %(floor)s; usually %(usual)s.")
            if RANGES[name].is_stricter_up:
                said = _("At least %(floor)s; usually %(usual)s.")
            self.fields[name] = _field(
                name,
                label,
                laxest=floor,
                help_text=said
                % {"floor": written(name, floor), "usual": written(name, usual[name])},
            )
        self.fields["second_person"] = forms.BooleanField(
            label=_("A second person approves whatever lets the model do more"),
            required=False,
            initial=asked.second_person,
        )
        self.order_fields([*NAMES, "second_person"])
        self.fields["reason"].widget.attrs.pop("autofocus", None)

    def clean_agreement(self) -> float:
        """Ask no more agreement of the model than people reach among themselves."""
        wanted: float = self.cleaned_data["agreement"]
        share = _read("agreement", wanted)
        most = self.readers_high
        if most is not None and share > max(most, self.asked.agreement):
            raise forms.ValidationError(
                _now(
                    "People agree among themselves on at most %(most)s %%. A model "
                    "cannot be asked for more."
                ),
                params={"most": f"{most * 100:.1f}"},
                code="above_people",
            )
        return wanted

    @property
    def wanted(self) -> dict[str, float]:
        """The settings as the policy keeps them."""
        return {
            name: _read(name, self.cleaned_data[name])
            for name in NAMES
            if name not in OF_THE_STEPS
        } | {"second_person": self.cleaned_data["second_person"]}


class FloorForm(SignedForm):
    """The floor of one setting, as an admin moves it in writing."""

    name = forms.ChoiceField(label=_("Floor of"), choices=[*NAMES.items()])
    to = forms.FloatField(label=_("New floor"), min_value=0)
    field_order = ["name", "to"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="floor-%s", **kwargs)
        self.fields["reason"].widget.attrs.pop("autofocus", None)

    def clean(self) -> dict[str, Any]:
        """Say how far this floor can go."""
        cleaned = super().clean() or {}
        name, to = cleaned.get("name"), cleaned.get("to")
        if name is None or to is None:
            return cleaned
        ends = sorted([RANGES[name].limit, RANGES[name].strictest])
        if not ends[0] <= _read(name, to) <= ends[1]:
            self.add_error(
                "to",
                forms.ValidationError(
                    _now("This floor lies between %(low)s and %(high)s."),
                    params={
                        "low": written(name, ends[0]),
                        "high": written(name, ends[1]),
                    },
                ),
            )
        return cleaned

    @property
    def floor(self) -> float:
        """The floor as the policy keeps it."""
        return _read(self.cleaned_data["name"], self.cleaned_data["to"])


def _field(name: str, label: Any, *, laxest: float, help_text: str) -> forms.Field:  # noqa: ANN401 - text that is translated later
    factor = 100 if name in IN_PERCENT else 1
    low, high = sorted([laxest * factor, RANGES[name].strictest * factor])
    low, high = round(low, 10), round(high, 10)
    if name in WHOLE:
        return forms.IntegerField(
            label=label, min_value=int(low), max_value=int(high), help_text=help_text
        )
    return forms.FloatField(
        label=label,
        min_value=low,
        max_value=high,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
