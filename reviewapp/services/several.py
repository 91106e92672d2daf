"""Several classes of one item: which may stand together, and which one decides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reviewapp.errors import InvalidInputError
from reviewapp.models import (
    CANNOT_TELL,
    GoldRead,
    Label,
    LabelClass,
    Meaning,
    ProductLine,
)

MOST_CLASSES = 20
# The gravest first; of classes that are equally grave, the line's order decides.
BY_GRAVITY = (Meaning.REJECT, Meaning.NEUTRAL, Meaning.PASS)


def read_classes(
    keys: Sequence[str], classes: Sequence[LabelClass]
) -> list[LabelClass]:
    """Find the classes of one answer, the one that decides first.

    Parameters
    ----------
    keys : sequence of str
        As they were sent, in any order.
    classes : sequence of LabelClass
        Those in use on the line, in its order.

    Raises
    ------
    InvalidInputError
        If there is none or more than 20, one is unknown or stands twice, or what passes
        stands beside what is rejected or beside "cannot tell".
    """
    if not keys:
        raise InvalidInputError(
            _("Choose at least one class, or say that you cannot tell."),
            code="no_class",
        )
    if len(keys) > MOST_CLASSES:
        raise InvalidInputError(
            _("%(n)d classes were chosen. An item has at most %(most)d.")
            % {"n": len(keys), "most": MOST_CLASSES},
            code="too_many_classes",
        )
    if CANNOT_TELL in keys:
        raise InvalidInputError(
            _("“Cannot tell” stands alone. Take the classes back, or save them."),
            code="cannot_tell_stands_alone",
        )
    _refuse_unknown_or_twice(keys, {one.key for one in classes})
    chosen = [one for one in classes if one.key in keys]
    _refuse_good_and_bad(chosen)
    deciding = min(chosen, key=lambda one: BY_GRAVITY.index(Meaning(one.meaning)))
    return [deciding, *(one for one in chosen if one is not deciding)]


def _refuse_unknown_or_twice(keys: Sequence[str], known: Collection[str]) -> None:
    for place, key in enumerate(keys):
        if key not in known:
            raise InvalidInputError(
                _("The class %(key)s is not in use on this line. Choose another one.")
                % {"key": key},
                code="unknown_class",
            )
        if key in keys[:place]:
            raise InvalidInputError(
                _("The class %(key)s was sent twice. Send each class once.")
                % {"key": key},
                code="class_twice",
            )


def _refuse_good_and_bad(chosen: Sequence[LabelClass]) -> None:
    good = [one for one in chosen if one.meaning == Meaning.PASS]
    bad = [one for one in chosen if one.meaning == Meaning.REJECT]
    if good and bad:
        raise InvalidInputError(
            _(
                "%(good)s passes and %(bad)s is rejected: an item cannot be both. "
                "Take one of them back."
            )
            % {"good": good[0], "bad": bad[0]},
            code="good_and_bad",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideGold:
    """What was said of gold beside what it is, in the names of the line's classes.

    ``said`` is empty where its reader could not tell. ``missed`` are classes it has
    and that were not said, ``too_many`` were said and are none of it.
    """

    known: str
    said: str
    missed: str
    too_many: str
    decides_alike: bool

    @property
    def is_same(self) -> bool:
        """Say whether exactly its classes were said."""
        return bool(self.said) and not self.missed and not self.too_many


def beside_gold(
    read: GoldRead, line: ProductLine, names: Mapping[str, str]
) -> BesideGold:
    """Set what was said of gold beside what it is, all classes of both.

    A class that is no longer in use could not have been said, and is not missed.
    ``names`` are those of the line's classes by their keys.
    """
    gold, answer = read.gold, read.label_class
    known = [gold.label_class.key, *gold.also]
    said = [answer.key, *read.also] if answer else []
    could_be_said = [one.key for one in line.open_classes]
    missed = [key for key in known if key in could_be_said and key not in said]
    return BesideGold(
        known=listed(known, names),
        said=listed(said, names),
        missed=listed(missed, names),
        too_many=listed([key for key in said if key not in known], names),
        decides_alike=answer is not None and answer.pk == gold.label_class_id,
    )


def names_on(line: ProductLine) -> dict[str, str]:
    """Give the names of all classes that a line ever had, by their keys."""
    return dict(line.classes.values_list("key", "name"))


def listed(keys: Sequence[str], names: Mapping[str, str]) -> str:
    """Name classes one after the other, as they are given."""
    return ", ".join(names.get(key, key) for key in keys)


def names_of(label: Label, names: dict[str, str]) -> str:
    """Name the classes of an answer, the one that decides first.

    ``names`` are those of the line's classes by their keys.
    """
    return ", ".join([str(label), *(names.get(key, key) for key in label.also)])
