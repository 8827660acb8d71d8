"""A contestant: one server, a connection that is kept, and the processor time of its processes."""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def stat(pid):
    """The fields of /proc/<pid>/stat after the name; [1] is the parent."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def cpu(pid):
    """utime + stime in seconds of a process and its children, the ended ones too.

    Of living processes from their own clock (clock_getcpuclockid(3)): /proc/<pid>/stat counts in steps of 10 ms.
    """
    fields = stat(pid)
    total = (int(fields[13]) + int(fields[14])) / TICKS  # children that it waited for
    for each in (pid, *children(pid)):
        try:
            total += time.clock_gettime((~each << 3) | 2)
        except OSError:  # ended meanwhile
            continue
    return total


class Server:
    """`app` under gunicorn, as the portal has it in production, but with one process."""

    def __init__(self, app, env, database_pid=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.database_pid = database_pid
        self.process = subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--workers", "1"),
                *("--bind", f"127.0.0.1:{self.port}", "--timeout", "900", "--keep-alive", "900"),
                *("--log-level", "warning", app),
            ],
            cwd=ROOT,
            env=env,
        )
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=900)
        for _ in range(600):
            try:
                return self.connection.connect()
            except ConnectionRefusedError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise SystemExit(f"{app} does not start.")

    def get(self, address, etag=None):
        """(response, body, seconds). Asks for no compression."""
        begun = time.perf_counter()
        self.connection.putrequest("GET", address, skip_accept_encoding=True)
        if etag:
            self.connection.putheader("If-None-Match", etag)
        self.connection.endheaders()
        response = self.connection.getresponse()
        body = response.read()
        return response, body, time.perf_counter() - begun

    def cpu(self):
        """(of the server, of PostgreSQL), in seconds."""
        return cpu(self.process.pid), cpu(self.database_pid) if self.database_pid else 0.0

    def stop(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()
