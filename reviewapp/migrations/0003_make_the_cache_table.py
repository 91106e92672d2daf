"""Keep the cache in the database, so that a page needs nothing else to be up."""

from django.db import migrations

MAKE = """
CREATE TABLE cache_entries (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX cache_entries_expires ON cache_entries (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("reviewapp", "0002_refuse_changes_to_facts")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE cache_entries;")]
