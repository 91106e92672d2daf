"""Vocabularies: kept once for a version, and asked for when texts arrive."""

from collections.abc import Sequence

from reviewapp.models import Modality, ModelVersion, ProductLine, Vocabulary


def keep_vocabulary(version: ModelVersion, words: Sequence[str]) -> None:
    """Keep the words of a version; whoever kept them first is not overwritten."""
    Vocabulary.objects.bulk_create(
        [Vocabulary(version=version, words=list(words))], ignore_conflicts=True
    )


def vocabulary_of(line: ProductLine) -> frozenset[str] | None:
    """Give the words of a line's live version; ``None`` before its reference.

    Lines of other items than texts have none, and are not asked.
    """
    if line.modality != Modality.TEXT:
        return None
    return Vocabulary.objects.in_force_on(line).words()
