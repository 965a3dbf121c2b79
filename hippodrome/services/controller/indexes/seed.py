"""What a fresh database holds: one account with its key, and one user for the admin site."""

import logging

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from .models import Account, ApiKey

log = logging.getLogger("controller")
ACCOUNT, KEY = "local", "local-admin-key"
ADMIN = "admin"


def seed() -> None:
    """Safe to call at every start: a key that was revoked since stays so."""
    with transaction.atomic():
        account, is_new = Account.objects.get_or_create(name=ACCOUNT)
        if is_new:
            ApiKey.objects.create(account=account, key=KEY, scope="admin", name="seeded")
    users = get_user_model().objects
    if not users.filter(username=ADMIN).exists():
        users.create_superuser(ADMIN, password=ADMIN)
        log.info("made a user for http://localhost:%s/admin/ name=%s password=%s", settings.PORT, ADMIN, ADMIN)
