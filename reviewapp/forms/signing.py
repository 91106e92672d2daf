"""What a person signs a change with."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.models import User


class PasswordForm(forms.Form):
    """An act that asks for the password again."""

    password = forms.CharField(
        label=_("Your password, again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(
        self,
        *args: Any,
        person: User,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        """Check that it is still the same person at the keyboard."""
        password: str = self.cleaned_data["password"]
        if not self.person.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        return password


class SignedForm(PasswordForm):
    """An act that is signed: a reason, and the password again."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
    )
    seen_policy = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ["reason", "password", "seen_policy"]
