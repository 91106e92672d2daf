"""Keys: what each key of the workbench does for a person, printed on its button.

Everybody begins with the usual ones, of which none is a key of a class or of what never
changes. A person's own may clash with a class that a line adds later: on that line the
class has the key and the action has none, which the sheet of keys says.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviewapp.errors import ConflictError
from reviewapp.models import LabelClass, Modality, User
from reviewapp.services.records import record

USUAL = {
    "pass": "o",
    "cannot_tell": "u",
    "skip": "s",
    "flag": "f",
    "comment": "c",
    "undo": "Backspace",
    "pause": "p",
    "book": "l",
    "sheet": "?",
    "zoom_in": "z",
    "zoom_out": "x",
    "fit": ".",
    "actual_size": "=",
    "brightness": "b",
    "contrast": "n",
    "invert": "k",
    "reset": "r",
    "golden": "g",
    "mark": "m",
    "find": "/",
    "next_match": "n",
    "down": "j",
    "up": "k",
}
# All under the left hand, so that the other one stays on the mouse.
LEFT_HAND = USUAL | {
    "pass": "f",
    "cannot_tell": "c",
    "flag": "y",
    "comment": "h",
    "undo": "q",
    "pause": "a",
    "sheet": "w",
    "fit": "e",
    "actual_size": "v",
    "contrast": "t",
    "invert": "d",
    "mark": "`",
    "find": "e",
    "next_match": "d",
    "down": "d",
    "up": "e",
}
PRESETS: Mapping[str, Mapping[str, str]] = {"usual": USUAL, "left": LEFT_HAND}
NAMES = {
    "pass": gettext_lazy("The class that passes"),
    "cannot_tell": gettext_lazy("Cannot tell"),
    "skip": gettext_lazy("Skip"),
    "flag": gettext_lazy("Flag what is wrong with it"),
    "comment": gettext_lazy("Write a comment"),
    "undo": gettext_lazy("Undo the last answer"),
    "pause": gettext_lazy("Pause"),
    "book": gettext_lazy("Label book, at the class in focus"),
    "sheet": gettext_lazy("Open and close the sheet of keys"),
    "zoom_in": gettext_lazy("Closer, at the cursor"),
    "zoom_out": gettext_lazy("Farther"),
    "fit": gettext_lazy("Whole picture"),
    "actual_size": gettext_lazy("Actual size"),
    "brightness": gettext_lazy("Brightness: hold it and drag, or turn the wheel"),
    "contrast": gettext_lazy("Contrast: hold it and drag, or turn the wheel"),
    "invert": gettext_lazy("Invert the tones"),
    "reset": gettext_lazy("Reset the view"),
    "golden": gettext_lazy("Golden sample beside it"),
    "mark": gettext_lazy("Mark a place"),
    "find": gettext_lazy("Find words"),
    "next_match": gettext_lazy("Next place found; with Shift the one before"),
    "down": gettext_lazy("Next value"),
    "up": gettext_lazy("Value before"),
}
# What only one kind of item has: its key may be one of another kind's.
ONLY_OF = (
    dict.fromkeys(
        ("zoom_in", "zoom_out", "fit", "actual_size", "brightness", "contrast"),
        Modality.IMAGE,
    )
    | dict.fromkeys(("invert", "reset", "golden", "mark"), Modality.IMAGE)
    | dict.fromkeys(("find", "next_match"), Modality.TEXT)
    | dict.fromkeys(("down", "up"), Modality.TABULAR)
)
SIGNS = {"Backspace": "⌫", "Delete": "⌦"}
# Keys without a sign of their own that an action may have.
NAMED = ("Backspace", "Delete", "Insert", "Home", "End", "PageUp", "PageDown")
# What never changes: answering with the focus, closing, playing, moving a picture.
ARROWS = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")
FIXED = ("Enter", "Escape", "Tab", " ", "[", "]", *ARROWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row of the sheet: a key and what it does, or the class that has taken it."""

    key: str
    name: str
    taken_by: str = ""


def keys_of(user: User) -> dict[str, str]:
    """Give the key of each action, as the person has set it."""
    own = user.keys if isinstance(user.keys, dict) else {}
    return {action: str(own.get(action, key)) for action, key in USUAL.items()}


def keys_on(user: User, classes: Collection[LabelClass]) -> dict[str, str]:
    """Give the person's keys on a line; a key that answers there does nothing else."""
    taken = {label_class.hotkey for label_class in classes}
    return {a: "" if key in taken else key for a, key in keys_of(user).items()}


def printed(keys: Mapping[str, str]) -> dict[str, str]:
    """Give the keys as they stand on the buttons."""
    return {action: SIGNS.get(key, key) for action, key in keys.items()}


def sheet(
    user: User,
    classes: Sequence[LabelClass],
    *,
    modality: str,
    without: Collection[str],
) -> list[SheetRow]:
    """Give what each key does on a line; ``without`` are actions it does not have."""
    takers = {label_class.hotkey: label_class.name for label_class in classes}
    answers = [SheetRow(key=c.hotkey, name=c.name) for c in classes]
    own = keys_of(user)
    return answers + [
        SheetRow(
            key="" if key in takers else SIGNS.get(key, key),
            name=str(NAMES[action]),
            taken_by=takers.get(key, ""),
        )
        for action, key in own.items()
        if action not in without and ONLY_OF.get(action, modality) == modality
    ]


def as_key(typed: str) -> str:
    """Read a key that was typed or pressed; a letter is the same with Shift."""
    text = typed.strip() or typed[:1]
    if len(text) == 1:
        return {sign: name for name, sign in SIGNS.items()}.get(text, text.lower())
    known = {name.casefold(): name for name in (*NAMED, *FIXED, "Space")}
    key = known.get(text.casefold(), text)
    return " " if key == "Space" else key


def clashes(keys: Mapping[str, str], classes: Collection[LabelClass]) -> dict[str, str]:
    """Say by action why its key cannot be had; empty if all of them can.

    ``classes`` are those of the lines on which the person answers.
    """
    return {
        action: words
        for action, key in keys.items()
        if (words := _clash(action, key, keys, classes))
    }


def _clash(
    action: str,
    key: str,
    keys: Mapping[str, str],
    classes: Collection[LabelClass],
) -> str:
    if key in FIXED:
        return _("%(key)s always does the same and cannot be given.") % {"key": key}
    if len(key) != 1 and key not in NAMED:
        return _("%(key)s is no single key. Type one letter or sign.") % {"key": key}
    for other, taken in keys.items():
        if other != action and taken == key and _meet(action, other):
            names = {"key": key, "one": NAMES[action], "other": NAMES[other]}
            return _("%(key)s would do both: “%(one)s” and “%(other)s”.") % names
    for label_class in classes:
        if label_class.hotkey == key and _has(label_class.line.modality, action):
            return _("%(key)s answers “%(answer)s” on %(line)s, before “%(one)s”.") % {
                "key": key,
                "answer": label_class,
                "line": label_class.line,
                "one": NAMES[action],
            }
    return ""


def _meet(one: str, other: str) -> bool:
    kinds = {ONLY_OF[action] for action in (one, other) if action in ONLY_OF}
    return len(kinds) < 2  # noqa: PLR2004 - two kinds of item are never in front at once


def _has(modality: str, action: str) -> bool:
    return ONLY_OF.get(action, modality) == modality


@transaction.atomic
def set_keys(user: User, keys: Mapping[str, str]) -> None:
    """Give a person other keys; what is as usual is not kept.

    Raises
    ------
    ConflictError
        If a key does two things, answers on a line of theirs, or cannot be given.
    """
    wanted = USUAL | dict(keys)
    found = clashes(wanted, classes_before(user))
    if found:
        raise ConflictError(next(iter(found.values())), code="key_taken")
    user.keys = {a: key for a, key in wanted.items() if key != USUAL[a]}
    user.save(update_fields=["keys"])
    record("person.keys_set", actor=user.pseudonym, subject=user.pseudonym)


def classes_before(user: User) -> list[LabelClass]:
    """Give the classes in use on the lines on which a person answers."""
    found = LabelClass.objects.in_use().answered_by(user)
    return list(found.select_related("line"))
