"""One typed function per kind of row, valid by default, through the real services."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from django.utils import timezone
from PIL import Image

from reviewapp.models import (
    BookEdition,
    Cause,
    ExampleKind,
    GoldItem,
    Item,
    LabelClass,
    Meaning,
    Modality,
    ModelVersion,
    Prediction,
    PredictionSource,
    ProductLine,
    Review,
    Role,
    User,
)
from reviewapp.models.versions import fingerprint_of
from reviewapp.policy import AutomationLevel
from reviewapp.services import (
    arrivals,
    books,
    gold,
    items,
    labels,
    lines,
    people,
    reviews,
    settling,
)
from reviewapp.services.labels import Answer, Answered
from reviewapp.services.policies import append_policy

_numbers = count(1)

OK_OR_SCRATCH = (
    lines.NewClass(name="OK", meaning=Meaning.PASS),
    lines.NewClass(name="Scratch", meaning=Meaning.REJECT),
)
COLUMNS = [
    {"name": "width", "kind": "number"},
    {"name": "height", "kind": "number"},
]


def make_user(username: str, **values: Any) -> User:
    """Make a person who can sign in."""
    return User.objects.create_user(
        username, password="a-long-enough-password", **values
    )


def make_line(
    name: str = "Phone screens",
    *,
    classes: Sequence[lines.NewClass] = OK_OR_SCRATCH,
    modality: Modality = Modality.TABULAR,
    **settings: Any,
) -> ProductLine:
    """Make a line at MANUAL."""
    columns = COLUMNS if modality == Modality.TABULAR else None
    return lines.create_line(
        name=name,
        question="Is there a defect?",
        modality=modality,
        classes=classes,
        columns=settings.pop("columns", columns),
        by=None,
        **settings,
    )


def make_inspector(line: ProductLine, username: str) -> User:
    """Make a person who inspects on a line."""
    user = make_user(username)
    people.give_role(user, line, Role.INSPECTOR, by=None)
    return user


def make_manager(line: ProductLine, username: str) -> User:
    """Make a person who manages a line."""
    user = make_user(username)
    people.give_role(user, line, Role.MANAGER, by=None)
    return user


def make_item(
    line: ProductLine,
    external_id: str | None = None,
    *,
    as_of: datetime | None = None,
    row: dict[str, object] | None = None,
    **values: Any,
) -> Item:
    """Receive one table row on a line, as the policy in force says."""
    name = external_id or f"item-{next(_numbers)}"
    row = row or {"width": 1.0, "height": 2.0}
    arrival = items.Arrival(external_id=name, values=row, **values)
    [received] = items.receive_items(line, [arrival], as_of=as_of)
    return Item.objects.select_related("routing").get(public_id=received.public_id)


def make_content(
    line: ProductLine, content: str | bytes, external_id: str | None = None
) -> Item:
    """Receive a text, or a file of a picture or recording, on a line of its kind."""
    sent = arrivals.Sent(
        external_id=external_id or f"item-{next(_numbers)}",
        text=content if isinstance(content, str) else None,
        content=content if isinstance(content, bytes) else None,
        name="content",
    )
    checked = arrivals.check_arrivals(line, [sent])
    [received] = items.receive_items(line, checked)
    return Item.objects.select_related("routing").get(public_id=received.public_id)


def make_version(
    line: ProductLine, name: str | None = None, **values: Any
) -> ModelVersion:
    """Make a version's row; there is no file behind it."""
    name = name or f"v{next(_numbers)}"
    digest = f"{next(_numbers):064x}"
    return ModelVersion.objects.create(
        line=line,
        name=name,
        sha256=digest,
        size=1,
        preprocessing="table-1",
        class_keys=[c.key for c in line.classes.order_by("key")],
        schema=line.schema,
        fingerprint=fingerprint_of(file_sha256=digest, preprocessing="table-1"),
        **values,
    )


def put_at(
    line: ProductLine, level: AutomationLevel, **changes: Any
) -> ModelVersion | None:
    """Bring a line to a level past its gates, as a test's starting point."""
    version = line.in_force.live or make_version(line)
    append_policy(
        line,
        cause=Cause.RAISED,
        by=None,
        changes={"level": level, "live_id": version.pk, **changes},
    )
    line.refresh_from_db()
    return version


def earlier_today() -> datetime:
    """An hour ago, or midnight where that was yesterday and nothing was live."""
    now = timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return max(now - timedelta(hours=1), midnight)


def make_prediction(
    item: Item,
    version: ModelVersion,
    label_class: LabelClass | None,
    *,
    confidence: float = 0.9,
) -> Prediction:
    """Store a version's answer on an item; ``None`` is a failing answer."""
    if label_class is None:
        return Prediction.objects.create(
            item=item,
            version=version,
            error="host_unavailable",
            source=PredictionSource.WORKER,
        )
    rest = 1 - confidence
    return Prediction.objects.create(
        item=item,
        version=version,
        label_class=label_class,
        confidence=confidence,
        probabilities=[confidence, rest],
        source=PredictionSource.WORKER,
        latency_ms=1.0,
    )


def label_next(
    inspector: User,
    line: ProductLine,
    key: str | None,
    *,
    also: Sequence[str] = (),
    **values: Any,
) -> Answered:
    """Claim the next review of a line and answer it; ``None`` is "cannot tell".

    ``also`` are keys of further classes, where ``key`` is the one that decides.
    What a sweep would settle a moment later is settled.
    """
    review = reviews.claim_next(inspector, line)
    if review is None or review.claim_token is None:
        raise AssertionError(f"nothing to review for {inspector}")
    chosen = line.classes.get(key=key) if key else None
    further = [line.classes.get(key=one) for one in also]
    answer = Answer(label_class=chosen, also=further, key=review.claim_token)
    answered = labels.answer_review(
        review.public_id, line, by=inspector, answer=answer, **values
    )
    settling.settle_answered()
    return answered


def certified(
    version: ModelVersion, *keys: str, threshold: float = 0.5, **values: object
) -> dict[str, dict[str, object]]:
    """Give certificates of a version for classes, as a policy stores them."""
    certificate: dict[str, object] = {
        "fingerprint": version.fingerprint,
        "threshold": threshold,
        "max_error": 0.005,
        "delta": 0.05,
        "labels": 900,
        "errors": 0,
        "upper": 0.004,
        "covers_all": False,
    } | values
    return dict.fromkeys(keys, certificate)


def make_edition(
    line: ProductLine, *, by: User, note: str = "the first", **texts: str
) -> BookEdition:
    """Publish an edition of the label book that defines classes by their keys."""
    books.begin_draft(line, by=by)
    books.define(line, texts or {"ok": "No mark longer than 2 mm."})
    return books.publish(line, note=note, by=by)


def make_example(line: ProductLine, item: Item, key: str, *, by: User) -> None:
    """Put a settled item into the draft of the label book."""
    books.add_example(
        line,
        item,
        label_class=line.classes.get(key=key),
        kind=ExampleKind.REPRESENTATIVE,
        note="",
        by=by,
    )


def adjudicate(
    line: ProductLine, item: Item, key: str, *, also: Sequence[str] = ()
) -> Item:
    """Settle the only item that waits on a line: one reader differs, two agree."""
    other = line.classes.exclude(key=key).first()
    for said in (other.key if other else None, key, key):
        reader = make_inspector(line, f"reader-{next(_numbers)}")
        label_next(reader, line, said, also=also if said == key else ())
    return Item.objects.select_related("routing").get(pk=item.pk)


def read_twice(line: ProductLine, share: float) -> None:
    """Let a share of the items that come from now on be read by two people."""
    changes = {"overlap_share": share}
    append_policy(line, cause=Cause.CHANGED, by=None, changes=changes)
    line.refresh_from_db()


def make_adjudicated(
    line: ProductLine,
    key: str,
    *,
    also: Sequence[str] = (),
    content: bytes | None = None,
) -> Item:
    """Make an item that people settled after they had differed."""
    read_twice(line, 1.0)
    item = make_content(line, content) if content else make_item(line)
    settled = adjudicate(line, item, key, also=also)
    read_twice(line, 0.0)
    return settled


def make_gold(line: ProductLine, key: str, *, by: User, **values: Any) -> GoldItem:
    """Make gold of an item that people settled after they had differed."""
    return gold.make_gold(line, make_adjudicated(line, key, **values), by=by)


def claim(inspector: User, line: ProductLine) -> Review:
    """Put the next review of a line in front of an inspector."""
    review = reviews.claim_next(inspector, line)
    if review is None:
        raise AssertionError(f"nothing to review for {inspector}")
    return review


def make_picture(
    size: tuple[int, int] = (400, 300), *, shade: int = 128, kind: str = "PNG"
) -> bytes:
    """Make a picture with a light square in its upper left quarter."""
    image = Image.new("L", size, shade)
    image.paste(230, (size[0] // 8, size[1] // 8, size[0] // 4, size[1] // 4))
    file = BytesIO()
    image.save(file, kind)
    return file.getvalue()
