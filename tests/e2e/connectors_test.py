#!/usr/bin/env python3
"""A department's PostgreSQL behind a connector and a hub: checked, asked by range, fetched whole through a kill -9."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/bench"))
sys.path.insert(0, str(ROOT / "tests/e2e"))
import bench  # noqa: E402
import postgres  # noqa: E402

BINS = ROOT / "build/release/bin"
ROWS = 60_000
NAME = "resources/308001999999~000001"
ENTRY = [{
    "resource_code": "308001999999/000001", "display_name": "施工许可", "provider": f"organizations/{bench.PROVIDER}",
    "abstract": "测试。", "format_category": "FORMAT_CATEGORY_DATABASE", "format_types": ["postgresql"],
    "fields": [
        {"field": "permit", "display_name": "许可证号", "data_type": "DATA_TYPE_CHARACTER", "length": 20, "key": True},
        {"field": "holder", "display_name": "持证人", "data_type": "DATA_TYPE_CHARACTER", "length": 10, "mask": "MASK_NAME"},
        {"field": "floors", "display_name": "层数", "data_type": "DATA_TYPE_INTEGER", "length": 4, "key": True}],
    "share_type": "SHARE_TYPE_UNCONDITIONAL", "share_mode_category": "SHARE_MODE_CATEGORY_PLATFORM",
    "share_mode_type": "SHARE_MODE_TYPE_INTERFACE", "open_type": "OPEN_TYPE_NOT_OPEN", "update_cycle": "UPDATE_CYCLE_DAILY",
    "connectors": [f"organizations/{bench.PROVIDER}/connectors/bench"]}]
FIELDS = ["permit", "holder", "floors"]


class Connectors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = postgres.Postgres()
        cls.addClassCleanup(cls.postgres.stop)
        cls.postgres.sql(f"""CREATE TABLE "Permits" AS SELECT i AS id, 'A-' || i AS xkzh, '张三'::varchar(10) AS xm, i % 40 AS cs
                             FROM generate_series(1, {ROWS}) i; ALTER TABLE "Permits" ADD PRIMARY KEY (id)""")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="zqe2e"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.processes = bench.Processes(cls.folder)
        cls.addClassCleanup(cls.processes.stop)
        cls.hub = bench.Hub(BINS, cls.folder, cls.processes)
        cls.hub.start()
        (cls.folder / "entry.json").write_text(json.dumps(ENTRY))
        bench.HERE, bench.RESOURCE, bench.FIELDS = cls.folder, NAME, FIELDS
        shutil.copy(cls.folder / "entry.json", cls.folder / "resource.json")
        cls.grant = cls.hub.register()
        (cls.folder / "permits.toml").write_text(
            'table = "Permits"\nkey = "id"\n[fields]\npermit = "xkzh"\nholder = "xm"\nfloors = "cs"\n')
        (cls.folder / "connector.toml").write_text(f"""
hub = "{cls.hub.connector}"
name = "bench"
[[sources]]
name = "permits"
adapter = "postgres"
connection = "host={cls.postgres.folder} user=zhanqiao dbname=postgres"
[[resources]]
resource = "{NAME}"
source = "permits"
mapping = "permits.toml"
""")
        cls.start_connector()

    @classmethod
    def start_connector(cls):
        cls.connector = cls.processes.start("connector", BINS / "zhanqiao-connector", "--config", cls.folder / "connector.toml")

    def query(self, *conditions):
        where = [part for condition in conditions for part in ("--where", condition)]
        end = time.monotonic() + 30
        while True:
            try:
                return self.hub.zq("consumer", "query", "--grant", self.grant, "--matter", "m", *where)
            except RuntimeError as error:
                if "CONNECTOR_UNAVAILABLE" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def test_check_shows_rows_as_consumers_see_them(self):
        run = subprocess.run([BINS / "zhanqiao-connector", "--check", "--json", "--rows", "2", "--config", self.folder / "connector.toml"],
                             capture_output=True, text=True, check=True)
        found = json.loads(run.stdout)["resources"][0]
        self.assertEqual((found["ok"], found["mismatches"]), (True, []))
        self.assertEqual([row[1] for row in found["rows"]], ["张*", "张*"])

    def test_a_range_is_asked_for_in_the_database(self):
        rows = self.query("permit=A-41", "floors>=1")["records"]["rows"]
        self.assertEqual(len(rows), 1)
        self.assertEqual(self.query("permit=A-41", "floors>1").get("records", {}).get("rows", []), [])

    def test_a_fetch_loses_no_row_when_the_connector_is_killed(self):
        self.query("permit=A-1")  # it is up
        out = self.folder / "rows.csv"
        fetch = [str(BINS / "zq"), "--json", "--hub", self.hub.tls, "--ca", str(self.hub.pki / "ca.crt"), "--cert",
                 str(self.hub.pki / "consumer.crt"), "--key", str(self.hub.pki / "consumer.key"), "fetch"]
        running = subprocess.Popen([*fetch, "--grant", self.grant, "--matter", "all", "--chunk-rows", "500", "--out", out],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not out.exists() or out.stat().st_size < 100_000:
            self.assertLess(time.monotonic(), end)
            self.assertIsNone(running.poll())
            time.sleep(0.01)
        self.connector.kill()
        self.connector.wait()
        self.start_connector()
        running.wait()
        for _ in range(100):
            if running.returncode == 0:
                break
            running = subprocess.run([*fetch, "--resume", "--out", out], check=False, capture_output=True, text=True)
            time.sleep(0.2)
        self.assertEqual(running.returncode, 0)
        permits = {line.split(",")[0] for line in out.read_text(encoding="utf-8").splitlines() if line.startswith("A-")}
        lines = [line for line in out.read_text(encoding="utf-8").splitlines() if line.startswith("A-")]
        self.assertEqual((len(permits), len(lines)), (ROWS, ROWS))


if __name__ == "__main__":
    unittest.main()
