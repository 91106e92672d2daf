"""Sessions in a table of the product's own, with whose they are beside them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Nobody is signed out: a session without a person is read with one look-up more.
MOVE = """
INSERT INTO reviewapp_session (session_key, session_data, expire_date)
SELECT session_key, session_data, expire_date FROM django_session;
DELETE FROM django_session;
"""
MOVE_BACK = """
INSERT INTO django_session (session_key, session_data, expire_date)
SELECT session_key, session_data, expire_date FROM reviewapp_session;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0028_people_choose_how_pages_appear"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="session key",
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                (
                    "expire_date",
                    models.DateTimeField(db_index=True, verbose_name="expire date"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.RunSQL(MOVE, MOVE_BACK),
    ]
