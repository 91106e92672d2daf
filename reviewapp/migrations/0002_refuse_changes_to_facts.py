"""Let the database refuse to change, remove or empty what must stand for good."""

from django.db import migrations

FACTS = [
    "policy",
    "prediction",
    "routing",
    "label",
    "lateanswer",
    "exposure",
    "decision",
    "datasetsnapshot",
    "snapshotrow",
    "modelversion",
    "tableschema",
    "record",
]

MAKE_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'Add a row that supersedes the earlier one.';
END
$$;
"""

MAKE_TRIGGERS = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON reviewapp_{table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_emptying BEFORE TRUNCATE ON reviewapp_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

DROP_TRIGGERS = """
DROP TRIGGER refuse_change ON reviewapp_{table};
DROP TRIGGER refuse_emptying ON reviewapp_{table};
"""


class Migration(migrations.Migration):
    dependencies = [("reviewapp", "0001_initial")]

    operations = [
        migrations.RunSQL(MAKE_FUNCTION, "DROP FUNCTION refuse_change();"),
        *[
            migrations.RunSQL(
                MAKE_TRIGGERS.format(table=table), DROP_TRIGGERS.format(table=table)
            )
            for table in FACTS
        ],
    ]
