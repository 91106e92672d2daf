"""Print the key of the one-time link by which the first admin signs up."""

from typing import Any

from django.core.management.base import BaseCommand

from reviewapp.models import User
from reviewapp.services import people


class Command(BaseCommand):
    help = "Print the key for /welcome/KEY/, unless there is an admin already."

    def handle(self, *args: Any, **options: Any) -> None:
        if not User.objects.filter(is_superuser=True).exists():
            self.stdout.write(people.first_admin_key())
