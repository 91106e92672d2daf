"""Vocabularies: the words that a version's reference held, frozen and unreadable."""

import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from reviewapp.modalities.vocabulary import KnownWords, check_of, key_of
from reviewapp.models.clock import ClockNow
from reviewapp.models.lines import ProductLine

if TYPE_CHECKING:
    from reviewapp.models.versions import ModelVersion

MOST_WORDS = 50_000

logger = logging.getLogger(__name__)


class VocabularyQuerySet(models.QuerySet["Vocabulary"]):
    """Reads of vocabularies."""

    def of_version(self, version: "ModelVersion") -> Self:
        """The one of a version, if it has one."""
        return self.filter(version=version)

    def in_force_on(self, line: ProductLine) -> Self:
        """The one of the version that is live on a line now."""
        live = ProductLine.objects.filter(pk=line.pk).values("policy__live")
        return self.filter(version__in=live)

    def words(self) -> KnownWords | None:
        """Give the words of the one that is left.

        ``None`` where there is none, and where the server has forgotten the key: by
        another one every word would look new.
        """
        found = self.values_list("pk", flat=True).first()
        secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        return None if found is None else words_by_id(found, secrets)


class Vocabulary(models.Model):
    """The words by which texts are told to bring new ones, never changed.

    It is a version's, as its reference is: after a rollback the words of the version
    that is live again are in force. They stay when the texts they came from are erased,
    so none of them can be read here: ``digests`` are keyed hashes, in their own order
    and not in that of how common the words are (``modalities.vocabulary``). The key is
    derived from the server's own at that time; by ``key_check`` it is found again among
    the present and the former ones.
    """

    version = models.OneToOneField(
        "reviewapp.ModelVersion", on_delete=models.PROTECT, related_name="vocabulary"
    )
    digests = ArrayField(models.BigIntegerField())
    key_check = models.BigIntegerField()
    taken_at = models.DateTimeField(db_default=ClockNow())

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digests__len__gte=1, digests__len__lte=MOST_WORDS),
                name="a_vocabulary_has_words_and_an_end",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}: {len(self.digests)} words"


@lru_cache(maxsize=16)
def words_by_id(vocabulary_id: int, secrets: tuple[str, ...]) -> KnownWords | None:
    """Give a vocabulary's words; rows that never change are read once."""
    kept = Vocabulary.objects.get(pk=vocabulary_id)
    for secret in secrets:
        key = key_of(secret, kept.version_id)
        if check_of(key) == kept.key_check:
            return KnownWords(digests=frozenset(kept.digests), key=key)
    logger.warning("vocabulary without its key", extra={"version": kept.version_id})
    return None
