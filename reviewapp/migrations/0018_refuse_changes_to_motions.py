"""Let the database refuse to change what was moved, and what was answered."""

from django.db import migrations

MAKE = """
CREATE FUNCTION refuse_change_of_motion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.line_id, NEW.act, NEW.arguments, NEW.reason, NEW.moved_by_id,
            NEW.seen_policy, NEW.evidence, NEW.evidence_sha256, NEW.moved_at,
            NEW.expires_at)
        IS DISTINCT FROM
        (OLD.line_id, OLD.act, OLD.arguments, OLD.reason, OLD.moved_by_id,
            OLD.seen_policy, OLD.evidence, OLD.evidence_sha256, OLD.moved_at,
            OLD.expires_at)
    OR OLD.outcome <> 'open' AND
        (NEW.outcome, NEW.answered_by_id, NEW.answered_at, NEW.answer)
        IS DISTINCT FROM
        (OLD.outcome, OLD.answered_by_id, OLD.answered_at, OLD.answer)
    OR OLD.policy_id IS NOT NULL AND NEW.policy_id IS DISTINCT FROM OLD.policy_id
    THEN
        RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'What was moved and answered stands; move it anew.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER refuse_change BEFORE UPDATE ON reviewapp_motion
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_motion();
CREATE TRIGGER refuse_removal BEFORE DELETE ON reviewapp_motion
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_emptying BEFORE TRUNCATE ON reviewapp_motion
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
DROP = """
DROP TRIGGER refuse_change ON reviewapp_motion;
DROP TRIGGER refuse_removal ON reviewapp_motion;
DROP TRIGGER refuse_emptying ON reviewapp_motion;
DROP FUNCTION refuse_change_of_motion();
"""


class Migration(migrations.Migration):
    dependencies = [("reviewapp", "0017_override_gates_for_some_days")]

    operations = [migrations.RunSQL(MAKE, DROP)]
