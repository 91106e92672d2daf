"""Planning a study of how people read, and taking their answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring.models import Study, StudyPart, StudyRead
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.lottery import lottery
from reviewapp.models import Item, LabelClass, Meaning, Prediction, ProductLine, User
from reviewapp.models.decisions import DecidedBy
from reviewapp.services.gold import note_encounters
from reviewapp.services.records import actor_name, record

# Of the newest items of each kind so many are looked through for borderline ones.
CANDIDATES = 1_000
FEWEST_PARTS = 10
MOST_PARTS = 200
MOST_TRIALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one person has come."""

    inspector: User
    answered: int
    of: int

    @property
    def is_done(self) -> bool:
        """Say whether nothing is left to read."""
        return self.answered == self.of


@transaction.atomic
def plan_study(
    line: ProductLine, *, parts: int, trials: int, inspectors: list[User], by: User
) -> Study:
    """Draw the parts of a study and each person's order of reading them.

    Half of the parts are good and half are bad, by decisions of people that stand now;
    half of each are those of which the model was least sure, since a study of plain
    items tells nobody anything.
    """
    if not FEWEST_PARTS <= parts <= MOST_PARTS:
        raise InvalidInputError(
            _("A study has %(fewest)s to %(most)s parts.")
            % {"fewest": FEWEST_PARTS, "most": MOST_PARTS}
        )
    if not 1 <= trials <= MOST_TRIALS:
        raise InvalidInputError(_("A part is read once to five times."))
    if not inspectors:
        raise InvalidInputError(_("Choose who takes part."))
    ProductLine.objects.select_for_update().get(pk=line.pk)
    last = Study.objects.of_line(line).first()
    study = Study.objects.create(
        line=line,
        number=last.number + 1 if last else 1,
        trials=trials,
        planned_by=by,
    )
    bad = _draw(study, Meaning.REJECT, parts // 2)
    good = _draw(study, Meaning.PASS, parts - parts // 2)
    drawn = StudyPart.objects.bulk_create(
        [StudyPart(study=study, item=item, is_good=False) for item in bad]
        + [StudyPart(study=study, item=item, is_good=True) for item in good]
    )
    for person in inspectors:
        lay_out(study, drawn, person)
    record(
        "study.planned",
        actor=actor_name(by),
        line=line,
        subject=str(study.number),
        details={
            "parts": parts,
            "trials": trials,
            "inspectors": sorted(person.pseudonym for person in inspectors),
        },
    )
    return study


def _draw(study: Study, meaning: Meaning, wanted: int) -> list[Item]:
    """Draw items of one kind: half the least sure, the rest by lot.

    Neither the golden sample nor an example of the label book: everybody knows them.
    """
    known_to_nobody = Item.objects.of_line(study.line).known_to_nobody()
    settled = known_to_nobody.filter(
        decision__decided_by=DecidedBy.PERSON,
        decision__label_class__meaning=meaning,
        payload__isnull=False,
        withdrawn_at=None,
    )
    found = list(settled.order_by("-pk")[:CANDIDATES])
    if len(found) < wanted:
        raise InvalidInputError(
            _(
                "A study of this size needs %(wanted)s items that people have settled "
                "as “%(meaning)s”, and there are %(found)s. Ask for fewer parts, or "
                "label more items first."
            )
            % {"wanted": wanted, "meaning": meaning.label, "found": len(found)}
        )
    confidence = _confidence(study.line, found)
    least_sure = sorted(
        (item for item in found if item.pk in confidence),
        key=lambda item: confidence[item.pk],
    )[: wanted // 2]
    rest = sorted(
        (item for item in found if item not in least_sure),
        key=lambda item: lottery(study.salt, item.public_id),
    )
    return least_sure + rest[: wanted - len(least_sure)]


def _confidence(line: ProductLine, items: list[Item]) -> dict[int, float]:
    """Give how sure the live version was of each item it has predicted."""
    predicted = Prediction.objects.filter(item__in=items, version=line.in_force.live)
    return {
        item: confidence
        for item, confidence in predicted.values_list("item", "confidence")
        if confidence is not None
    }


def lay_out(study: Study, parts: list[StudyPart], person: User) -> None:
    """Give a person a place for each read: trial after trial, each in its own order.

    Its items are none that the person can get as gold from now on.
    """
    reads: list[StudyRead] = []
    for trial in range(1, study.trials + 1):
        salt = f"{study.salt}:{person.pk}:{trial}"
        for part in sorted(parts, key=lambda part: lottery(salt, part.pk)):
            reads.append(
                StudyRead(
                    study=study,
                    part=part,
                    inspector=person,
                    trial=trial,
                    place=len(reads) + 1,
                )
            )
    StudyRead.objects.bulk_create(reads)
    note_encounters([part.item for part in parts], person)


def classes_of(line: ProductLine) -> list[LabelClass]:
    """Give the classes that say good or bad; a study asks for nothing else."""
    return [one for one in line.open_classes if one.meaning != Meaning.NEUTRAL]


def next_read(study: Study, person: User) -> StudyRead | None:
    """Give what a person is to read next; ``None`` when nothing is left."""
    if study.closed_at is not None:
        return None
    return StudyRead.objects.of(study, person).open().first()


def progress_of(study: Study) -> list[Progress]:
    """Say how far each person has come, by name."""
    counts: dict[User, list[int]] = {}
    for read in study.reads.select_related("inspector").order_by("inspector__username"):
        seen = counts.setdefault(read.inspector, [0, 0])
        seen[0] += read.answered_at is not None
        seen[1] += 1
    return [
        Progress(inspector=person, answered=answered, of=of)
        for person, (answered, of) in counts.items()
    ]


@transaction.atomic
def answer_read(
    study: Study,
    *,
    place: int,
    answer: LabelClass,
    also: Sequence[LabelClass] = (),
    by: User,
) -> StudyRead:
    """Take an answer; the same one twice is taken once, the last ends the study.

    ``also`` are further classes of the part; its figures are by the one that decides.
    """
    if any(one.meaning == Meaning.NEUTRAL for one in (answer, *also)):
        raise InvalidInputError(_("That is no class of this study. Choose again."))
    further = [one.key for one in also]
    is_closed = _is_closed(study)
    read = StudyRead.objects.of(study, by).filter(place=place).first()
    if read is None:
        raise ConflictError(_("You have no such read in this study."))
    if read.answered_at is not None:
        if (read.label_class_id, read.also) == (answer.pk, further):
            return read
        raise ConflictError(_("You have answered this one already."))
    if is_closed:
        raise ConflictError(_("This study is closed. Nothing was stored."))
    read.label_class, read.also = answer, further
    read.answered_at = timezone.now()
    read.save(update_fields=["label_class", "also", "answered_at"])
    if not study.reads.filter(answered_at=None).exists():
        _close(study)
    return read


@transaction.atomic
def take_back_last(study: Study, *, by: User) -> None:
    """Open a person's last answered read again, for a key pressed by mistake."""
    is_closed = _is_closed(study)
    answered = StudyRead.objects.of(study, by)
    last = answered.filter(answered_at__isnull=False).last()
    if last is None:
        raise ConflictError(_("You have no answer in this study to take back."))
    if is_closed:
        raise ConflictError(_("This study is closed: its answers stand."))
    last.label_class, last.also = None, []
    last.answered_at = None
    last.save(update_fields=["label_class", "also", "answered_at"])


@transaction.atomic
def close_study(study: Study, *, by: User) -> None:
    """End a study before everything is read; what was answered stays."""
    if _is_closed(study):
        return
    _close(study)
    record(
        "study.closed",
        actor=actor_name(by),
        line=study.line,
        subject=str(study.number),
    )


def _is_closed(study: Study) -> bool:
    """Lock the study, so that its reads change one at a time, and say how it is."""
    return Study.objects.select_for_update().get(pk=study.pk).closed_at is not None


def _close(study: Study) -> None:
    study.closed_at = timezone.now()
    study.save(update_fields=["closed_at"])
