"""What a manager may write into a label book."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.models import ExampleKind, LabelClass
from reviewapp.services.books import LONGEST_DEFINITION


class DefinitionsForm(forms.Form):
    """What each class means: one field for a class, named by its key."""

    def __init__(
        self,
        *args: Any,
        classes: list[LabelClass],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for label_class in classes:
            self.fields[label_class.key] = forms.CharField(
                label=label_class.name,
                required=False,
                max_length=LONGEST_DEFINITION,
                widget=forms.Textarea(attrs={"rows": 4}),
            )


class PublishForm(forms.Form):
    """The word on what changed, with which an edition goes into force."""

    note = forms.CharField(
        label=_("What changed"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Every inspector reads this once, before the next item."),
    )


class ExampleForm(forms.Form):
    """A real item as an example of a class."""

    label_class = forms.ChoiceField(label=_("Class"))
    kind = forms.ChoiceField(label=_("It shows"), choices=ExampleKind.choices)
    note = forms.CharField(label=_("What to look at"), max_length=200, required=False)

    def __init__(
        self,
        *args: Any,
        classes: list[LabelClass],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.classes = {one.key: one for one in classes}
        chosen = self.fields["label_class"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [(one.key, one.name) for one in classes]

    @property
    def chosen(self) -> LabelClass:
        """The class that was chosen."""
        return self.classes[self.cleaned_data["label_class"]]
