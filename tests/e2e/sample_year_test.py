#!/usr/bin/env python3
"""The sample year as a user meets it: loaded into an empty store, served by a hub, asked with zq."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
BINS = ROOT / "build/release/bin"
DATA = ROOT / "deploy/demo/data"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="zqsample"))


def zq(*arguments, identity="office", check=True, known=True):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZQ_")}
    if known:
        ports = json.loads((FOLDER / "ports.json").read_text())
        environment |= {"ZQ_HUB": ports["hub"], "ZQ_CA": str(FOLDER / "ca.crt"),
                        "ZQ_CERT": str(FOLDER / f"ids/{identity}.crt"), "ZQ_KEY": str(FOLDER / f"ids/{identity}.key")}
    done = subprocess.run([BINS / "zq", "--json", *arguments], env=environment, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"zq {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
    return done


def answer(*arguments, **options):
    return json.loads(zq(*arguments, **options).stdout)


def progress(*arguments, **options):
    return answer("progress", "--as-of", "2018-06-30", *arguments, **options)


class SampleYear(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(shutil.rmtree, FOLDER)
        zq("demo", "prepare", "--dir", FOLDER, "--data", DATA, "--programs", BINS, "--hub-port", "0", "--metrics-port", "0", known=False)
        load = ("sample", "load", "--year", "2018", "--config", FOLDER / "hub.toml", "--data", DATA)
        cls.loaded = json.loads(zq(*load, known=False).stdout)
        cls.again = zq(*load, known=False, check=False)
        cls.log = open(FOLDER / "hub.log", "wb")
        cls.hub = subprocess.Popen([BINS / "zhanqiao-hub", "--config", FOLDER / "hub.toml"], stdout=cls.log, stderr=cls.log)
        cls.addClassCleanup(cls.stop)
        end = time.monotonic() + 120
        while not (FOLDER / "ports.json").exists():
            if cls.hub.poll() is not None or time.monotonic() > end:
                raise RuntimeError((FOLDER / "hub.log").read_text()[-2000:])
            time.sleep(0.05)

    @classmethod
    def stop(cls):
        cls.hub.terminate()
        cls.hub.wait(60)
        cls.log.close()

    def test_it_goes_into_an_empty_store_only(self):
        self.assertGreater(self.loaded["changes"], 15_000)
        self.assertNotEqual(self.again.returncode, 0)
        self.assertIn("STORE_NOT_EMPTY", self.again.stderr)

    def test_progress_has_the_names_others_rely_on(self):
        told = progress()
        self.assertEqual(told["as_of"], "2018-06-30")
        self.assertTrue(told["sample"])
        cloud = told["cloud_migration_ratio"]
        self.assertGreater(cloud["eligible"], 900)
        self.assertAlmostEqual(cloud["ratio"], cloud["on_cloud"] / cloud["eligible"])
        self.assertEqual(cloud["target"], 0.7)
        self.assertEqual(told["open_datasets"]["target"], 1400)
        self.assertGreater(told["open_datasets"]["published"], 300)
        self.assertEqual(set(told["reports"]), {"due", "on_time", "late", "missing"})
        self.assertEqual(told["reports"]["due"], sum(told["reports"][name] for name in ("on_time", "late", "missing")))
        self.assertEqual(told["tasks"]["total"], 91)

    def test_what_was_recorded_in_july_counts_for_june_and_was_not_known_in_june(self):
        now, then = progress(), progress("--known-on", "2018-06-30")
        self.assertGreaterEqual(now["cloud_migration_ratio"]["ratio"], 0.7)
        self.assertLess(then["cloud_migration_ratio"]["ratio"], 0.7)
        self.assertLess(int(then["known_at"]), int(now["known_at"]))

    def test_the_milestone_of_open_datasets_is_met_by_the_end_of_the_year(self):
        self.assertGreaterEqual(answer("progress", "--as-of", "2018-12-31")["open_datasets"]["published"], 1400)
        self.assertLess(answer("progress", "--as-of", "2018-11-30")["open_datasets"]["published"], 1400)

    def test_a_figure_opens_to_the_entry_that_made_it_count(self):
        cloud = progress("--org", "370200-FGW")["cloud_migration_ratio"]
        items = answer("figure", "items", "cloud_migration_ratio", "--org", "370200-FGW", "--as-of", "2018-06-30", "--state", "counted")["items"]
        self.assertEqual(sum(item["count"] for item in items), cloud["on_cloud"])
        entry = answer("ledger", "entry", items[0]["ledger_index"])
        self.assertIn(items[0]["document"], json.dumps(entry))

    def test_the_sample_is_told_apart_and_the_ledger_recounted(self):
        rows = answer("stats", "show", "--from", "2018-01-01", "--to", "2018-12-31")["rows"]
        self.assertEqual(sum(int(row["released"]) + int(row["refused"]) for row in rows), 2_000_000)
        self.assertEqual(sum(int(row["sample"]) for row in rows), 2_000_000)
        self.assertTrue(answer("stats", "recount")["equal"])

    def test_proposals_wait_for_a_person(self):
        proposals = answer("inventory", "proposals", "--rule", "zombie")["proposals"]
        self.assertGreater(len(proposals), 3)
        self.assertEqual(proposals[0]["facts"], ["IDLE", "NOT_UPDATED", "NOT_MAINTAINED", "REPLACEABLE"])
        judged = answer("inventory", "judge", proposals[0]["system"], "--rule", "zombie", "--etag", proposals[0]["etag"], "--confirm")
        self.assertTrue(judged["confirmed"])
        left = answer("inventory", "proposals", "--rule", "zombie")["proposals"]
        self.assertEqual(len(left), len(proposals) - 1)

    def test_figures_are_quick(self):
        begin = time.monotonic()
        for _ in range(5):
            progress()
        print(f"zq progress of the sample year: {(time.monotonic() - begin) / 5 * 1000:.0f} ms with the program's start")


if __name__ == "__main__":
    unittest.main()
