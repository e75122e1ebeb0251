"""What the server imports: Django's WSGI application, with policies reloading and what is due being done in the
background, and detectors ready."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# Only now are settings and logging in place; a worker that merely imports Django starts no thread.
from api.health import EVIDENCE  # noqa: E402
from config.alone import serve  # noqa: E402
from config.requests import Request  # noqa: E402
from decisions.reloading import start_reloading  # noqa: E402
from marketplace.moderation import detection  # noqa: E402
from marketplace.outbox.background import start_running_due  # noqa: E402

serve()
application.request_class = Request
start_reloading()
start_running_due()
EVIDENCE.warm_up()  # or the first look at /readyz would wait for the client of a bucket to be made
detection.configured()  # or the first message would wait for models to load
