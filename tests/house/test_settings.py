"""Settings: nothing unsafe by default, and a refusal names its variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "SECRET_KEY": "p0-Vq8s_Zk4nT1xWc7bY2mL9rJ5dF3gH6aE0uI8oQ-tRzXvNw7Kq2",
    "DATABASE_URL": "postgresql://rung@localhost/rung",
    "BROKER_URL": "redis://localhost:6379/0",
    "ALLOWED_HOSTS": "rung.example.com",
    "MEDIA_ROOT": "/tmp/rung/media",
    "MODEL_ROOT": "/tmp/rung/models",
    "MODEL_HOST_SOCKET": "/tmp/rung/host.sock",
    "STATIC_ROOT": "/tmp/rung/static",
}


def run(code: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    wanted = {name: value for name, value in (GOOD | changes).items() if value}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **wanted},
        capture_output=True,
        text=True,
        check=False,
    )


LOAD = "import reviewapp.settings"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", "changeme"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "django-insecure-" + GOOD["SECRET_KEY"]),
        ("ALLOWED_HOSTS", None),
        ("ALLOWED_HOSTS", "*"),
        ("DATABASE_URL", None),
        ("INSECURE_HTTP", "maybe"),
        ("STATEMENT_TIMEOUT_MS", "long"),
        ("ALLOWED_HOSTS", ","),
        ("EMAIL_URL", "mail.example.com"),
        ("WEBHOOK_ORIGINS", "mes.local"),
        ("WEBHOOK_ORIGINS", "http://mes.local/path"),
    ],
)
def test_a_missing_or_weak_setting_stops_the_start_and_is_named(
    name: str, value: str | None
) -> None:
    ended = run(LOAD, **{name: value})

    assert ended.returncode != 0
    last = ended.stderr.strip().splitlines()[-1]
    assert name in last
    assert "example" in last
    is_secret = name == "SECRET_KEY" and value is not None
    assert not is_secret or str(value) not in last.partition("For example")[0]


def test_production_settings_pass_djangos_own_deployment_check() -> None:
    code = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'reviewapp.settings'\n"
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('check', deploy=True, fail_level='WARNING')"
    )

    ended = run(code)

    assert ended.returncode == 0, ended.stderr


def test_cookies_are_bound_to_https_unless_told_otherwise() -> None:
    show = f"{LOAD} as s; print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE)"

    assert run(show).stdout.split() == ["__Host-sid", "True"]
    assert run(show, INSECURE_HTTP="yes").stdout.split() == ["sid", "False"]


@pytest.mark.parametrize(
    ("url", "read"),
    [
        (None, "- 25 False False"),
        ("smtp://mail.example.com", "mail.example.com 587 True False"),
        ("smtp://mail.example.com:25?tls=no", "mail.example.com 25 False False"),
        ("smtps://a:b%40c@mail.example.com", "mail.example.com 465 False True"),
    ],
)
def test_mail_is_encrypted_unless_told_otherwise(url: str | None, read: str) -> None:
    show = (
        f"{LOAD} as s; print(s.EMAIL_HOST or '-', s.EMAIL_PORT, s.EMAIL_USE_TLS,"
        " s.EMAIL_USE_SSL, s.EMAIL_HOST_PASSWORD)"
    )

    said = run(show, EMAIL_URL=url).stdout.split()

    assert " ".join(said[:4]) == read
    assert said[4:] == (["b@c"] if url and "@" in url else [])
