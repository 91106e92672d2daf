"""What a manager may submit about containments."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviewapp.models import Containment, LabelClass, ModelVersion, ProductLine


class ScopeForm(forms.Form):
    """From when on, and how far: the items that a containment would send back."""

    since = forms.DateTimeField(
        label=_("Items since"),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
        ),
        help_text=_("By the line's clock, when the item itself occurred."),
    )
    only_group = forms.TypedChoiceField(
        label=_("Of"),
        coerce=lambda given: given == "group",
        choices=[("group", _("this group only")), ("all", _("all groups"))],
    )

    def __init__(
        self, *args: Any, line: ProductLine, containment: Containment, **kwargs: Any
    ) -> None:
        self.line = line
        super().__init__(*args, **kwargs)
        if not containment.group:
            del self.fields["only_group"]

    def full_clean(self) -> None:
        """Read the time in the line's zone, whatever the reader's is."""
        with timezone.override(ZoneInfo(self.line.time_zone)):
            super().full_clean()

    def clean_since(self) -> datetime:
        """Refuse a beginning that has not come yet."""
        since: datetime = self.cleaned_data["since"]
        if since > timezone.now():
            raise forms.ValidationError(_("Choose a time that has passed."))
        return since


class OpenForm(ScopeForm):
    """The act itself: the scope that was looked at, and why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "only_group"):
            if name in self.fields:
                self.fields[name].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Say what is wrong with the scope, whose own fields are not seen here."""
        if {"since", "only_group"} & {*self.errors}:
            raise forms.ValidationError(_("Choose a time that has passed."))
        return super().clean() or {}


class CloseContainmentForm(forms.Form):
    """What was found, to close a containment with."""

    note = forms.CharField(
        label=_("What was found"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ProposeForm(forms.Form):
    """Which decisions of which version are in doubt, without an error found yet."""

    version = forms.ModelChoiceField(
        label=_("Version"), queryset=ModelVersion.objects.none()
    )
    label_class = forms.ModelChoiceField(
        label=_("Decided as"), queryset=LabelClass.objects.none()
    )

    def __init__(self, *args: Any, line: ProductLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_decided = line.versions.filter(routings__may_decide=True)
        versions = line.versions.filter(pk__in=has_decided.values("pk"))
        self.fields["version"].queryset = versions  # type: ignore[attr-defined]  # a field of the base class has none
        self.fields["label_class"].queryset = line.classes.all()  # type: ignore[attr-defined]  # likewise
