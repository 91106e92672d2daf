"""Give gold the further classes that stood when it was made, where they still do."""

from django.db import migrations

GIVE_FURTHER_CLASSES = """
UPDATE reviewapp_golditem AS gold SET also = label.also
FROM reviewapp_item AS item
    JOIN reviewapp_decision AS decision ON decision.id = item.decision_id
    JOIN reviewapp_label AS label ON label.id = decision.label_id
WHERE item.id = gold.item_id AND cardinality(label.also) > 0
    AND decision.label_class_id = gold.label_class_id
    AND decision.decided_at <= gold.added_at
"""


class Migration(migrations.Migration):
    dependencies = [("reviewapp", "0030_keep_further_classes_of_gold")]

    operations = [migrations.RunSQL(GIVE_FURTHER_CLASSES, migrations.RunSQL.noop)]
