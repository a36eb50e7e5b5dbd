"""A PostgreSQL server of a test's own on a unix socket, as an unprivileged user."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time


class Postgres:
    def __init__(self, *settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="zqpg"))
        self.bin = sorted(pathlib.Path("/usr/lib/postgresql").iterdir())[-1] / "bin"
        self.user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        subprocess.run([self.bin / "initdb", "-D", self.folder / "data", "-U", "zhanqiao", "-A", "trust", "-N", "-E", "UTF8",
                        "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, **self.identity())
        self.settings = settings
        self.resume()

    def identity(self):
        kind = {"cwd": self.folder}
        if self.user:
            kind |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        return kind

    def pause(self):
        """Stops the server and keeps its data."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def resume(self):
        self.process = subprocess.Popen([self.bin / "postgres", "-D", self.folder / "data", "-c", "listen_addresses=",
                                         "-c", f"unix_socket_directories={self.folder}", "-c", "fsync=off", *self.settings],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.identity())
        end = time.monotonic() + 60
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder], check=False).returncode != 0:
            if time.monotonic() > end:
                raise RuntimeError("PostgreSQL does not start")
            time.sleep(0.05)

    def sql(self, text):
        return subprocess.run([self.bin / "psql", "-h", self.folder, "-U", "zhanqiao", "-d", "postgres", "-qAtc", text],
                              check=True, capture_output=True, text=True).stdout.strip()

    def stop(self):
        self.pause()
        shutil.rmtree(self.folder)
