"""Note who has met which items in the studies that are planned already."""

from django.db import migrations

NOTE_ENCOUNTERS = """
INSERT INTO reviewapp_encounter (item_id, user_id, met_at)
SELECT DISTINCT part.item_id, read.inspector_id, study.planned_at
FROM monitoring_studyread AS read
    JOIN monitoring_studypart AS part ON part.id = read.part_id
    JOIN monitoring_study AS study ON study.id = read.study_id
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0019_tell_of_motions"),
        ("reviewapp", "0026_allow_several_classes_and_settle_by_sweep"),
    ]

    operations = [migrations.RunSQL(NOTE_ENCOUNTERS, migrations.RunSQL.noop)]
