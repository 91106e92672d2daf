"""What a token for a machine may do."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.models import Scope


class TokenForm(forms.Form):
    """A token to be made for a machine."""

    name = forms.CharField(label=_("What uses it"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=_("Days it lives"), min_value=1, max_value=365, initial=90
    )
