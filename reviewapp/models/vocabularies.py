"""Vocabularies: the words that a version's reference held, frozen."""

from functools import lru_cache
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reviewapp.models.clock import ClockNow
from reviewapp.models.lines import ProductLine

if TYPE_CHECKING:
    from reviewapp.models.versions import ModelVersion

MOST_WORDS = 50_000


class VocabularyQuerySet(models.QuerySet["Vocabulary"]):
    """Reads of vocabularies."""

    def of_version(self, version: "ModelVersion") -> Self:
        """The one of a version, if it has one."""
        return self.filter(version=version)

    def in_force_on(self, line: ProductLine) -> Self:
        """The one of the version that is live on a line now."""
        live = ProductLine.objects.filter(pk=line.pk).values("policy__live")
        return self.filter(version__in=live)

    def words(self) -> frozenset[str] | None:
        """Give the words of the one that is left; ``None`` where there is none."""
        found = self.values_list("pk", flat=True).first()
        return None if found is None else words_by_id(found)


class Vocabulary(models.Model):
    """The words by which texts are told to bring new ones, never changed.

    It is a version's, as its reference is: after a rollback the words of the version
    that is live again are in force. ``words`` are as ``modalities.text.words_of`` gives
    them, the commonest first; they stay when the texts they came from are erased.
    """

    version = models.OneToOneField(
        "reviewapp.ModelVersion", on_delete=models.PROTECT, related_name="vocabulary"
    )
    words = ArrayField(models.TextField())
    taken_at = models.DateTimeField(db_default=ClockNow())

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(words__len__gte=1, words__len__lte=MOST_WORDS),
                name="a_vocabulary_has_words_and_an_end",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}: {len(self.words)} words"


@lru_cache(maxsize=16)
def words_by_id(vocabulary_id: int) -> frozenset[str]:
    """Give a vocabulary's words; rows that never change are read once."""
    words = Vocabulary.objects.values_list("words", flat=True)
    return frozenset(words.get(pk=vocabulary_id))
