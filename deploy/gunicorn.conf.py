"""gunicorn --config deploy/gunicorn.conf.py; what is not here is gunicorn's default."""

import logging
import os
import sys

from django.core.exceptions import ImproperlyConfigured

wsgi_app = "techniekpact.wsgi"

# A wrong setting stops here with one sentence, and not with a traceback of every worker.
try:
    from techniekpact.settings import env

    bind = env.listen("BIND", default="127.0.0.1:8000")
    # Not WEB_CONCURRENCY: gunicorn reads that name itself, before this file, and with a traceback.
    workers = env.whole("WORKERS", default=2, least=1)
    loglevel = env.choice("GUNICORN_LOG_LEVEL", ["debug", "info", "warning", "error", "critical"], default="info")
except ImproperlyConfigured as error:
    sys.exit(str(error))

# Every worker loads the project itself: a reload (HUP) takes new code, and no connection is shared.
preload_app = False
for name in [name for name in sys.modules if name.partition(".")[0] in {"techniekpact", "django", "environ"}]:
    del sys.modules[name]

# A worker waits on the database more than it computes, so it has threads.
worker_class = "gthread"
threads = 4
# In memory: a slow disk must not make a worker look dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108

timeout = 30
graceful_timeout = 20  # the time running requests get at a stop; below the 30 s of systemd and containers

# Nothing listens for gunicorn's own control tool: one thing less to guard.
control_socket_disable = True

# What a proxy tells of https and hosts is judged by Django alone (PROXY_HOPS), not by gunicorn as well.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

# No access log. Who turns it on (--access-logfile -) gets one without IP address, user or browser.
accesslog = None
access_log_format = '%(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'

# Django leaves it to the server to drop the body of a HEAD request; gunicorn would warn at each one.
logging.getLogger("gunicorn.http.wsgi").setLevel(logging.ERROR)
