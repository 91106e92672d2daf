"""What a person may submit about themselves, or an admin about a person."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from reviewapp.models import User
from reviewapp.services import keys

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
else:  # Django's own class takes no parameter when the program runs
    UserModelForm = forms.ModelForm


class NewPasswordForm(forms.Form):
    """A password chosen for the first time or anew."""

    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        help_text=_("12 characters or more."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Refuse weak passwords with the reason."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class FirstAdminForm(NewPasswordForm):
    """The first person of an installation."""

    username = forms.SlugField(label=_("Name to sign in with"), max_length=60)
    field_order = ["username", "password"]


class InviteForm(forms.Form):
    """A person to be let in."""

    username = forms.SlugField(label=_("Name to sign in with"), max_length=60)
    full_name = forms.CharField(label=_("Full name"), max_length=100, required=False)
    is_admin = forms.BooleanField(label=_("Admin of this installation"), required=False)

    def clean_username(self) -> str:
        """Refuse a name that is taken."""
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("This name is taken."))
        return name


class ProfileForm(UserModelForm):
    """What people set for themselves."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=[("", _("As the line"))]
        + [(name, name) for name in sorted(available_timezones())],
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser")), *settings.LANGUAGES],
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "language", "time_zone", "appearance"]


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
