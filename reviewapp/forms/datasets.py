"""What goes into a dataset snapshot."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SnapshotForm(forms.Form):
    """A dataset snapshot to be taken."""

    note = forms.CharField(label=_("What it is for"), max_length=200, required=False)
    blind_only = forms.BooleanField(label=_("Blind labels only"), required=False)
