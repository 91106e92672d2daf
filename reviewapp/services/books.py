"""The label book's verbs: begin a draft, define, show by example, publish.

A draft begins as a copy of the edition in force. Publishing puts it in force for every
item that is shown from then on; what was published is never changed.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import (
    BookDefinition,
    BookEdition,
    BookExample,
    DecidedBy,
    ExampleKind,
    GoldItem,
    Item,
    LabelClass,
    ProductLine,
    Role,
    User,
)
from reviewapp.services.records import actor_name, record

LONGEST_DEFINITION = 4_000
MOST_EXAMPLES = 24


def draft_of(line: ProductLine) -> BookEdition | None:
    """Give the draft of a line's book; ``None`` where nobody works on one."""
    return BookEdition.objects.of_line(line).drafts().first()


@transaction.atomic
def begin_draft(line: ProductLine, *, by: User | None) -> BookEdition:
    """Begin the next edition as a copy of the one in force; one that is there stays."""
    _lock(line)
    draft = draft_of(line)
    if draft is not None:
        return draft
    last = BookEdition.objects.of_line(line).first()
    draft = BookEdition.objects.create(
        line=line, number=last.number + 1 if last else 1, begun_by=by
    )
    if last is not None:
        _copy(last, draft)
    return draft


def _copy(last: BookEdition, draft: BookEdition) -> None:
    BookDefinition.objects.bulk_create(
        BookDefinition(edition=draft, label_class=one.label_class, text=one.text)
        for one in last.definitions.select_related("label_class")
    )
    BookExample.objects.bulk_create(
        BookExample(
            edition=draft,
            label_class=one.label_class,
            item=one.item,
            kind=one.kind,
            note=one.note,
        )
        for one in last.examples.select_related("label_class", "item")
    )


@transaction.atomic
def define(line: ProductLine, texts: Mapping[str, str]) -> None:
    """Write what classes mean into the draft, by their keys; an empty text removes.

    Raises
    ------
    ConflictError
        If there is no draft.
    InvalidInputError
        If a text is too long, or of a class that is not in use.
    """
    draft = _locked_draft(line)
    classes = {one.key: one for one in line.classes.in_use()}
    for key, text in texts.items():
        if key not in classes or len(text) > LONGEST_DEFINITION:
            raise InvalidInputError(
                _(
                    "%(key)s: a definition is of a class in use, and has at most "
                    "%(most)s characters."
                )
                % {"key": key, "most": LONGEST_DEFINITION}
            )
        if not text.strip():
            draft.definitions.filter(label_class=classes[key]).delete()
            continue
        BookDefinition.objects.update_or_create(
            edition=draft,
            label_class=classes[key],
            defaults={"text": text.strip()},
        )


@transaction.atomic
def add_example(
    line: ProductLine,
    item: Item,
    *,
    label_class: LabelClass,
    kind: ExampleKind,
    note: str,
    by: User,
) -> BookExample:
    """Put a real item into the draft, which is begun if there is none.

    Only an item that people have settled and that nobody is asked about: whoever reads
    the book knows it, and is no independent witness of it any more.

    Raises
    ------
    ConflictError
        If the item still waits for somebody, is settled by no person or stands in the
        draft already, or if the class has all the examples it can have.
    """
    draft = begin_draft(line, by=by)
    item = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
    _require_settled(item)
    if draft.examples.filter(item=item).exists():
        raise ConflictError(_("This item is an example in the draft already."))
    if draft.examples.filter(label_class=label_class).count() >= MOST_EXAMPLES:
        raise ConflictError(
            _("%(class)s has %(most)s examples. Take one out first.")
            % {"class": label_class, "most": MOST_EXAMPLES}
        )
    return BookExample.objects.create(
        edition=draft, label_class=label_class, item=item, kind=kind, note=note
    )


def _require_settled(item: Item) -> None:
    standing = item.decision
    if standing is None or standing.decided_by != DecidedBy.PERSON:
        raise ConflictError(
            _("Only an item that people have settled can be an example.")
        )
    if not hasattr(item, "payload"):
        raise ConflictError(_("The content of this item has been erased."))
    if GoldItem.objects.filter(item=item, retired_at=None).exists():
        raise ConflictError(
            _("This item is gold. Retire it first: who reads the book knows it.")
        )
    if item.reviews.filter(closed_at=None).exists():
        raise ConflictError(
            _("This item still waits for somebody, who must not know it before.")
        )


@transaction.atomic
def remove_example(line: ProductLine, public_id: UUID) -> None:
    """Take an example out of the draft; one that is gone already is no matter."""
    _locked_draft(line).examples.filter(public_id=public_id).delete()


@transaction.atomic
def discard_draft(line: ProductLine) -> None:
    """Throw the draft away; the edition in force stays."""
    _locked_draft(line).delete()


@transaction.atomic
def publish(line: ProductLine, *, note: str, by: User | None) -> BookEdition:
    """Put the draft in force, with a word on what changed.

    Raises
    ------
    ConflictError
        If there is no draft.
    InvalidInputError
        If nothing is said on what changed, or no class is defined.
    """
    draft = _locked_draft(line)
    if not note.strip():
        raise InvalidInputError(
            _("Say what changed: it is what inspectors read first.")
        )
    if not draft.definitions.exists():
        raise InvalidInputError(_("Define at least one class before publishing."))
    draft.note = note.strip()
    draft.published_at, draft.published_by = timezone.now(), by
    draft.save(update_fields=["note", "published_at", "published_by"])
    ProductLine.objects.filter(pk=line.pk).update(edition=draft)
    line.edition = draft
    record(
        "book.published",
        actor=actor_name(by),
        line=line,
        subject=str(draft),
        reason=draft.note,
    )
    return draft


def has_news(line: ProductLine, inspector: User) -> bool:
    """Say whether an edition is in force that an inspector has not read yet."""
    if line.edition_id is None:
        return False
    membership = inspector.memberships.filter(line=line, role=Role.INSPECTOR)
    seen = membership.values_list("seen_edition", flat=True).first()
    return seen != line.edition_id


def note_seen(line: ProductLine, edition_id: int, *, by: User) -> None:
    """Note that an inspector has read an edition, so that it is news no more."""
    if not line.editions.published().filter(pk=edition_id).exists():
        return
    by.memberships.filter(line=line, role=Role.INSPECTOR).update(
        seen_edition=edition_id
    )


def _lock(line: ProductLine) -> None:
    ProductLine.objects.select_for_update(no_key=True).only("pk").get(pk=line.pk)


def _locked_draft(line: ProductLine) -> BookEdition:
    _lock(line)
    draft = draft_of(line)
    if draft is None:
        raise ConflictError(_("There is no draft of this book. Begin one first."))
    return draft
