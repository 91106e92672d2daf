"""What a person may submit in a study."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.services import studies
from reviewapp.forms.reviews import ClassesForm
from reviewapp.models import LabelClass, ProductLine, Role, User


class StudyForm(forms.Form):
    """The size of a study and who takes part."""

    parts = forms.IntegerField(
        label=_("Parts"),
        initial=30,
        min_value=studies.FEWEST_PARTS,
        max_value=studies.MOST_PARTS,
        help_text=_(
            "Items that people have settled: half good, half bad, half of each those "
            "of which the model was least sure. 20 or more say something, 50 say more."
        ),
    )
    trials = forms.IntegerField(
        label=_("Times each part is read"),
        initial=2,
        min_value=1,
        max_value=studies.MOST_TRIALS,
        help_text=_("Twice or more shows whether a person repeats."),
    )
    inspectors = forms.ModelMultipleChoiceField(
        label=_("Who takes part"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose who takes part.")},
    )

    def __init__(self, *args: Any, line: ProductLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["inspectors"]
        field.queryset = User.objects.filter(  # type: ignore[attr-defined]
            is_active=True, memberships__line=line, memberships__role=Role.INSPECTOR
        ).order_by("username")


class StudyAnswerForm(ClassesForm):
    """An answer in a study: the place of the read, and a class of the study."""

    place = forms.IntegerField(min_value=1)

    def clean_answer(self) -> LabelClass | None:
        """Refuse what is no class of the study; "cannot tell" is none."""
        if not self.classes.keys() >= set(self.sent):
            raise forms.ValidationError(
                _("That is no class of this study. Choose again.")
            )
        return super().clean_answer()
