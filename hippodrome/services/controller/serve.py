"""Brings the database up to date and serves. Ends within a second of SIGTERM."""

import logging
import os
import signal
import sys
import threading

import django
import waitress

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.conf import settings  # noqa: E402  what follows needs Django set up
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from indexes.seed import seed  # noqa: E402

GRACE_S = 1.0
log = logging.getLogger("controller")


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    seed()
    signal.signal(signal.SIGTERM, end)
    log.info("serving host=%s port=%s cell=%s", settings.HOST, settings.PORT, settings.CELL_URL)
    waitress.serve(get_wsgi_application(), host=settings.HOST, port=settings.PORT, threads=8, ident=None)


def end(*_: object) -> None:
    """A request that waits for the cell may keep waitress for five seconds; the database outlives a hard end."""
    hard = threading.Timer(GRACE_S, os._exit, (0,))
    hard.daemon = True
    hard.start()
    sys.exit(0)


if __name__ == "__main__":
    main()
