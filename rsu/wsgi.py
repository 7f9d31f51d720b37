"""What the web server calls: `granian --interface wsgi rsu.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rsu.settings")

application = get_wsgi_application()
