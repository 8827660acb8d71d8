"""All settings come from the environment (or var/env). README.md has the table."""

from pathlib import Path

from .env import Env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = Env()
if (VAR_DIR / "env").is_file():
    env.read_env(VAR_DIR / "env")  # what is already in the environment wins

SECRET_KEY = env.secret("SECRET_KEY")
DEBUG = env.switch("DEBUG")
HTTPS = env.switch("HTTPS")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", default="127.0.0.1,localhost")
PROXY_HOPS = env.whole("PROXY_HOPS", default=0)

INSTALLED_APPS = [
    "techniekpact",
    "imports",
    "cases",
    "experiments",
    "routes",
    "contacts",
    "programme",
    "publishing",
    "discovery",
    "techniekpact.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
    "django_filters",
]

MIDDLEWARE = [
    "techniekpact.middleware.security_headers",  # first, so that static files and error pages have them too
    "django.middleware.security.SecurityMiddleware",
    "discovery.middleware.unchanged_lists",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "techniekpact.urls"
WSGI_APPLICATION = "techniekpact.wsgi.application"
CSRF_FAILURE_VIEW = "techniekpact.errors.csrf_failure"

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
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
FORMS_URLFIELD_ASSUME_HTTPS = True  # the default from Django 6.0 on; this line can go then

DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {
        "CONN_MAX_AGE": None,  # a kept connection keeps its page cache; a file does not go away, so no health checks
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",  # wait for the write lock at the start, not halfway with an error
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;",
        },
    }
else:
    DATABASES["default"] |= {
        "CONN_HEALTH_CHECKS": True,  # a restart of PostgreSQL leaves dead connections in the pool
        "CONN_MAX_AGE": 0,  # the pool keeps the connections
        "OPTIONS": DATABASES["default"].get("OPTIONS", {})
        | {"pool": {"min_size": 1, "max_size": env.whole("DATABASE_POOL_SIZE", default=8, least=1), "timeout": 5}},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # Shared by all processes, for the limits of contacts/limits.py.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # past that, Django throws rows away and a limit would end too soon
    },
    # The pictures of cases/share.py, of each process: drawing one again costs little.
    "share": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100}},
}

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "nl"
LOCALE_PATHS = [BASE_DIR / "locale"]  # the few strings that Django's own Dutch lacks
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True

WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.folder("MEDIA_DIR", default=VAR_DIR / "media")
STORAGES = {
    # A file is named after what was uploaded (cases/images.py): who stores it again stores the same picture.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"allow_overwrite": True},
    },
    "staticfiles": {"BACKEND": "techniekpact.storage.SiteStaticFilesStorage"},
}

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mailbox("FROM_EMAIL", default="webmaster@localhost")
CONTACT_EMAIL = env.mailbox("CONTACT_EMAIL", default="")
SITE_URL = env.site("SITE_URL", default=f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0].removeprefix('.')}")
CHECK_AFTER_DAYS = env.whole("CHECK_AFTER_DAYS", default=365, least=1)  # then someone is asked: is this still true?
MESSAGE_DAYS = env.whole("MESSAGE_DAYS", default=90, least=1)  # that a message is kept once it was handled
LINK_FAILURES = 3  # in a row, before readers are told that a link does not work
PREVIEW_DAYS = 14  # that a link to a preview works
EMAIL_TIMEOUT = 10
vars().update(env.mail("EMAIL_URL", default="consolemail://"))

# What needs https hangs on HTTPS alone, so that plain http works on a laptop.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 63072000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # the operator asks these inside, without https
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
# W002 asks for XFrameOptionsMiddleware; middleware.py sets that header, on static files and errors too.
SILENCED_SYSTEM_CHECKS = ["security.W002"]
if PROXY_HOPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
