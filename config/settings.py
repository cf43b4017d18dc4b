"""All settings, read top to bottom. What an operator may set is an environment variable."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config.env import (
    env_bool,
    env_float,
    env_int,
    env_json,
    env_list,
    env_secret,
    env_text,
)
from config.registry import *  # noqa: F403

ROOT = Path(__file__).resolve().parent.parent
DEBUG = env_bool("DEBUG", False)
DATA_DIR = Path(env_text("DATA_DIR", str(ROOT / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
HOST = env_text("HOST", "127.0.0.1")
PORT = env_int("PORT", 8000)
PUBLIC_URL = env_text("PUBLIC_URL") or f"http://{HOST}:{PORT}"

# -- secrets ------------------------------------------------------------------------------------
GENERATE_SECRETS = env_bool("GENERATE_SECRETS", True)
_kept_in = DATA_DIR if GENERATE_SECRETS else None
SECRET_KEY = env_secret("SECRET_KEY", _kept_in)
_ring = env_secret("ENCRYPTION_KEYS", _kept_in)
if not SECRET_KEY or not _ring:
    raise ImproperlyConfigured("set SECRET_KEY and ENCRYPTION_KEYS, or GENERATE_SECRETS=1")


def _read_ring(text: str) -> dict[str, bytes]:
    """`id:key,id:key`, newest first; a key without an id is called by its hash."""
    ring = {}
    for item in text.split(","):
        name, _, key = item.strip().rpartition(":")
        raw = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        ring[name or hashlib.sha256(raw).hexdigest()[:8]] = raw
    return ring


ENCRYPTION_KEYS = _read_ring(_ring)

# -- what there is ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular_sidecar",
    "common",
    "organisations",
    "jobs",
    "files",
    "usage",
    "webhooks",
    "executions",
    "providers",
    "inference",
    "conversations",
    "knowledge",
    "finetuning",
    "insights",
    "surfaces",
    "demo",
    "config",
]
MIDDLEWARE = [
    "config.health.Probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
APPEND_SLASH = False
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# -- where rows are -----------------------------------------------------------------------------
DATABASE_URL = env_text("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'colloquy.sqlite3'}"
_database: dict[str, Any] = {**dj_database_url.parse(DATABASE_URL)}
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True  # a pooled connection may be older than the server
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": env_int("DATABASE_POOL", 16), "timeout": 10},
        "server_side_binding": False,
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHE_URL = env_text("CACHE_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# -- where files are ----------------------------------------------------------------------------
FILE_STORAGE = env_text("FILE_STORAGE", "django.core.files.storage.FileSystemStorage")
_file_storage: dict[str, Any] = (
    {
        "location": str(DATA_DIR / "files"),
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    }
    if FILE_STORAGE.endswith(".FileSystemStorage")
    else {"max_memory_size": 8 * 1024 * 1024}  # django-storages: beyond it a temporary file is used
)
STORAGES = {
    "default": {
        "BACKEND": FILE_STORAGE,
        "OPTIONS": {**_file_storage, **env_json("FILE_STORAGE_OPTIONS")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STORAGE_QUOTA_BYTES = env_int("STORAGE_QUOTA_BYTES", 10 * 1024**3)

# -- work ---------------------------------------------------------------------------------------
CELERY_BROKER_URL = env_text("CELERY_BROKER_URL")
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "doorbell"
CELERY_TASK_QUEUES = {
    "doorbell": {
        "exchange": "doorbell",
        "routing_key": "doorbell",
        "queue_arguments": {"x-message-ttl": 60_000, "x-max-length": 1_000},
    }
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 1
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "jobs.sweep": {"task": "jobs.sweep", "schedule": 1.0, "options": {"expires": 1}},
}
JOB_LEASE_SECONDS = env_float("JOB_LEASE_SECONDS", 30)
JOB_CONCURRENCY = env_int("JOB_CONCURRENCY", 300)
WEBHOOK_SCHEDULE_SCALE = env_float("WEBHOOK_SCHEDULE_SCALE", 1)
ALLOW_PRIVATE_NETWORKS = env_list("ALLOW_PRIVATE_NETWORKS")
MINILM_DIR = env_text("MINILM_DIR")
VECTOR_CACHE_BYTES = env_int("VECTOR_CACHE_BYTES", 256 * 1024**2)
PGVECTOR_FROM_CHUNKS = env_int("PGVECTOR_FROM_CHUNKS", 5_000)
SEED_DEMO = env_bool("SEED_DEMO", not env_text("DATABASE_URL") and not CELERY_BROKER_URL)

# -- crawls and reports -------------------------------------------------------------------------
CRAWL_MAX_PAGES = env_int("CRAWL_MAX_PAGES", 1000)
CRAWL_MAX_PAGE_BYTES = env_int("CRAWL_MAX_PAGE_BYTES", 10 * 1024**2)
CRAWL_MAX_SECONDS = env_int("CRAWL_MAX_SECONDS", 3600)
CRAWL_PAGE_SECONDS = env_float("CRAWL_PAGE_SECONDS", 30)
CRAWL_DELAY = env_float("CRAWL_DELAY", 0.1)
CRAWL_USER_AGENT = env_text("CRAWL_USER_AGENT", "colloquy")
REPORT_LIFETIME = env_int("REPORT_LIFETIME", 7 * 24 * 3600)

# -- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organisations.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True

# -- words, time, files -------------------------------------------------------------------------
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True

REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
}

# -- the admin ----------------------------------------------------------------------------------
ENVIRONMENT = env_text("ENVIRONMENT")
LOGIN_REDIRECT_URL = "admin:index"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"  # secrets told once
UNFOLD = {
    "SITE_TITLE": "Colloquy",
    "SITE_HEADER": "Colloquy",
    "SITE_SUBHEADER": "Conversations and insights",
    "SITE_SYMBOL": "forum",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "config.sidebar.favicon"},
    ],
    "ENVIRONMENT": "config.sidebar.environment",
    "DASHBOARD_CALLBACK": "config.dashboard.dashboard",
    "STYLES": ["config.sidebar.stylesheet"],
    "SCRIPTS": ["config.sidebar.script"],
    "SIDEBAR": {"show_search": True, "navigation": "config.sidebar.navigation"},
    "COLORS": {
        "primary": {
            "50": "oklch(96.2% .018 272.314)",
            "100": "oklch(93% .034 272.788)",
            "200": "oklch(87% .065 274.039)",
            "300": "oklch(78.5% .115 274.713)",
            "400": "oklch(67.3% .182 276.935)",
            "500": "oklch(58.5% .233 277.117)",
            "600": "oklch(51.1% .262 276.966)",
            "700": "oklch(45.7% .24 277.023)",
            "800": "oklch(39.8% .195 277.366)",
            "900": "oklch(35.9% .144 278.697)",
            "950": "oklch(25.7% .09 281.288)",
        },
    },
}
