"""What a recording's file says of its own size, checked against what is there.

The decoder reads on past what is missing; a recording that is cut off must not pass for
a whole one.
"""

from collections.abc import Iterator

RIFF_HEAD, CHUNK_HEAD = 12, 8
OGG_HEAD, OGG_FLAGS_AT, OGG_SEGMENTS_AT = 27, 5, 26
OGG_LAST = 0x04


def is_wav(content: bytes) -> bool:
    """Say whether a file begins as WAV does."""
    return content[:4] == b"RIFF" and content[8:12] == b"WAVE"


def is_whole(content: bytes) -> bool:
    """Say whether a WAV or Ogg file holds all that its headers announce.

    Of FLAC nothing can be said before it is decoded.
    """
    if is_wav(content):
        return _is_whole_wav(content)
    return not content.startswith(b"OggS") or _is_whole_ogg(content)


def _is_whole_wav(content: bytes) -> bool:
    """Follow the chunks to the samples; whatever stands behind them does not matter."""
    at = RIFF_HEAD
    while at + CHUNK_HEAD <= len(content):
        name = content[at : at + 4]
        size = int.from_bytes(content[at + 4 : at + CHUNK_HEAD], "little")
        at += CHUNK_HEAD
        if name == b"data":
            return at + size <= len(content)
        at += size + size % 2
    return False


def _is_whole_ogg(content: bytes) -> bool:
    last = None
    for last in _ogg_flags(content):
        if last is None:
            return False
    return last is not None and bool(last & OGG_LAST)


def _ogg_flags(content: bytes) -> Iterator[int | None]:
    """Give the flags of each page, ``None`` for one that is cut off or none."""
    at = 0
    while at < len(content):
        head = content[at : at + OGG_HEAD]
        if len(head) < OGG_HEAD or not head.startswith(b"OggS"):
            yield None
            return
        segments = content[at + OGG_HEAD : at + OGG_HEAD + head[OGG_SEGMENTS_AT]]
        at += OGG_HEAD + head[OGG_SEGMENTS_AT] + sum(segments)
        yield head[OGG_FLAGS_AT] if at <= len(content) else None
