"""What a manager may propose: thresholds and shares, and what things cost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from monitoring.services.proposals import ClassState, Proposal
from reviewapp.models import LevelChoices
from reviewapp.policy import AutomationLevel
from reviewapp.policy import Policy as Terms

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LEVELS = [
    (level.value, level.label)
    for level in (LevelChoices.ASSIST, LevelChoices.PARTIAL, LevelChoices.FULL)
]
SMALLEST_SHARE = 0.01


def _share(label: "StrOrPromise", *, least: float) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        min_value=least * 100,
        max_value=100,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


class ProposalForm(forms.Form):
    """A whole policy as somebody would have it; what is left empty stays as it is.

    Shares are typed in percent. A threshold of a certified class may be stricter than
    the certified one, never looser; one of another class is only tried out.
    """

    level = forms.TypedChoiceField(
        label=_("Seen at"), coerce=int, choices=LEVELS, required=False, empty_value=None
    )
    canary_share = _share(_("Canary share, %"), least=0)
    blind_share = _share(_("Blind share, %"), least=SMALLEST_SHARE)

    def __init__(
        self,
        given: QueryDict | None,
        *,
        terms: Terms,
        states: Sequence[ClassState],
        at_level: AutomationLevel,
    ) -> None:
        initial = _as_it_stands(terms, states, at_level=at_level)
        data = None
        if given:
            data = given.copy()
            for name, value in initial.items():
                data.setdefault(name, "" if value is None else str(value))
        super().__init__(data, initial=initial)
        self.terms = terms
        self.states = states
        self.at_level = at_level
        for state in states:
            key = state.label_class.key
            held = state.certificate
            self.fields[threshold_name(key)] = forms.FloatField(
                label=_("Decide from"),
                min_value=0,
                max_value=1,
                required=False,
                widget=forms.NumberInput(
                    attrs={"step": "any", "inputmode": "decimal"}
                    | ({"placeholder": f"{held.threshold:.4f}"} if held else {})
                ),
            )
            self.fields[audit_name(key)] = _share(
                _("Audit share, %"), least=SMALLEST_SHARE
            )

    def clean(self) -> dict[str, Any]:
        """Refuse thresholds that are looser than what is certified."""
        cleaned = super().clean() or {}
        for state in self.states:
            name = threshold_name(state.label_class.key)
            typed, held = cleaned.get(name), state.certificate
            if typed is not None and held is not None and typed < held.threshold:
                self.add_error(
                    name,
                    _(
                        "Certified is %(certified)s. A threshold may be stricter, "
                        "never looser."
                    )
                    % {"certified": held.threshold},
                )
        return cleaned

    @property
    def proposal(self) -> Proposal:
        """The proposal; a field that was refused or left out stays as it is."""
        given = self.cleaned_data if self.is_bound else {}
        keys = [state.label_class.key for state in self.states]
        level = given.get("level")
        return Proposal(
            level=self.at_level if level is None else AutomationLevel(level),
            thresholds={
                key: given[threshold_name(key)]
                for key in keys
                if threshold_name(key) in given
            },
            canary_share=self._share("canary_share", self.terms.canary_share),
            blind_share=self._share("blind_share", self.terms.blind_share),
            audit_shares={
                key: share
                for key in keys
                for now in [self.terms.audit_share(key)]
                for share in [self._share(audit_name(key), now)]
                if share != now
            },
        )

    def _share(self, name: str, present: float) -> float:
        typed = self.cleaned_data.get(name) if self.is_bound else None
        if typed is None or typed == round(present * 100, 6):
            return present
        return round(float(typed) / 100, 8)

    def of_class(self, key: str) -> tuple[forms.BoundField, forms.BoundField]:
        """Give the two fields of a class: its threshold and its audit share."""
        return self[threshold_name(key)], self[audit_name(key)]


def _as_it_stands(
    terms: Terms, states: Sequence[ClassState], *, at_level: AutomationLevel
) -> dict[str, float | None]:
    """Give the policy in force as the form shows it, shares in percent."""
    initial: dict[str, float | None] = {
        "level": int(at_level),
        "canary_share": round(terms.canary_share * 100, 6),
        "blind_share": round(terms.blind_share * 100, 6),
    }
    for state in states:
        key, held = state.label_class.key, state.certificate
        initial[audit_name(key)] = round(terms.audit_share(key) * 100, 6)
        initial[threshold_name(key)] = held.chosen if held else None
    return initial


def threshold_name(key: str) -> str:
    """Name the field that holds a class's threshold."""
    return f"threshold-{key}"


def audit_name(key: str) -> str:
    """Name the field that holds a class's audit share."""
    return f"audit-{key}"


class CostsForm(forms.Form):
    """What an error and a review cost, in the line's own money."""

    escape = forms.DecimalField(
        label=_("One escape"), min_value=0, max_digits=14, decimal_places=4
    )
    overkill = forms.DecimalField(
        label=_("One overkill"), min_value=0, max_digits=14, decimal_places=4
    )
    review = forms.DecimalField(
        label=_("One review by a person"), min_value=0, max_digits=14, decimal_places=4
    )
    currency = forms.CharField(label=_("Currency"), max_length=12)
