"""The product's settings with throw-away values, for tests and the type checker."""

import os
import tempfile
from pathlib import Path

VAR = Path(os.environ.get("RUNG_TEST_VAR", tempfile.gettempdir())) / "rung-test"

os.environ.setdefault(
    "SECRET_KEY", "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz"
)
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("INSECURE_HTTP", "yes")
os.environ.setdefault("DATABASE_URL", "postgresql://nobody@localhost/none")
os.environ.setdefault("BROKER_URL", "redis+socket:///nowhere.sock")
os.environ.setdefault("MEDIA_ROOT", str(VAR / "media"))
os.environ.setdefault("MODEL_ROOT", str(VAR / "models"))
os.environ.setdefault("STATIC_ROOT", str(VAR / "static"))
os.environ.setdefault("MODEL_HOST_SOCKET", str(VAR / "model-host.sock"))
os.environ.setdefault("LOG_LEVEL", "CRITICAL")
os.environ.setdefault("PROCESS_SAMPLE_S", "0")

from reviewapp.settings import *  # noqa: E402, F403 - all of them, with these values
from reviewapp.settings import DATABASES  # noqa: E402

# Each worker of the suite keeps its media apart, as it does its database.
MEDIA_ROOT = VAR / os.environ.get("PYTEST_XDIST_WORKER", "alone") / "media"

# A fresh clone has no collected files, and a test's password need not be slow.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["TEST"] = {"NAME": "test_rung"}
