"""Brings the database up to date and serves. Ends within a second of SIGTERM."""

import logging
import os
import signal
import sys

import django
import waitress

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.conf import settings  # noqa: E402  what follows needs Django set up
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from indexes.seed import seed  # noqa: E402

log = logging.getLogger("controller")


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    seed()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    log.info("serving host=%s port=%s cell=%s", settings.HOST, settings.PORT, settings.CELL_URL)
    waitress.serve(get_wsgi_application(), host=settings.HOST, port=settings.PORT, threads=8, ident=None)


if __name__ == "__main__":
    main()
