#!/usr/bin/env python3
"""The first command of the README, as a user runs it: it performs and proves an exchange, and a second run works."""
import json
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]


def quickstart(*options):
    run = subprocess.run([str(ROOT / "deploy/quickstart.sh"), *options], cwd=ROOT, capture_output=True, text=True,
                         stdin=subprocess.DEVNULL, check=False)
    if run.returncode != 0:
        raise AssertionError(f"quickstart {options} ended with {run.returncode}\n{run.stdout[-4000:]}\n{run.stderr[-8000:]}")
    return run.stdout


class Quickstart(unittest.TestCase):
    def check(self, summary):
        self.assertRegex(summary["https"], r"^https://127\.0\.0\.1:\d+$")
        self.assertEqual(summary["organizations"], 66)
        self.assertGreaterEqual(summary["resources"], 300)  # a sample catalogue is loaded
        self.assertGreaterEqual(summary["exchanges"]["released"], 4)
        self.assertGreaterEqual(summary["exchanges"]["denied"], 4)
        self.assertGreater(summary["records"], 0)
        self.assertGreater(summary["ledger"]["size"], 66)
        self.assertIs(summary["ledger"]["verified"], True)
        self.assertIs(summary["ledger"]["tamper_detected"], True)

    def test_first_and_second_run_prove_an_exchange(self):
        first = json.loads(quickstart("--once", "--json", "--fresh"))
        self.check(first)
        second = json.loads(quickstart("--once", "--json"))
        self.check(second)
        self.assertGreater(second["ledger"]["size"], first["ledger"]["size"])

    def test_the_story_is_told_in_both_languages(self):
        story = quickstart("--once")
        self.assertIn("政府核准的投资项目目录", story)
        self.assertIn("ledger", story.lower())


if __name__ == "__main__":
    unittest.main()
