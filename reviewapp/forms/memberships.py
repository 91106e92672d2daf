"""Who is given a role on a line."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.models import Role, User


class MembershipForm(forms.Form):
    """A person to be given a role on a line."""

    username = forms.CharField(label=_("Name to sign in with"), max_length=60)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    is_adjudicator = forms.BooleanField(
        label=_("As an inspector, settles what other readers leave open"),
        required=False,
    )

    def clean_username(self) -> User:
        """Find the person."""
        name = self.cleaned_data["username"]
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise forms.ValidationError(
                _("Nobody signs in as %(name)s. An admin can invite them."),
                params={"name": name},
            )
        return user
