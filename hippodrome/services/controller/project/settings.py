"""Django's settings, all from the environment, as docs/services/controller.md lists it."""

import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / "data"))
PORT = int(os.environ.get("PORT", "9002"))
HOST = os.environ.get("HOST", "127.0.0.1")
CELL_URL = os.environ.get("CONTROL_PLANE_URL_OVERRIDE", "http://localhost:9001").rstrip("/")
CELL_API_KEY = os.environ.get("CELL_API_KEY", "")  # of a deployed cell
CREATE_DELAY_S = float(os.environ.get("CONTROLLER_CREATE_DELAY_S", "0"))
INDEX_QUOTA = int(os.environ.get("CONTROLLER_INDEX_QUOTA", "0"))  # of an account; 0: none
CELL_TIMEOUT_S = float(os.environ.get("CONTROLLER_CELL_TIMEOUT_S", "30"))
COUNT_TIMEOUT_S = 2.0  # what a list of indexes waits for the cell's counts
COGNITO_ISSUER = os.environ.get("COGNITO_ISSUER", "").rstrip("/")  # of the user pool whose tokens are accepted
COGNITO_CLIENT_IDS = os.environ.get("COGNITO_CLIENT_ID", "").replace(",", " ").split()  # none said: any of the pool
RANDOM_SEED = os.environ.get("HIPPODROME_RANDOM_SEED", "")  # makes the first keys of accounts the same each time
VERSION = "0.1.0"


def _secret_key() -> str:
    """Made at the first start and kept with the data, so that sessions outlive a restart."""
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # the admin's files as they lie in Django: nothing to collect

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "indexes",
]
MIDDLEWARE = [
    "indexes.middleware.RequestLog",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "indexes.middleware.Errors",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "controller.sqlite3",
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"},
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"faults": {"()": "indexes.middleware.FaultsOnly"}},
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": os.environ.get("LOG_LEVEL", "info").upper()},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"filters": ["faults"]},
        "waitress": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
    },
}
