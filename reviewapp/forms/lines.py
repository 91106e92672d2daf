"""What a line is made of, and how its inspectors work."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from reviewapp.models import CANNOT_TELL, Meaning, Modality, ProductLine
from reviewapp.models.policies import AssistStyleChoices
from reviewapp.policy import MOST_OF_OTHER_STYLE

if TYPE_CHECKING:
    LineModelForm = forms.ModelForm[ProductLine]
else:  # Django's own class takes no parameter when the program runs
    LineModelForm = forms.ModelForm


class LineForm(LineModelForm):
    """A new line: its name, its question and what it inspects."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        initial="UTC",
        choices=[(name, name) for name in sorted(available_timezones())],
    )
    classes = forms.CharField(
        label=_("Classes"),
        widget=forms.Textarea(
            attrs={"rows": 5, "placeholder": "OK = pass\nScratch = reject"}
        ),
        help_text=_(
            "One answer a line, with what becomes of the item after an equals sign: "
            "pass, reject or neutral."
        ),
    )
    columns = forms.CharField(
        label=_("Columns"),
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 5, "placeholder": "width_mm, height_mm, weight_g"}
        ),
        help_text=_("Only for table rows: the names of the number columns, by commas."),
    )

    class Meta:
        model = ProductLine
        fields = ["name", "question", "modality", "time_zone"]

    def clean_name(self) -> str:
        """Refuse a name whose address is taken."""
        name: str = self.cleaned_data["name"]
        if not slugify(name):
            raise forms.ValidationError(_("Use at least one letter or digit."))
        if ProductLine.objects.filter(slug=slugify(name)).exists():
            raise forms.ValidationError(_("There is a line of this name already."))
        return name

    def clean_classes(self) -> list[tuple[str, Meaning]]:
        """Read one class a line."""
        rows = [row.strip() for row in self.cleaned_data["classes"].splitlines()]
        found = [_read_class(row) for row in rows if row]
        names = [name.casefold() for name, _meaning in found]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise forms.ValidationError(
                _("%(name)s stands there twice."), params={"name": min(twice)}
            )
        return found

    def clean_columns(self) -> list[str]:
        """Read the names of the columns."""
        names = [n.strip() for n in self.cleaned_data["columns"].split(",")]
        return [name for name in names if name]

    def clean(self) -> dict[str, Any]:
        """Ask for columns where rows are inspected."""
        cleaned = super().clean() or {}
        is_table = cleaned.get("modality") == Modality.TABULAR
        if is_table and not cleaned.get("columns"):
            self.add_error("columns", _("A line of table rows needs columns."))
        return cleaned


def _read_class(row: str) -> tuple[str, Meaning]:
    name, _sign, meaning = (part.strip() for part in row.partition("="))
    if not slugify(name):
        raise forms.ValidationError(
            _("%(row)s: a class needs a name with a letter or digit."),
            params={"row": row},
        )
    if slugify(name) == CANNOT_TELL:
        raise forms.ValidationError(
            _("%(row)s: every line has this answer already; it is no class."),
            params={"row": row},
        )
    try:
        return name, Meaning(meaning.lower() or Meaning.NEUTRAL)
    except ValueError as error:
        raise forms.ValidationError(
            _("%(row)s: after the equals sign stands pass, reject or neutral."),
            params={"row": row},
        ) from error


class ClassForm(forms.Form):
    """A class to be added to a line."""

    name = forms.CharField(label=_("Name"), max_length=60)
    meaning = forms.ChoiceField(label=_("What becomes of it"), choices=Meaning.choices)
    description = forms.CharField(
        label=_("Description"), max_length=300, required=False
    )


class LooksForm(forms.Form):
    """How often people look blind, and when they meet the prediction."""

    blind_share = forms.FloatField(label=_("Blind share"), min_value=0.01, max_value=1)
    assist_style = forms.ChoiceField(
        label=_("The prediction appears"), choices=AssistStyleChoices.choices
    )
    other_style_share = forms.FloatField(
        label=_("The other way round, for a share"),
        min_value=0,
        max_value=MOST_OF_OTHER_STYLE,
        required=False,
        help_text=_(
            "So many of the items shown with the prediction are drawn to have it the "
            "other way, by lot, so that you can compare what seeing it first does."
        ),
    )
    reads_per_item = forms.IntegerField(
        label=_("Reads of each item"), min_value=1, max_value=3, required=False
    )
    seen_policy = forms.IntegerField(widget=forms.HiddenInput)


class BenchForm(LineModelForm):
    """How a line's inspectors work: what a hand holds, and whether they say where."""

    class Meta:
        model = ProductLine
        fields = [
            "hand_size",
            "asks_where",
            "allows_several",
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
            "allows_several": _(
                "An item may be a scratch and a stain. The gravest class decides: one "
                "that rejects, then one that is neither, then one that passes; of two "
                "alike the first on the line. Labels given before stay as they are."
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
