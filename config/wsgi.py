"""The WSGI application that the server imports. Also starts policy reloading and periodic work, and warms up the detectors."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# Import this only after settings and logging are ready. A process that merely imports Django starts no threads.
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
EVIDENCE.warm_up()  # otherwise the first /readyz waits for the bucket client
detection.configured()  # otherwise the first message waits for the models
