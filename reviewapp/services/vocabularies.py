"""Vocabularies: kept once for a version, and asked for when texts arrive."""

from collections.abc import Iterable

from django.conf import settings

from reviewapp.modalities.vocabulary import KnownWords, check_of, digests_of, key_of
from reviewapp.models import Modality, ModelVersion, ProductLine, Vocabulary


def keep_vocabulary(version: ModelVersion, words: Iterable[str]) -> None:
    """Keep the words of a version so that none of them can be read.

    Whoever kept them first is not overwritten.
    """
    key = key_of(settings.SECRET_KEY, version.pk)
    kept = Vocabulary(
        version=version, digests=digests_of(words, key=key), key_check=check_of(key)
    )
    Vocabulary.objects.bulk_create([kept], ignore_conflicts=True)


def vocabulary_of(line: ProductLine) -> KnownWords | None:
    """Give the words of a line's live version; ``None`` before its reference.

    Lines of other items than texts have none, and are not asked.
    """
    if line.modality != Modality.TEXT:
        return None
    return Vocabulary.objects.in_force_on(line).words()
