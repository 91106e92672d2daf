"""The demo's beginning: people with passwords of their own, lines, and their pasts."""

import json
import os
from pathlib import Path
from secrets import token_urlsafe

from django.db import transaction

from monitoring.demo.history import began_at
from monitoring.demo.sources import SOURCES
from monitoring.services.windowsizes import Size, set_size
from reviewapp.models import JobKind, ProductLine, QueueTerms, Role, User
from reviewapp.services import jobs, lines, people

PASSWORD_BYTES = 9
COLLEAGUES = ("Bo", "Cem", "Dara")
ACCOUNTS = (
    ("ana", "Ana", "inspector", (Role.INSPECTOR,)),
    ("mia", "Mia", "manager", (Role.MANAGER, Role.SCIENTIST)),
    ("ada", "Ada", "admin", ()),
)


def seed_demo(var: Path) -> bool:
    """Make accounts and lines, and ask for the lines' pasts; once for all.

    Passwords are random for each installation, and kept in a file that only its owner
    may read.
    """
    if ProductLine.objects.exists() or User.objects.exists():
        return False
    passwords = {name: token_urlsafe(PASSWORD_BYTES) for name, *_rest in ACCOUNTS}
    with transaction.atomic():
        for source in SOURCES:
            line = lines.create_line(
                name=source.name,
                slug=source.slug,
                question=source.question,
                modality=source.modality,
                classes=source.classes,
                columns=source.columns(),
                by=None,
                as_of=began_at(source.slug),
            )
            # simulated colleagues answer in no time, which says nothing of visitors
            QueueTerms.objects.create(line=line, claim_is_fixed=True)
            # nobody watches a demo for a day until its inputs are compared
            set_size(line, Size(hours=1), by=None, reason="A demo has no days")
            jobs.ask_for(JobKind.DEMO_HISTORY, line, by=None)
        for name, full_name, role, roles in ACCOUNTS:
            _make_person(
                name,
                full_name,
                roles,
                password=passwords[name],
                is_admin=role == "admin",
            )
        for full_name in COLLEAGUES:
            name = f"colleague-{full_name.lower()}"
            _make_person(name, full_name, (Role.INSPECTOR,))
        # before the commit: people whose passwords nobody has would be no use
        _write_accounts(var, passwords)
    return True


def _make_person(
    username: str,
    full_name: str,
    roles: tuple[Role, ...],
    *,
    password: str = "",
    is_admin: bool = False,
) -> None:
    user = people.invite(
        username=username, full_name=full_name, is_admin=is_admin, by=None
    )
    if password:
        people.accept_invitation(user, password=password)
    for line in ProductLine.objects.all():
        for role in roles:
            people.give_role(user, line, role, by=None)


def _write_accounts(var: Path, passwords: dict[str, str]) -> None:
    accounts = [
        {"username": name, "password": passwords[name], "role": role}
        for name, _full_name, role, _roles in ACCOUNTS
    ]
    path = var / "accounts.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(accounts, file, indent=2)
