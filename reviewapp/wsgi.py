"""The web server's way in."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings")

application = get_wsgi_application()

# Every page is loaded before the workers are made, so that they share it; and what is
# loaded by now stays: the collector need not look at it at each request.
pages = get_resolver().url_patterns
gc.collect()
gc.freeze()
