"""Every setting, read from the environment and refusing to guess: a missing name stops the process and is named.

`.env.example` lists the names; `rsu.embedded` exports them for the demo and the tests.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"package {name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
DEBUG = env.bool("DEBUG", default=False)
# Where anybody reaches the registry, printed on every paper for years: never guessed from a request.
PUBLIC_URL = env("PUBLIC_URL").rstrip("/")

INSTALLED_APPS = [
    "rsu",
    "households",
    "eligibility",
    "enrollment",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "oauth2_provider",
    "django_filters",
    "django_tables2",
    "django_htmx",
    "django_cotton",
    "axes",
    "csp",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "rsu.middleware.LawOfTheDay",
    "rsu.middleware.KnownBrowser",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "rsu.urls"
WSGI_APPLICATION = "rsu.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Templates

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rsu.desk.navigation.navigation",
            ],
        },
    },
]
COTTON_DIR = "components"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database, cache

# Threads of a web server share a pool; a worker or a command has one connection and keeps it.
_pool_size = env.int("PG_POOL_SIZE", default=0)
_options = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    # A holder of locks that fell silent is cut, so that a run never waits for a dead machine; a worker killed in the middle of a
    # long statement too, and a machine that vanished, within half a minute.
    "options": "-c idle_in_transaction_session_timeout=300000 -c client_connection_check_interval=5000"
    " -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}
if _pool_size:
    _options["pool"] = {"min_size": 1, "max_size": _pool_size, "timeout": 30}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": env("PGHOST"),
        "PORT": env("PGPORT", default=""),
        "USER": env("PGUSER"),
        "PASSWORD": env("PGPASSWORD", default=""),
        "NAME": env("PGDATABASE"),
        "CONN_MAX_AGE": 0 if _pool_size else env.int("PG_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _options,
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env("REDIS_URL"), "KEY_PREFIX": "rsu"}}

# People

AUTH_USER_MODEL = "rsu.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "rsu/lockout.html"

# Languages, time

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "rsu" / "locale"]
FORMAT_MODULE_PATH = "rsu.formats"
TIME_ZONE = "Africa/Casablanca"
USE_TZ = True

# Static files: all of them from this tree or from installed packages

STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT", default=None)
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", _package("bootstrap_wrapper").parent / "bootstrap"),
    ("plex", _package("fontpkg_ibm_plex_sans") / "files"),
    ("plex", _package("fontpkg_ibm_plex_sans_arabic") / "files"),
]
_collected = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_in_place = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _collected if STATIC_ROOT else _in_place},
}
# Without a collected folder (the demo, the tests) the files are served from where they are installed.
WHITENOISE_USE_FINDERS = not STATIC_ROOT
WHITENOISE_MANIFEST_STRICT = True

# Files people bring: outside the web root, never served but by a page that asks who reads

FILES_ROOT = env("FILES_ROOT")
# A file of households or of a partner: bytes as sent, bytes once unpacked, and rows. Above them it is cut in two by whoever sends it.
IMPORT_MOST_BYTES = env.int("IMPORT_MOST_BYTES", default=64_000_000)
IMPORT_MOST_UNPACKED = env.int("IMPORT_MOST_UNPACKED", default=1_000_000_000)
IMPORT_MOST_ROWS = env.int("IMPORT_MOST_ROWS", default=200_000)
# Households a chunk of an import: one transaction each.
IMPORT_CHUNK = env.int("IMPORT_CHUNK", default=200)
# Days a sent file and the rows refused in it are kept, for whoever sent it to mend them.
IMPORT_KEEP_DAYS = env.int("IMPORT_KEEP_DAYS", default=30)
# A file of RAMED beneficiaries: bytes, rows read a transaction, rows checked or loaded a transaction.
RAMED_MOST_BYTES = env.int("RAMED_MOST_BYTES", default=4_000_000_000)
RAMED_READ = env.int("RAMED_READ", default=200_000)
RAMED_LOT = env.int("RAMED_LOT", default=20_000)
FILES_MOST_BYTES = env.int("FILES_MOST_BYTES", default=8_000_000)
# Payments of an order up to which its page does the work itself; above, the background does.
PAYMENTS_AT_ONCE = env.int("PAYMENTS_AT_ONCE", default=20_000)

# Security: secure unless the environment says that there is no TLS

_https = env.bool("HTTPS", default=True)
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "rsu.stash.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's icons are data: images inside its own sheet
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")}

# Partners' API

REST_FRAMEWORK = {
    # Closed unless a view says who may enter: rsu.api_permissions.PartnerView does.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "rsu.problems.ProblemSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    # By agency once a token names it; by address where none is needed.
    "DEFAULT_THROTTLE_RATES": {"agency": "3000/min", "address": "600/min", "verify": "30/min"},
    # Whose address it is: what the proxy says when there is one, and never what the caller says of himself.
    "NUM_PROXIES": 1 if env.bool("BEHIND_PROXY", default=False) else 0,
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "rsu.problems.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "rsu.problems.ProblemFormatter",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "RSU",
    "VERSION": "1.0",
    "DESCRIPTION": _(
        "Le registre social unifié répond aux organismes partenaires, chacun dans les limites de sa convention : programmes, attributs, "
        "finalités, territoire, durée. Chaque appel est inscrit au journal. Chaque refus est un problème de la RFC 9457."
    ),
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "OAUTH2_FLOWS": ["clientCredentials"],
    "OAUTH2_TOKEN_URL": "/api/v1/token",
}
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 900,
    # Client credentials and nothing else: people log in with a session.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "SCOPES_BACKEND_CLASS": "rsu.api_permissions.AgreementScopes",
    "PKCE_REQUIRED": True,
    # RFC 9700, Best Current Practice for OAuth 2.0 Security; each is the toolkit's own default from its version 4.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}

# Messages to families

# A channel without a gateway keeps its messages in the queue; enrollment/gateways has one for the demo, one for SMTP, one for HTTP.
GATEWAYS = {"sms": env("SMS_GATEWAY", default=""), "email": env("EMAIL_GATEWAY", default="")}
SMS_GATEWAY_URL = env("SMS_GATEWAY_URL", default="")
SMS_GATEWAY_TOKEN = env("SMS_GATEWAY_TOKEN", default="")
SMS_GATEWAY_TIMEOUT = env.int("SMS_GATEWAY_TIMEOUT", default=15)
# Shared with the operator that signs delivery receipts; without it none is taken.
GATEWAY_SECRET = env("GATEWAY_SECRET", default="")
EMAIL_HOST = env("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="rsu@localhost")

# Work in the background

# What a run has done stands in its own tables: there is no result backend, and a task may be delivered twice.
CELERY_BROKER_URL = env("BROKER_URL")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Whoever sends to a broker that is down is told at once, and the sweep sends again; without these each message waits six seconds.
_told_at_once = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800, **_told_at_once}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# Chunks of a run give way to everything else: a sweep or a birth declared never waits behind them.
CELERY_TASK_ROUTES = {
    "eligibility.work": {"priority": 9},
    "desk.import_work": {"priority": 8},
    "enrollment.decide_batches": {"priority": 8},
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
# Households a chunk of a run: above 5,000 the planner leaves the score index for a scan.
RUN_CHUNK = env.int("RUN_CHUNK", default=5000)
# Ids a chunk of a run over everyone: read by range, and kept from declarations for about a second.
RUN_RANGE = env.int("RUN_RANGE", default=20_000)
# Ids a chunk of a month of direct aid: a multiple of the block that holds declarations back.
RUN_MONTH_RANGE = env.int("RUN_MONTH_RANGE", default=20_000)
# Enrollments a chunk of a decision in a batch: whole households, so a few more at times.
BATCH_CHUNK = env.int("BATCH_CHUNK", default=2000)
# Workers that may share a run.
RUN_WORKERS = env.int("RUN_WORKERS", default=os.cpu_count() or 2)
# Seconds between two looks for chunks whose worker died.
RUN_SWEEP = env.int("RUN_SWEEP", default=10)
# Rights made again every night from what was stored: half at random, half the newest.
REPLAY_SAMPLE = env.int("REPLAY_SAMPLE", default=1000)
# A beat that found nobody to work is dropped: the next one does the same.
CELERY_BEAT_SCHEDULE = {
    "sweep runs": {"task": "eligibility.sweep_runs", "schedule": float(RUN_SWEEP), "options": {"expires": max(RUN_SWEEP, 10)}},
    "sweep imports": {"task": "desk.sweep_imports", "schedule": float(RUN_SWEEP), "options": {"expires": max(RUN_SWEEP, 10)}},
    "forget imports": {"task": "desk.forget_imports", "schedule": crontab(hour=2, minute=50)},
    "sweep ramed": {"task": "enrollment.sweep_ramed", "schedule": float(RUN_SWEEP), "options": {"expires": max(RUN_SWEEP, 10)}},
    "settle migrated": {"task": "enrollment.settle_migrated", "schedule": crontab(hour=3, minute=40)},
    "forget ramed": {"task": "enrollment.forget_ramed", "schedule": crontab(hour=2, minute=55)},
    "escalate conflicts": {"task": "desk.escalate_conflicts", "schedule": crontab(minute=20)},
    "propose due": {"task": "enrollment.propose_due", "schedule": 10.0, "options": {"expires": 10}},
    "sweep months": {"task": "enrollment.sweep_months", "schedule": float(RUN_SWEEP), "options": {"expires": max(RUN_SWEEP, 10)}},
    "start month": {"task": "enrollment.start_month", "schedule": crontab(minute=15)},
    "correct reopened months": {"task": "enrollment.correct_reopened_months", "schedule": 900.0, "options": {"expires": 900}},
    "follow covers": {"task": "enrollment.follow_covers", "schedule": crontab(hour="0-4", minute=20)},
    "escalate clocks": {"task": "enrollment.escalate_clocks", "schedule": crontab(hour="5-20", minute=35), "options": {"expires": 3600}},
    "sweep batches": {"task": "enrollment.sweep_batches", "schedule": float(RUN_SWEEP), "options": {"expires": max(RUN_SWEEP, 10)}},
    "notify families": {"task": "enrollment.notify_families", "schedule": 20.0, "options": {"expires": 20}},
    "send messages": {"task": "enrollment.send_messages", "schedule": 20.0, "options": {"expires": 20}},
    "withdraw lapsed": {"task": "enrollment.withdraw_lapsed", "schedule": crontab(hour="0-5", minute=50)},
    "raise told floor": {"task": "enrollment.raise_told_floor", "schedule": crontab(hour=3, minute=50)},
    "assess waiting": {"task": "eligibility.assess_waiting", "schedule": 15.0, "options": {"expires": 15}},
    "pass time": {"task": "eligibility.pass_time", "schedule": crontab(minute=10)},
    "replay sample": {"task": "eligibility.replay_sample", "schedule": crontab(hour=3, minute=20)},
    "find duplicates": {"task": "rsu.find_duplicates", "schedule": crontab(hour="1-5", minute="5-59/10"), "options": {"expires": 600}},
    "fold tally": {"task": "eligibility.fold_tally", "schedule": 30.0, "options": {"expires": 30}},
    "keep spending": {"task": "enrollment.keep_spending", "schedule": 60.0, "options": {"expires": 60}},
    "forecast months": {"task": "enrollment.forecast_months", "schedule": crontab(minute=25), "options": {"expires": 3000}},
    "count scenarios": {"task": "enrollment.count_scenarios", "schedule": 60.0, "options": {"expires": 60}},
    "sweep files": {"task": "households.sweep_files", "schedule": crontab(hour=2, minute=40)},
    "seal audit": {"task": "rsu.seal_audit", "schedule": 5.0, "options": {"expires": 5}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
