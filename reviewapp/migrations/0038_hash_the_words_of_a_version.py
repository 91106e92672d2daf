"""Hash the words of each version by a key that is derived from the server's.

The way is written down here once more, so that a later change of
``reviewapp/modalities/vocabulary.py`` cannot change what this has done. Nothing leads
back from a hash to its word, so neither does this.
"""

from hashlib import sha256
from hmac import digest

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# The rows are append-only for everybody else.
LET_CHANGE = "ALTER TABLE reviewapp_vocabulary DISABLE TRIGGER refuse_change"
LET_STAND = "ALTER TABLE reviewapp_vocabulary ENABLE TRIGGER refuse_change"


def hash_words(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give each vocabulary the hashes of its words, and what its key is known by."""
    vocabulary: type[models.Model] = apps.get_model("reviewapp", "Vocabulary")
    # the type checker knows the model as it is now, without its words
    rows = vocabulary._base_manager.using(  # noqa: SLF001 - Django documents it
        schema_editor.connection.alias
    )
    schema_editor.execute(LET_CHANGE)
    for pk, version_id in list(rows.values_list("pk", "version_id")):
        purpose = f"vocabulary:{version_id}".encode()
        key = digest(settings.SECRET_KEY.encode(), purpose, sha256)
        words = rows.values_list("words", flat=True).get(pk=pk)
        digests = sorted({digest_of(word, key) for word in words})
        rows.filter(pk=pk).update(digests=digests, key_check=digest_of("", key))
    schema_editor.execute(LET_STAND)


def digest_of(word: str, key: bytes) -> int:
    """Give the first 8 bytes of a word's HMAC as a signed number."""
    return int.from_bytes(digest(key, word.encode(), sha256)[:8], "big", signed=True)


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0037_make_room_for_hashed_words"),
    ]

    operations = [migrations.RunPython(hash_words)]
