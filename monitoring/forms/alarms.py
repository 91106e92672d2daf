"""What a person may submit about alarms, pauses and how to be reached."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext_lazy as _

from monitoring.models import AlarmCause
from monitoring.services.alarm_terms import Terms
from monitoring.services.deliveries import Away
from monitoring.templatetags.alarm_words import away_words
from monitoring.worktime import Shift
from reviewapp.forms.signing import PasswordForm
from reviewapp.models import LevelChoices, ProductLine, User

WEEKDAYS = [
    ("mon", _("Monday")),
    ("tue", _("Tuesday")),
    ("wed", _("Wednesday")),
    ("thu", _("Thursday")),
    ("fri", _("Friday")),
    ("sat", _("Saturday")),
    ("sun", _("Sunday")),
]
SNOOZES = [
    ("1", _("1 hour")),
    ("4", _("4 hours")),
    ("24", _("a day")),
    ("72", _("3 days")),
]
WARNS_ONLY = "none"
NARROWS = "narrows"
MOST_DAYS = 100


class SeenForm(forms.Form):
    """An act on an alarm, as the page showed it."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class SnoozeForm(SeenForm):
    """How long an alarm may rest."""

    hours = forms.TypedChoiceField(label=_("For"), choices=SNOOZES, coerce=int)
    words = forms.CharField(label=_("Why"), max_length=500, required=False)

    def until(self, now: datetime) -> datetime:
        """Give the moment at which it rings again."""
        hours: int = self.cleaned_data["hours"]
        return now + timedelta(hours=hours)


class HandOverForm(SeenForm):
    """Who is to have an alarm from now on, and who of them is away."""

    to = forms.ModelChoiceField(label=_("To"), queryset=User.objects.none())
    words = forms.CharField(label=_("Why"), max_length=500, required=False)

    def __init__(
        self, *args: Any, line: ProductLine, away: Mapping[int, Away], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)

        def named(person: User) -> str:
            is_away = person.pk in away
            return away_words(away[person.pk]) if is_away else str(person)

        self.fields["to"].queryset = people_of(line)  # type: ignore[attr-defined]  # a field of the base class has none
        self.fields["to"].label_from_instance = named  # type: ignore[attr-defined]  # nor has it names


class NoteForm(forms.Form):
    """What somebody thinks or found."""

    words = forms.CharField(
        label=_("Note"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ClearForm(SeenForm):
    """What was found, to close an alarm with."""

    found = forms.CharField(label=_("What was found"), max_length=500)


class TermsForm(forms.Form):
    """What alarms may do by themselves: a rung for each cause, and the cool-down."""

    cool_down_h = forms.IntegerField(
        label=_("Cool-down, hours"), min_value=1, max_value=720
    )
    fresh_labels = forms.IntegerField(
        label=_("Fresh blind labels before a rise"), min_value=0, max_value=100_000
    )

    def __init__(self, *args: Any, terms: Terms, **kwargs: Any) -> None:
        present = {
            "cool_down_h": terms.cool_down_h,
            "fresh_labels": terms.fresh_labels,
        } | {
            cause.value: NARROWS
            if cause.value in terms.narrows
            else str(terms.lowers_to.get(cause.value, WARNS_ONLY))
            for cause in LOWERING
        }
        super().__init__(*args, **{"initial": present} | kwargs)
        rungs = [
            (WARNS_ONLY, _("only warns")),
            (NARROWS, _("takes the canary share back one step")),
        ] + [
            (str(level.value), _("lowers to %s") % str(level.label).lower())
            for level in LevelChoices
            if level is not LevelChoices.FULL
        ]
        for cause in LOWERING:
            self.fields[cause.value] = forms.ChoiceField(
                label=cause.label, choices=rungs
            )
        self.order_fields([cause.value for cause in LOWERING])

    @property
    def lowers_to(self) -> dict[str, int]:
        """The rung for each cause that lowers."""
        given = {cause.value: self.cleaned_data[cause.value] for cause in LOWERING}
        return {cause: int(to) for cause, to in given.items() if to.isdecimal()}

    @property
    def narrows(self) -> list[str]:
        """The causes that only take the canary share back."""
        return [c.value for c in LOWERING if self.cleaned_data[c.value] == NARROWS]


LOWERING = [cause for cause in AlarmCause if cause is not AlarmCause.INSPECTOR]


class WeekForm(forms.Form):
    """The hours of each weekday, and the holidays."""

    holidays = forms.CharField(
        label=_("Holidays"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "2026-12-25"}),
        help_text=_("One date a line, as 2026-12-25."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, name in WEEKDAYS:
            self.fields[key] = forms.CharField(
                label=name,
                required=False,
                max_length=100,
                widget=forms.TextInput(
                    attrs={"placeholder": "06:00-14:00, 14:00-22:00"}
                ),
            )
        self.order_fields([key for key, _name in WEEKDAYS])

    def clean(self) -> dict[str, Any]:
        """Read the shifts of each day, and name the one that is none."""
        cleaned = super().clean() or {}
        shifts: list[Shift] = []
        for number, (key, _name) in enumerate(WEEKDAYS):
            for text in cleaned.get(key, "").split(","):
                if not text.strip():
                    continue
                span = _read_span(text)
                if span is None:
                    self.add_error(key, _("A shift is written 06:00-14:00."))
                    continue
                shifts.append(Shift(weekday=number, start=span[0], end=span[1]))
        cleaned["shifts"] = shifts
        return cleaned

    def clean_holidays(self) -> list[date]:
        """Read one date a line."""
        days = []
        for text in self.cleaned_data["holidays"].split():
            day = _read_date(text)
            if day is None:
                raise forms.ValidationError(
                    _("%(text)s is no date."), params={"text": text[:20]}
                )
            days.append(day)
        if len(days) > MOST_DAYS:
            raise forms.ValidationError(_("At most 100 holidays."))
        return days


def _read_span(text: str) -> tuple[time, time] | None:
    start, _dash, end = (part.strip() for part in text.partition("-"))
    try:
        first, last = parse_time(start), parse_time(end.replace("24:00", "00:00"))
    except ValueError:
        return None
    return (first, last) if first is not None and last is not None else None


def _read_date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


class PauseForm(forms.Form):
    """A span in which the line is meant to stand still, in the line's own zone."""

    starts_at = forms.DateTimeField(
        label=_("From"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    ends_at = forms.DateTimeField(
        label=_("To"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, line: ProductLine, **kwargs: Any) -> None:
        self.line = line
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        """Read the times in the line's zone, whatever the reader's is."""
        with timezone.override(ZoneInfo(self.line.time_zone)):
            super().full_clean()


class WebhookForm(PasswordForm):
    """Where a line's alarms are sent."""

    url = forms.CharField(
        label=_("Address"),
        max_length=300,
        widget=forms.TextInput(
            attrs={"placeholder": "https://example.com/rung", "autocomplete": "off"}
        ),
    )

    field_order = ["url", "password"]


class ReachForm(PasswordForm):
    """How a person wants to be told; another mail address takes the password."""

    email = forms.EmailField(
        label=_("Mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    by_mail = forms.BooleanField(label=_("Tell me by mail"), required=False)
    is_told = forms.BooleanField(
        label=_("Tell me of every alarm on the lines that I manage"), required=False
    )
    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
    )
    quiet_to = forms.TimeField(
        label=_("Quiet to"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_(
            "In your own time zone. Only what lets defects out is told meanwhile."
        ),
    )
    deputy = forms.ModelChoiceField(
        label=_("Tell instead of me"), required=False, queryset=User.objects.none()
    )
    deputy_until = forms.DateField(
        label=_("Up to and with"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    field_order = ["email", "password"]

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        self.fields["password"].required = False
        self.fields["password"].help_text = _("Only to change the mail address.")
        colleagues = User.objects.filter(
            is_active=True, memberships__line__memberships__user=person
        )
        self.fields["deputy"].queryset = colleagues.exclude(pk=person.pk).distinct()  # type: ignore[attr-defined]  # a field of the base class has none

    def clean_password(self) -> str:
        """Check who changes where mail goes; nothing else is asked for."""
        if self.cleaned_data.get("email", self.person.email) == self.person.email:
            return ""
        return super().clean_password()

    def clean(self) -> dict[str, Any]:
        """Ask for both ends of the quiet hours, and for an address to mail to."""
        cleaned = super().clean() or {}
        if (cleaned.get("quiet_from") is None) != (cleaned.get("quiet_to") is None):
            self.add_error("quiet_to", _("Quiet hours need a beginning and an end."))
        if cleaned.get("by_mail") and not cleaned.get("email"):
            self.add_error("email", _("Mail needs an address."))
        cleaned.pop("password", None)
        return cleaned


def people_of(line: ProductLine) -> "QuerySet[User]":
    """Give the people who work on a line."""
    return User.objects.filter(is_active=True, memberships__line=line).distinct()
