"""Settings of the workbench: a person's keys, and how a line's inspectors work."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.utils.translation import gettext_lazy as _

from reviewapp.models import Modality, ProductLine, User
from reviewapp.services import keys

if TYPE_CHECKING:
    LineModelForm = forms.ModelForm[ProductLine]
else:  # Django's own class takes no parameter when the program runs
    LineModelForm = forms.ModelForm


class KeysForm(forms.Form):
    """A key for each action of the workbench, typed by its name or pressed."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        for action, key in keys.printed(keys.keys_of(person)).items():
            self.fields[action] = forms.CharField(
                label=keys.NAMES[action],
                initial=key,
                max_length=12,
                strip=False,
                widget=forms.TextInput(
                    attrs={"data-press": "", "autocomplete": "off", "class": "key-box"}
                ),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a key that would do two things, naming both."""
        given = {a: keys.as_key(typed) for a, typed in self.cleaned_data.items()}
        if not self.errors:
            found = keys.clashes(given, keys.classes_before(self.person))
            for action, words in found.items():
                self.add_error(action, words)
        return given


class BenchForm(LineModelForm):
    """How a line's inspectors work: what a hand holds, and whether they say where."""

    class Meta:
        model = ProductLine
        fields = [
            "hand_size",
            "asks_where",
            "skip_policy",
            "skip_reasons",
            "least_look_s",
            "shows_earlier_answers",
        ]
        help_texts = {
            "hand_size": _(
                "The one in front and those made ready behind it: with 1 each item is "
                "fetched when the one before is answered."
            ),
            "asks_where": _(
                "Inspectors may draw boxes on a picture, each with a class. They are "
                "stored with the label and exported with it."
            ),
            "least_look_s": _("0 asks for none. Other answers may come at once."),
            "shows_earlier_answers": _(
                "As bare classes, without names or numbers. Without them an "
                "adjudicator reads as blind as everybody else."
            ),
        }

    skip_reasons = SimpleArrayField(
        forms.CharField(max_length=40),
        label=_("Reasons to skip"),
        delimiter="\n",
        max_length=9,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, at most nine; empty for the usual ones."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.modality != Modality.IMAGE:
            del self.fields["asks_where"]
