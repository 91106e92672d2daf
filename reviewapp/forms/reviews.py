"""What an inspector may submit of the review in hand."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from reviewapp.errors import InvalidInputError
from reviewapp.modalities.boxes import Box, read_boxes
from reviewapp.modalities.sights import Sight, read_sight
from reviewapp.models import (
    CANNOT_TELL,
    FlagKind,
    LabelClass,
    ProductLine,
    SkipReason,
)
from reviewapp.services.labels import Answer
from reviewapp.services.several import read_classes

LONGEST_LOOK_MS = 3_600_000
# What a person can do about marks that are refused, by the fault's code.
OF_MARKS = {
    "bad_boxes": _("The marks could not be read. Remove them and draw them again."),
    "too_many_boxes": _(
        "%(marks)s places are marked; at most %(most)s are kept. Remove some."
    ),
    "bad_box": _("Mark %(mark)s could not be read. Remove it and draw it again."),
    "unknown_class": _(
        "Mark %(mark)s has a class that is not in use on this line. Choose another one "
        "for it."
    ),
    "box_outside": _(
        "Mark %(mark)s is not wholly in the picture. Move it, or draw it again."
    ),
    "box_too_small": _(
        "Mark %(mark)s is too small to be seen. Draw it larger, or remove it."
    ),
}


def first_error(form: forms.Form) -> str:
    """Give what is said where a form is refused: one thing at a time."""
    for messages in form.errors.values():
        return str(messages[0])
    return str(_("The answer was not complete."))


class ClassesForm(forms.Form):
    """The classes of one item by their keys, or "cannot tell".

    A line that allows several may be sent more than one.
    """

    answer = forms.CharField(max_length=60)

    def __init__(
        self,
        *args: Any,
        classes: list[LabelClass],
        allows_several: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.classes = {label_class.key: label_class for label_class in classes}
        self.allows_several = allows_several
        self.also: list[LabelClass] = []
        # what was chosen is read by ``clean_answer``, which says what is missing
        self.fields["answer"].required = not allows_several

    def clean_answer(self) -> LabelClass | None:
        """Find the class that decides; an unknown or retired one is named."""
        if self.allows_several:
            return self._clean_several()
        key = self.cleaned_data["answer"]
        if len(self.sent) > 1:
            raise forms.ValidationError(
                _("More than one class was chosen. Choose one."), code="one_class_only"
            )
        if key == CANNOT_TELL:
            return None
        if key not in self.classes:
            raise forms.ValidationError(
                _("The class %(key)s is not in use on this line. Choose another one."),
                params={"key": key},
                code="unknown_class",
            )
        return self.classes[key]

    def _clean_several(self) -> LabelClass | None:
        if self.sent == [CANNOT_TELL]:
            return None
        try:
            deciding, *self.also = read_classes(self.sent, list(self.classes.values()))
        except InvalidInputError as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal
        return deciding

    @property
    def sent(self) -> list[str]:
        """The keys as they were sent, whatever they are."""
        return self.data.getlist("answer") if isinstance(self.data, QueryDict) else []


class AnswerForm(ClassesForm):
    """An inspector's answer to the review in hand, with what was noted beside it."""

    key = forms.UUIDField()
    active_ms = forms.IntegerField(required=False, min_value=0)
    comment = forms.CharField(max_length=500, required=False)
    sight = forms.CharField(max_length=200, required=False)
    boxes = forms.CharField(max_length=8_000, required=False)

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
            raise forms.ValidationError(
                _(
                    "How the picture was looked at could not be read. Reset its view "
                    "and answer again."
                ),
                code=refusal.code,
            ) from refusal

    def clean_boxes(self) -> list[Box]:
        """Read the places that were marked."""
        try:
            return read_boxes(self.cleaned_data["boxes"], classes=self.classes)
        except InvalidInputError as refusal:
            [fault] = refusal.faults
            raise forms.ValidationError(
                OF_MARKS[fault.code], params=dict(fault.where), code=fault.code
            ) from refusal

    @property
    def given(self) -> Answer:
        """The answer, for the service."""
        return Answer(
            label_class=self.cleaned_data["answer"],
            also=self.also,
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
