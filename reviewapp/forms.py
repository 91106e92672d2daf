"""What a person may submit."""

from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from reviewapp.errors import InvalidInputError
from reviewapp.modalities.boxes import Box, read_boxes
from reviewapp.modalities.sights import Sight, read_sight
from reviewapp.models import (
    FlagKind,
    LabelClass,
    Meaning,
    Modality,
    ProductLine,
    Role,
    Scope,
    SkipReason,
    User,
)
from reviewapp.models.policies import AssistStyleChoices
from reviewapp.services.labels import Answer

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
    LineModelForm = forms.ModelForm[ProductLine]
else:  # Django's own classes take no parameter when the program runs
    UserModelForm = LineModelForm = forms.ModelForm

LONGEST_LOOK_MS = 3_600_000
# No row's number has more digits than this.
MOST_DIGITS = 18


def whole_number(text: str) -> int | None:
    """Read a row's number from an address or a form; ``None`` if it is none."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_one else None


class AnswerForm(forms.Form):
    """An inspector's answer: a class of the line by its key, or "cannot tell"."""

    CANNOT_TELL = "cannot-tell"

    answer = forms.CharField(max_length=60)
    key = forms.UUIDField()
    active_ms = forms.IntegerField(required=False, min_value=0)
    comment = forms.CharField(max_length=500, required=False)
    sight = forms.CharField(max_length=200, required=False)
    boxes = forms.CharField(max_length=8_000, required=False)

    def __init__(
        self,
        *args: Any,
        classes: list[LabelClass],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.classes = {label_class.key: label_class for label_class in classes}

    def clean_answer(self) -> LabelClass | None:
        """Find the class; an unknown or retired one is named."""
        key = self.cleaned_data["answer"]
        if isinstance(self.data, QueryDict) and len(self.data.getlist("answer")) > 1:
            raise forms.ValidationError(
                _("More than one class was chosen. Choose one."), code="one_class_only"
            )
        if key == self.CANNOT_TELL:
            return None
        if key not in self.classes:
            raise forms.ValidationError(
                _("The class %(key)s is not in use on this line. Choose another one."),
                params={"key": key},
                code="unknown_class",
            )
        return self.classes[key]

    def clean_active_ms(self) -> int | None:
        """Cut what a sleeping computer would report."""
        shown: int | None = self.cleaned_data["active_ms"]
        return None if shown is None else min(shown, LONGEST_LOOK_MS)

    def clean_sight(self) -> Sight | None:
        """Read how the picture was looked at; a page without scripts does not say."""
        if "sight" not in self.data:
            return None
        try:
            return read_sight(self.cleaned_data["sight"])
        except InvalidInputError as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal

    def clean_boxes(self) -> list[Box]:
        """Read the places that were marked."""
        try:
            return read_boxes(self.cleaned_data["boxes"], classes=self.classes)
        except InvalidInputError as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal

    @property
    def given(self) -> Answer:
        """The answer, for the service."""
        return Answer(
            label_class=self.cleaned_data["answer"],
            key=self.cleaned_data["key"],
            active_ms=self.cleaned_data["active_ms"],
            comment=self.cleaned_data["comment"],
            sight=self.cleaned_data["sight"],
            boxes=self.cleaned_data["boxes"],
        )


class HeldForm(forms.Form):
    """An act on a review that is held: its key, and a reason where one is given."""

    key = forms.UUIDField()
    reason = forms.CharField(max_length=200, required=False)

    @property
    def claim_key(self) -> UUID:
        """The claim's token, as the page carried it."""
        token: UUID = self.cleaned_data["key"]
        return token

    def reason_on(self, line: ProductLine) -> str:
        """The reason, if it is one of the line's; else that it is something else."""
        given: str = self.cleaned_data["reason"]
        known = {code for code, _name in line.reasons_to_skip}
        return given if given in known else SkipReason.OTHER.value


class FlagForm(forms.Form):
    """What is wrong with an item, apart from its class."""

    kind = forms.ChoiceField(choices=FlagKind.choices)

    @property
    def flagged_as(self) -> FlagKind:
        """What is wrong, as one of the kinds."""
        return FlagKind(self.cleaned_data["kind"])


class SignedForm(forms.Form):
    """An act that is signed: a reason, and the password again."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Your password, again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    seen_policy = forms.IntegerField(widget=forms.HiddenInput)

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
        fields = ["first_name", "last_name", "language", "time_zone"]


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


class LooksForm(forms.Form):
    """How often people look blind, and when they meet the prediction."""

    blind_share = forms.FloatField(label=_("Blind share"), min_value=0.01, max_value=1)
    assist_style = forms.ChoiceField(
        label=_("The prediction appears"), choices=AssistStyleChoices.choices
    )
    reads_per_item = forms.IntegerField(
        label=_("Reads of each item"), min_value=1, max_value=3, required=False
    )
    seen_policy = forms.IntegerField(widget=forms.HiddenInput)


class TrialForm(forms.Form):
    """How many of the items a version on trial answers too, in percent."""

    scored = forms.FloatField(min_value=1, max_value=100, required=False)

    @property
    def scoring_share(self) -> float:
        """The share in (0, 1]; all of them where nothing was said."""
        scored: float | None = self.cleaned_data["scored"]
        return 1.0 if scored is None else scored / 100


class SnapshotForm(forms.Form):
    """A dataset snapshot to be taken."""

    note = forms.CharField(label=_("What it is for"), max_length=200, required=False)
    blind_only = forms.BooleanField(label=_("Blind labels only"), required=False)
