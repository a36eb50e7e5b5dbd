#!/usr/bin/env python3
"""A file left with a real hub by zq and taken by zq, with the hub killed in the middle of both.

ZHANQIAO_FILE_MIB sets its size (64). Usage: files_test.py SOURCE-DIRECTORY PROGRAM-DIRECTORY
"""
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop())
ROOT = pathlib.Path(sys.argv.pop())
sys.path.insert(0, str(ROOT / "tests/bench"))
import bench  # its hub, identities and resource

MIB = int(os.environ.get("ZHANQIAO_FILE_MIB", "64"))
HUB_RSS_MAX_MIB = 300


class Files(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.directory = pathlib.Path(self.temporary.name)
        self.processes = bench.Processes(self.directory)
        self.hub = bench.Hub(PROGRAMS, self.directory, self.processes)
        self.hub.start()
        self.hub.register()
        # A resource of files, every field of which is granted as it is.
        entry = json.loads((bench.HERE / "resource.json").read_text())[0]
        entry["resource_code"] = entry["resource_code"].replace("000001", "000002")
        entry["display_name"] += "文件"
        entry["format_category"], entry["format_types"] = "FORMAT_CATEGORY_SPREADSHEET", ["csv"]
        entry["share_mode_type"] = "SHARE_MODE_TYPE_FILE"
        entry.pop("name", None)
        (self.directory / "files.json").write_text(json.dumps([entry]))
        self.resource = "resources/" + entry["resource_code"].replace("/", "~")
        self.hub.zq("office", "resource", "apply", self.directory / "files.json")
        self.hub.zq("office", "resource", "submit", self.resource)
        self.hub.zq("office", "resource", "review", self.resource, "--approve")
        fields = [part for field in entry["fields"] for part in ("--field", field["field"])]
        self.grant = self.hub.zq("consumer", "grant", "create", "--consumer", f"organizations/{bench.CONSUMER}/systems/bench",
                                 "--resource", self.resource, *fields, "--purpose", "e2e", "--submit")["name"]
        self.path = self.directory / "2026-11.csv"
        with open(self.path, "wb") as out:
            for _ in range(MIB):
                out.write(os.urandom(1 << 20))

    def tearDown(self):
        self.processes.stop()
        self.temporary.cleanup()

    def begin(self, person, *command):
        line = [str(PROGRAMS / "zq"), "--json", "--hub", self.hub.tls, "--ca", str(self.hub.pki / "ca.crt"), "--cert",
                f"{self.hub.pki / person}.crt", "--key", f"{self.hub.pki / person}.key", *map(str, command)]
        return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def kill_and_restart(self):
        self.hub.process.send_signal(signal.SIGKILL)
        self.hub.process.wait()
        self.hub.ports.unlink()
        self.hub.process = self.processes.start("hub", PROGRAMS / "zhanqiao-hub", "--config", self.directory / "hub.toml")
        end = time.monotonic() + 60
        while not self.hub.ports.exists():
            self.assertIsNone(self.hub.process.poll())
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        self.hub.tls = json.loads(self.hub.ports.read_text())["tls"]

    def rss_mib(self):
        status = pathlib.Path(f"/proc/{self.hub.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024

    def wait_until(self, process, reached):
        """True once `reached` says so; False if the process was faster."""
        while process.poll() is None:
            if reached():
                return True
            time.sleep(0.005)
        return False

    def test_a_file_survives_kills_on_its_way_in_and_out(self):
        spool = self.directory / "state/spool"
        size = self.path.stat().st_size
        put = self.begin("connector", "file", "put", self.resource, self.path)
        part = lambda: any(file.stat().st_size > size // 3 for file in spool.iterdir())
        if self.wait_until(put, part):
            self.kill_and_restart()
            put.communicate()
            listed = self.hub.zq("connector", "file", "list", self.resource)["files"][0]
            self.assertEqual(listed["state"], "FILE_STATE_UPLOADING")
            self.assertGreater(int(listed["receivedBytes"]), 0, "what was durable is not sent again")
            put = self.begin("connector", "file", "put", self.resource, self.path, "--resume", listed["name"])
        out, err = put.communicate()
        self.assertEqual(put.returncode, 0, err)
        file = json.loads(out)
        self.assertEqual(file["state"], "FILE_STATE_READY")
        for spooled in spool.iterdir():
            self.assertNotIn(self.path.read_bytes()[:4096], spooled.read_bytes()[:1 << 21])

        got = self.directory / "got.csv"
        get = ("file", "get", file["name"], got, "--grant", self.grant, "--matter", "e2e")
        partial = got.with_suffix(".csv.part")
        process = self.begin("consumer", *get)
        if self.wait_until(process, lambda: partial.exists() and partial.stat().st_size > size // 3):
            self.kill_and_restart()
            process.communicate()
            process = self.begin("consumer", *get)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(hashlib.sha256(got.read_bytes()).digest(), hashlib.sha256(self.path.read_bytes()).digest())
        self.assertLess(self.rss_mib(), HUB_RSS_MAX_MIB)
        self.hub.zq("office", "ledger", "verify")
        self.hub.zq("connector", "file", "delete", file["name"], "--reason", "taken")
        self.assertEqual(list(spool.iterdir()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
