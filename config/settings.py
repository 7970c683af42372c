"""Django settings, read from the environment; `manage.py up` fills in what is missing."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ

from config import doors
from config.environment import check_environment, with_kept_addresses
from config.installation import installation_secret

check_environment(os.environ)
env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
WORKROOM_HOME = Path(env.str("WORKROOM_HOME", str(BASE_DIR / ".workroom"))).resolve()
env.ENVIRON = with_kept_addresses(os.environ, WORKROOM_HOME)

HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
PUBLIC_URL = env.str("PUBLIC_URL", f"http://{HOST}:{PORT}").rstrip("/")
_public = urlsplit(PUBLIC_URL)
DEBUG = False
LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = sorted({_public.hostname or HOST, *LOOPBACK_NAMES})
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
SECRET_KEY = env.str("SECRET_KEY", "") or installation_secret(WORKROOM_HOME, "secret-key")
WORKROOM_KEY = env.str("WORKROOM_KEY", "") or installation_secret(WORKROOM_HOME, "workroom-key")
WORKROOM_TRUSTED_HOSTS = env.list("WORKROOM_TRUSTED_HOSTS", default=[])
WORKROOM_DEMO_PASSWORD = env.str("WORKROOM_DEMO_PASSWORD", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_htmx",
    "guardian",
    "ninja",
    "config",
    "accounts",
    "workrooms",
    "orchestration",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.SessionLifetimeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.OrganizationMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.face",
                "workrooms.context_processors.shell",
                "config.demo.entrance.demo",
                "config.demo.first_steps.first_steps",
                "orchestration.context_processors.work",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "stored"],
        "OPTIONS": {"environment": "workrooms.stored.environment"},
    },
]

_pool = {"min_size": 0, "max_size": env.int("DATABASE_POOL", 24), "timeout": 20}
_owner_url = env.str("DATABASE_URL", "postgres://unset@127.0.0.1:1/unset")
DATABASES = {
    "default": {
        **env.db_url_config(env.str("DATABASE_APP_URL", _owner_url)),
        "OPTIONS": {"pool": _pool, "server_side_binding": True, "prepare_threshold": 3},
        "CONN_HEALTH_CHECKS": True,  # a connection that died in the pool is replaced when it is taken, not an error
        "TEST": {"MIGRATE": False},
    },
    "owner": env.db_url_config(_owner_url),
}
DATABASE_APP_ROLE = DATABASES["default"]["USER"]
DATABASE_ROUTERS = ["config.installation.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:1/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = doors.AUTH_PASSWORD_VALIDATORS
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"service_unproven": "30/m/ip"}
USERSESSIONS_ADAPTER = "accounts.sessions.SessionsAdapter"
PASSWORD_RESET_TIMEOUT = 3_600

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 12 * 3_600
SESSION_LONGEST_SECONDS = 7 * 24 * 3_600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
SESSION_COOKIE_SAMESITE = "Lax"
# Workroom itself speaks HTTP: where its address is https, a proxy stands in front and says who called and how.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _public.scheme == "https" else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _public.scheme == "https" else 0
SECURE_HSTS_SECONDS = 365 * 24 * 3_600 if _public.scheme == "https" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = doors.CONTENT_SECURITY_POLICY
LOGGING = doors.LOGGING

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = WORKROOM_HOME / "static"
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = WORKROOM_HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"Workroom <workroom@{_public.hostname or 'localhost'}>")

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # `heal` finds lost hints; a worker that holds unacknowledged ones dies with its broker
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60}  # what a killed worker had not begun, others get
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "runs"
CELERY_BEAT_SCHEDULE_FILENAME = str(WORKROOM_HOME / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "heal": {"task": "orchestration.tasks.heal", "schedule": 3.0},
    "impasses": {"task": "orchestration.tasks.look_for_impasses", "schedule": 15.0},
    "examine": {"task": "orchestration.tasks.examine", "schedule": 10.0},
    "deadlines": {"task": "orchestration.tasks.deadlines", "schedule": 30.0},
    "access": {"task": "orchestration.tasks.end_access", "schedule": 5.0},
    "check-ledgers": {"task": "accounts.tasks.check_ledgers", "schedule": 60.0},
    "retention": {"task": "workrooms.tasks.enforce_retention", "schedule": 3600.0},
    "strays": {"task": "workrooms.tasks.remove_strays", "schedule": 3600.0},
    "stream-ledgers": {"task": "accounts.tasks.stream_ledgers", "schedule": 10.0},
    "sign-ledgers": {"task": "accounts.tasks.sign_ledgers", "schedule": 300.0},
}

WITNESS = env.str("WORKROOM_WITNESS", "")
SIEM = env.str("WORKROOM_SIEM", "")
MODEL_URL = env.str("WORKROOM_MODEL_URL", "")
MODEL_NAME = env.str("WORKROOM_MODEL_NAME", "")
MODEL_KEY = env.str("WORKROOM_MODEL_KEY", "")
MODEL_PRICE = env.str("WORKROOM_MODEL_PRICE", "")
OPENAI_API_KEY = env.str("OPENAI_API_KEY", "")
ANTHROPIC_API_KEY = env.str("ANTHROPIC_API_KEY", "")
TURN_LEASE_SECONDS = env.int("WORKROOM_TURN_LEASE_SECONDS", 30)
