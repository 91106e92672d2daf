"""What an admin submits to make a line of another one's set-up."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from reviewapp.models import ProductLine, User
from reviewapp.strictjson import MAX_BODY_BYTES


class FromSetupForm(forms.Form):
    """A name, and where the set-up comes from: a file, or a line that is here."""

    name = forms.CharField(label=_("Name of the new line"), max_length=100)
    file = forms.FileField(
        label=_("Set-up file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
        help_text=_("As another line, here or elsewhere, gives it under Settings."),
    )
    line = forms.ModelChoiceField(
        label=_("Or the line to copy"),
        required=False,
        queryset=ProductLine.objects.none(),
        to_field_name="slug",
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = ProductLine.objects.visible_to(person).with_policy()
        self.fields["line"].queryset = lines  # type: ignore[attr-defined]  # a field of the base class has none

    def clean_name(self) -> str:
        """Refuse a name whose address is taken."""
        name: str = self.cleaned_data["name"].strip()
        if not slugify(name):
            raise forms.ValidationError(_("Use at least one letter or digit."))
        if ProductLine.objects.filter(slug=slugify(name)).exists():
            raise forms.ValidationError(_("There is a line of this name already."))
        return name

    def clean_file(self) -> "UploadedFile[bytes] | None":
        """Refuse a file that is larger than any set-up."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > MAX_BODY_BYTES:
            raise forms.ValidationError(_("The file is larger than 1 MiB."))
        return file

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned["file"]) == bool(cleaned["line"]):
            raise forms.ValidationError(
                _("Give a set-up file, or choose the line to copy: one of the two.")
            )
        return cleaned
