"""How alike the people of a line read: each with the others, and all together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations
from math import isnan, nan

import numpy as np

from monitoring.models import Alarm
from monitoring.services.figures import Share, share
from monitoring.services.set_agreement import SetAgreement, set_agreement
from monitoring.stats.agreement import ChanceCorrected, Kappa, cohen_kappa, gwet_ac1
from monitoring.stats.figures import Figure
from monitoring.stats.raters import krippendorff_alpha
from monitoring.windows.blind_answers import BlindAnswers, blind_answers
from reviewapp.models import ProductLine, User
from reviewapp.services.records import actor_name, record
from reviewapp.services.several import names_on

# A person's figures on fewer pairs say nothing about the person, and are greyed.
FEWEST_PAIRS = 30

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectorFigures:
    """One person beside the others, on items that both have read blind."""

    inspector: User
    agreement: Share
    kappa: Kappa | None
    ac1: ChanceCorrected | None

    @property
    def is_few(self) -> bool:
        """Say whether the pairs are too few to say anything."""
        return self.agreement.of < FEWEST_PAIRS


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspectors:
    """The people of a line over a span; ``alpha`` allows that few read the same.

    All of it is by the class that decides but ``sets``, which there is only where an
    item may have several.
    """

    people: list[InspectorFigures]
    alpha: Figure | None
    sets: SetAgreement | None
    days: int


def inspectors_of(
    line: ProductLine, *, at: datetime, days: int, only: User | None = None
) -> Inspectors:
    """Compute how alike people read over the last days; ``only`` one person's part."""
    answers = blind_answers(line, start=at - timedelta(days=days))
    pairs: dict[int, list[Pair]] = defaultdict(list)
    for readers in answers.values():
        told = [(person, keys[0]) for person, keys in readers.items() if keys]
        for (person, said), (_other, other_said) in permutations(told, 2):
            pairs[person].append((said, other_said))
    people = User.objects.in_bulk([only.pk] if only else list(pairs))
    return Inspectors(
        people=sorted(
            (
                _figures(people[person], said)
                for person, said in pairs.items()
                if person in people
            ),
            key=lambda figures: figures.inspector.username,
        ),
        alpha=None if only else _alpha(answers),
        sets=None if only else _sets(line, answers),
        days=days,
    )


def _figures(person: User, pairs: list[Pair]) -> InspectorFigures:
    agreed = share(sum(said == other for said, other in pairs), len(pairs))
    if agreed is None:
        raise ValueError(f"{person} has read nothing beside another.")
    table = _table(pairs)
    is_table = len(table) > 1
    kappa = cohen_kappa(table) if is_table else None
    ac1 = gwet_ac1(table) if is_table else None
    return InspectorFigures(
        inspector=person,
        agreement=agreed,
        kappa=None if kappa is None or isnan(kappa.value) else kappa,
        ac1=None if ac1 is None or isnan(ac1.value) else ac1,
    )


def _table(pairs: Iterable[Pair]) -> list[list[int]]:
    given = list(pairs)
    places = {
        key: place for place, key in enumerate(sorted({k for p in given for k in p}))
    }
    table = [[0] * len(places) for _ in places]
    for said, other in given:
        table[places[said]][places[other]] += 1
    return table


def _sets(line: ProductLine, answers: BlindAnswers) -> SetAgreement | None:
    """Give how alike people name all classes, where an item may have several."""
    if not line.allows_several:
        return None
    return set_agreement(
        [
            {person: frozenset(keys) for person, keys in readers.items() if keys}
            for readers in answers.values()
        ],
        names_on(line),
    )


def _alpha(answers: BlindAnswers) -> Figure | None:
    """Give the agreement of all readers together, gaps allowed."""
    told = [
        {person: keys[0] for person, keys in readers.items() if keys}
        for readers in answers.values()
    ]
    told = [readers for readers in told if len(readers) > 1]
    if not told:
        return None
    people = {person: row for row, person in enumerate({p for r in told for p in r})}
    keys = {
        key: n for n, key in enumerate(sorted({k for r in told for k in r.values()}))
    }
    ratings = np.full((len(people), len(told)), nan)
    for column, readers in enumerate(told):
        for person, key in readers.items():
            ratings[people[person], column] = keys[key]
    found = krippendorff_alpha(ratings)
    return None if isnan(found.value) else found


def reader_of(alarm: Alarm) -> User | None:
    """Give the person whom an alarm is about, for who may see people's figures."""
    if not alarm.is_about_a_reader:
        return None
    return User.objects.filter(pseudonym=alarm.subject).first()


def note_look(line: ProductLine, *, by: User, at: str) -> None:
    """Log that somebody looked at figures of other people by name."""
    record("inspectors.seen", actor=actor_name(by), line=line, subject=at)
