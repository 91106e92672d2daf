"""Let the database refuse to change what a label book has published.

Each line also gets a secret of its own for the lottery of gold: the column's default
was made once for all lines that were there.
"""

from django.db import migrations

MAKE_FUNCTIONS = """
CREATE FUNCTION refuse_change_of_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'edition % is published: % refused', OLD.number, TG_OP
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'Publish another edition.';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION refuse_change_in_edition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[] := ARRAY[]::bigint[];
BEGIN
    IF TG_OP <> 'INSERT' THEN touched := touched || OLD.edition_id; END IF;
    IF TG_OP <> 'DELETE' THEN touched := touched || NEW.edition_id; END IF;
    IF EXISTS (
        SELECT FROM reviewapp_bookedition
        WHERE id = ANY(touched) AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a published edition is not changed: % of % refused',
            TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'Publish another edition.';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END
$$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION refuse_change_of_edition();
DROP FUNCTION refuse_change_in_edition();
"""
MAKE_TRIGGERS = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON reviewapp_bookedition
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_edition();
CREATE TRIGGER refuse_change BEFORE INSERT OR UPDATE OR DELETE
    ON reviewapp_bookdefinition
    FOR EACH ROW EXECUTE FUNCTION refuse_change_in_edition();
CREATE TRIGGER refuse_change BEFORE INSERT OR UPDATE OR DELETE ON reviewapp_bookexample
    FOR EACH ROW EXECUTE FUNCTION refuse_change_in_edition();
"""
MAKE_EMPTYING = """
CREATE TRIGGER refuse_emptying BEFORE TRUNCATE ON reviewapp_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
DROP_EMPTYING = "DROP TRIGGER refuse_emptying ON reviewapp_{table};"
TABLES = ["bookedition", "bookdefinition", "bookexample"]
DROP_TRIGGERS = """
DROP TRIGGER refuse_change ON reviewapp_bookedition;
DROP TRIGGER refuse_change ON reviewapp_bookdefinition;
DROP TRIGGER refuse_change ON reviewapp_bookexample;
"""
OWN_SALTS = """
UPDATE reviewapp_productline SET gold_salt = replace(gen_random_uuid()::text, '-', '')
"""


class Migration(migrations.Migration):
    dependencies = [("reviewapp", "0019_keep_a_label_book_and_gold")]

    operations = [
        migrations.RunSQL(MAKE_FUNCTIONS, DROP_FUNCTIONS),
        migrations.RunSQL(MAKE_TRIGGERS, DROP_TRIGGERS),
        *[
            migrations.RunSQL(
                MAKE_EMPTYING.format(table=table), DROP_EMPTYING.format(table=table)
            )
            for table in TABLES
        ],
        migrations.RunSQL(OWN_SALTS, migrations.RunSQL.noop),
    ]
