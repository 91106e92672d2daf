"""What a manager may submit about the audits of a line."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviewapp.forms.signing import SignedForm
from reviewapp.models import Policy
from reviewapp.services.looks import LEAST_FLOOR


class AuditTermsForm(SignedForm):
    """How many audits a day at least, and how many people read each."""

    floor = forms.IntegerField(
        label=_("Audits a day, at least"), min_value=LEAST_FLOOR, max_value=100_000
    )
    reads = forms.TypedChoiceField(
        label=_("Each is read by"),
        coerce=int,
        choices=[
            (1, _("one person; a second where the first disagrees")),
            (2, _("two")),
        ],
    )
    field_order = ["floor", "reads"]

    def __init__(self, *args: Any, in_force: Policy, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "floor": in_force.audit_floor,
            "reads": in_force.audit_reads,
            "seen_policy": in_force.number,
        }
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("autofocus", None)
