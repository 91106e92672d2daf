"""The answers that a page of one item offers, and the keys that give them."""

from collections.abc import Sequence
from dataclasses import dataclass

from reviewapp.models import LabelClass, Meaning, User
from reviewapp.services import keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What one item is answered with, outside the queue as in it.

    ``passing`` is the key of the class that passes, where it is the only one that does;
    ``chosen`` are the keys of the classes that are put on at first.
    """

    classes: list[LabelClass]
    keys: dict[str, str]
    printed: dict[str, str]
    passing: str
    chosen: Sequence[str]


def answers_for(
    user: User, classes: list[LabelClass], *, chosen: Sequence[str] = ()
) -> Answers:
    """Give the answers that a page offers a person, with the person's own keys."""
    own_keys = keys.keys_on(user, classes)
    return Answers(
        classes=classes,
        keys=own_keys,
        printed=keys.printed(own_keys),
        passing=passing_of(classes),
        chosen=chosen,
    )


def put_on_before(sent: Sequence[str], *, at: str, place: int | None) -> Sequence[str]:
    """Give what was sent of a place, if that is still the one in front; else nothing.

    Classes that were put on belong to one item, and never to the next.
    """
    return sent if place is not None and at == str(place) else ()


def passing_of(classes: Sequence[LabelClass]) -> str:
    """Give the key of the class that passes; empty where none or more than one does."""
    passing = [one.key for one in classes if one.meaning == Meaning.PASS]
    return passing[0] if len(passing) == 1 else ""
