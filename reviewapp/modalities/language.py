"""Which language a text is written in, told from its letters.

The model is py3langid's: byte n-grams of 142 languages and naive Bayes (Lui and
Baldwin, 2012). It takes about 100 MiB of the process that first reads a text.
"""

from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNDETERMINED = "und"
LEAST_CONFIDENCE = 0.5
READ_CHARACTERS = 2_000


def language_of(text: str) -> str:
    """Name the language of a text.

    Parameters
    ----------
    text : str
        Its first 2,000 characters are read.

    Returns
    -------
    str
        A code of ISO 639, or ``und`` (undetermined): no letters, too few words, or two
        languages that are about as likely. Four words are enough for most texts, one
        is not.

    Examples
    --------
    >>> language_of("Wo ist mein Paket? Ich warte seit drei Tagen.")
    'de'
    >>> language_of("12 34")
    'und'
    """
    start = text[:READ_CHARACTERS]
    if not any(map(str.isalpha, start)):
        return UNDETERMINED
    return str(_identifier().classify(start)[0])


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True, min_confidence=LEAST_CONFIDENCE
    )
