"""Reading the label book: class by class, and what changed from one edition on."""

from dataclasses import dataclass

from reviewapp.models import (
    BookEdition,
    BookExample,
    ExampleKind,
    LabelClass,
    Membership,
    Payload,
    ProductLine,
    Role,
    User,
)
from reviewapp.services import media
from reviewapp.services.workbench import Cell, cells_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An example as a page shows it; ``payload`` is ``None`` where it is gone."""

    example: BookExample
    payload: Payload | None
    cells: list[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """What an edition says of one class, its examples kind after kind."""

    label_class: LabelClass
    definition: str
    examples: list[Shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one class between two editions."""

    label_class: LabelClass
    before: str
    after: str
    added: int
    removed: int

    @property
    def is_redefined(self) -> bool:
        """Say whether the words changed."""
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an inspector has not read yet: the notes, and class by class what changed.

    ``since`` is the edition last read, ``None`` where it is the person's first.
    """

    edition: BookEdition
    since: BookEdition | None
    notes: list[BookEdition]
    changes: list[Change]


def chapters_of(edition: BookEdition) -> list[Chapter]:
    """Give what an edition says of each class in use, in the order of the classes."""
    line = edition.line
    texts = dict(edition.definitions.values_list("label_class", "text"))
    examples = [_shown(line, one) for one in edition.examples.with_item()]
    order = list(ExampleKind)
    examples.sort(key=lambda one: order.index(ExampleKind(one.example.kind)))
    return [
        Chapter(
            label_class=label_class,
            definition=texts.get(label_class.pk, ""),
            examples=[
                one for one in examples if one.example.label_class_id == label_class.pk
            ],
        )
        for label_class in line.open_classes
    ]


def _shown(line: ProductLine, example: BookExample) -> Shown:
    payload: Payload | None = getattr(example.item, "payload", None)
    if payload is not None and payload.media_path:
        payload = payload if media.is_there(payload.media_path) else None
    cells = cells_of(payload, line.schema) if payload else []
    return Shown(example=example, payload=payload, cells=cells)


def news_for(line: ProductLine, inspector: User) -> News | None:
    """Give what changed since the edition that an inspector read last."""
    edition = line.edition
    if edition is None:
        return None
    membership = (
        Membership.objects.filter(user=inspector, line=line, role=Role.INSPECTOR)
        .select_related("seen_edition")
        .first()
    )
    since = membership.seen_edition if membership else None
    notes = BookEdition.objects.of_line(line).published()
    if since is not None:
        notes = notes.filter(number__gt=since.number)
    return News(
        edition=edition,
        since=since,
        notes=list(notes),
        changes=changes_between(since, edition),
    )


def changes_between(before: BookEdition | None, after: BookEdition) -> list[Change]:
    """Give what differs between two editions, by class; all of it from none on."""
    then, now = _texts(before), _texts(after)
    shown_then, shown_now = _items(before), _items(after)
    changes = [
        Change(
            label_class=label_class,
            before=then.get(label_class.pk, ""),
            after=now.get(label_class.pk, ""),
            added=len(
                shown_now.get(label_class.pk, set())
                - shown_then.get(label_class.pk, set())
            ),
            removed=len(
                shown_then.get(label_class.pk, set())
                - shown_now.get(label_class.pk, set())
            ),
        )
        for label_class in after.line.open_classes
    ]
    return [one for one in changes if one.is_redefined or one.added or one.removed]


def _texts(edition: BookEdition | None) -> dict[int, str]:
    if edition is None:
        return {}
    return dict(edition.definitions.values_list("label_class", "text"))


def _items(edition: BookEdition | None) -> dict[int, set[tuple[int, str]]]:
    """Give by class which items stand in an edition, and as what."""
    found: dict[int, set[tuple[int, str]]] = {}
    if edition is not None:
        rows = edition.examples.values_list("label_class", "item", "kind")
        for label_class, item, kind in rows:
            found.setdefault(label_class, set()).add((item, kind))
    return found
