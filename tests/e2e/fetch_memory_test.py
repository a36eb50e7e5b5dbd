#!/usr/bin/python3
"""A whole table through hub and connector in bounded memory, both killed in the middle, no row lost or doubled.

ZHANQIAO_FETCH_ROWS sets how many (200,000; the long suite: 10,000,000). The hub stays under 300 MB, the connector under 150.
Prints rows/s, MB/s and the peaks. Usage: fetch_memory_test.py SOURCE-DIRECTORY PROGRAM-DIRECTORY
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop())
ROOT = pathlib.Path(sys.argv.pop())
sys.path.insert(0, str(ROOT / "tests/bench"))
sys.path.insert(0, str(ROOT / "tests/e2e"))
import bench  # noqa: E402  its hub and identities
import postgres  # noqa: E402

ROWS = int(os.environ.get("ZHANQIAO_FETCH_ROWS", "500000"))
HUB_MB, CONNECTOR_MB = 300, 150
NAME = "resources/308001999999~000001"
FIELDS = ["permit", "holder", "floors"]
ENTRY = [{
    "resource_code": "308001999999/000001", "display_name": "施工许可", "provider": f"organizations/{bench.PROVIDER}",
    "abstract": "测试。", "format_category": "FORMAT_CATEGORY_DATABASE", "format_types": ["postgresql"],
    "fields": [
        {"field": "permit", "display_name": "许可证号", "data_type": "DATA_TYPE_CHARACTER", "length": 20, "key": True},
        {"field": "holder", "display_name": "持证人", "data_type": "DATA_TYPE_CHARACTER", "length": 10, "mask": "MASK_NAME"},
        {"field": "floors", "display_name": "层数", "data_type": "DATA_TYPE_INTEGER", "length": 4}],
    "share_type": "SHARE_TYPE_UNCONDITIONAL", "share_mode_category": "SHARE_MODE_CATEGORY_PLATFORM",
    "share_mode_type": "SHARE_MODE_TYPE_INTERFACE", "open_type": "OPEN_TYPE_NOT_OPEN", "update_cycle": "UPDATE_CYCLE_DAILY",
    "connectors": [f"organizations/{bench.PROVIDER}/connectors/bench"]}]


class Peaks(threading.Thread):
    """The most memory each process ever had, asked while they live."""

    def __init__(self):
        super().__init__(daemon=True)
        self.watched, self.peaks, self.over = {}, {}, threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            self.look()

    def look(self):
        for name, process in list(self.watched.items()):
            try:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            except OSError:
                continue
            for line in status.splitlines():
                if line.startswith("VmHWM:"):
                    self.peaks[name] = max(self.peaks.get(name, 0), int(line.split()[1]) / 1024)


class FetchMemory(unittest.TestCase):
    def setUp(self):
        self.source = postgres.Postgres()
        self.addCleanup(self.source.stop)
        self.source.sql(f"""CREATE TABLE permits AS SELECT i::bigint AS id, 'A-' || i AS xkzh, '张三'::varchar(10) AS xm, i % 40 AS cs
                            FROM generate_series(1, {ROWS}) i; ALTER TABLE permits ADD PRIMARY KEY (id)""")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="zqfetch"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.processes = bench.Processes(self.folder)
        self.addCleanup(self.processes.stop)
        self.hub = bench.Hub(PROGRAMS, self.folder, self.processes)
        self.hub.start()
        (self.folder / "resource.json").write_text(json.dumps(ENTRY), encoding="utf-8")
        bench.HERE, bench.RESOURCE, bench.FIELDS = self.folder, NAME, FIELDS
        self.grant = self.hub.register()
        (self.folder / "permits.toml").write_text(
            'table = "permits"\nkey = "id"\n[fields]\npermit = "xkzh"\nholder = "xm"\nfloors = "cs"\n', encoding="utf-8")
        self.peaks = Peaks()
        self.peaks.watched["hub"] = self.hub.process
        self.start_connector()
        self.peaks.start()
        self.addCleanup(self.peaks.over.set)

    def start_connector(self):
        (self.folder / "connector.toml").write_text(f"""
hub = "{self.hub.connector}"
[[sources]]
name = "permits"
adapter = "postgres"
connection = "host={self.source.folder} user=zhanqiao dbname=postgres"
[[resources]]
resource = "{NAME}"
source = "permits"
mapping = "permits.toml"
""", encoding="utf-8")
        self.connector = self.processes.start("connector", PROGRAMS / "zhanqiao-connector", "--config", self.folder / "connector.toml")
        self.peaks.watched["connector"] = self.connector

    def restart_hub(self):
        self.hub.ports.unlink()
        self.hub.process = self.processes.start("hub", PROGRAMS / "zhanqiao-hub", "--config", self.folder / "hub.toml")
        self.peaks.watched["hub"] = self.hub.process
        end = time.monotonic() + 60
        while not self.hub.ports.exists():
            self.assertLess(time.monotonic(), end, (self.folder / "hub.log").read_text()[-2000:])
            time.sleep(0.02)
        ports = json.loads(self.hub.ports.read_text())
        self.hub.tls, self.hub.plain, self.hub.connector = ports["tls"], ports["plain"], ports["plain-connector"]

    def fetch(self, *how):
        pki = self.hub.pki
        command = [PROGRAMS / "zq", "--json", "--hub", self.hub.tls, "--ca", pki / "ca.crt", "--cert", pki / "consumer.crt",
                   "--key", pki / "consumer.key", "fetch", *how, "--out", self.folder / "rows.csv"]
        return subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def begin(self):
        """The first fetch, once the connector is there."""
        end = time.monotonic() + 30
        while True:
            running = self.fetch("--grant", self.grant, "--matter", "all", "--chunk-rows", "10000")
            time.sleep(0.3)
            if running.poll() in (None, 0):
                return running
            self.assertLess(time.monotonic(), end, running.stderr.read())

    def resume(self, running):
        """Goes on until all is there; the parties it needs may still be starting."""
        end = time.monotonic() + 7200
        while running.wait() != 0:
            error = running.stderr.read()
            self.assertLess(time.monotonic(), end, error)
            self.assertNotIn("FETCH_NOT_FOUND", error)
            time.sleep(0.2)
            running = self.fetch("--resume")

    def wait_for_bytes(self, running, share):
        out = self.folder / "rows.csv"
        goal, end = share * ROWS * 14, time.monotonic() + 3600
        while not out.exists() or out.stat().st_size < goal:
            self.assertIsNone(running.poll(), "it ended before it was to be killed")
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)

    def test_hub_and_connector_are_killed_and_every_row_comes_once(self):
        begun = time.monotonic()
        running = self.begin()
        self.wait_for_bytes(running, 0.2)
        self.peaks.look()
        self.connector.kill()
        self.connector.wait()
        self.start_connector()
        # A short absence of the connector is waited out; a longer one ends the fetch, which is taken up again.
        while (self.folder / "rows.csv").stat().st_size < 0.5 * ROWS * 14:
            if running.poll() is not None:
                self.assertNotEqual(running.returncode, 0, "it was done before the hub could be killed")
                running = self.fetch("--resume")
            time.sleep(0.005)
        self.assertIsNone(running.poll(), "it ended before the hub was to be killed")
        self.peaks.look()
        self.hub.process.kill()
        self.hub.process.wait()
        self.connector.kill()
        self.connector.wait()
        self.restart_hub()
        self.start_connector()
        self.resume(running)
        seconds = time.monotonic() - begun
        self.peaks.look()
        seen = bytearray(ROWS + 1)
        with open(self.folder / "rows.csv", encoding="utf-8") as file:
            self.assertEqual(next(file).strip().lstrip("\ufeff"), ",".join(FIELDS))
            for line in file:
                permit, holder, floors = line.rstrip("\n").rstrip("\r").split(",")
                number = int(permit[2:])
                seen[number] += 1
                if holder != "张*" or int(floors) != number % 40:
                    self.fail(line)
        self.assertEqual(seen.count(1), ROWS, "each row once")
        size = (self.folder / "rows.csv").stat().st_size
        print(json.dumps({"rows": ROWS, "seconds": round(seconds, 1), "rows_per_s": round(ROWS / seconds),
                          "mb_per_s": round(size / seconds / 1e6, 1),
                          "peak_mb": {name: round(peak) for name, peak in self.peaks.peaks.items()}}), file=sys.stderr)
        self.assertLess(self.peaks.peaks["hub"], HUB_MB)
        self.assertLess(self.peaks.peaks["connector"], CONNECTOR_MB)


if __name__ == "__main__":
    unittest.main()
