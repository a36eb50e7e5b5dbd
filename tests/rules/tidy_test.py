#!/usr/bin/env python3
"""What a stranger may expect of every folder and file that is tracked."""
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]


def tracked():
    listing = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
    return [pathlib.Path(line) for line in listing.stdout.splitlines()]


class Tidy(unittest.TestCase):
    def test_top_level_is_fixed(self):
        tops = {path.parts[0] for path in tracked() if len(path.parts) > 1 and not path.parts[0].startswith(".")}
        self.assertLessEqual(tops, {"proto", "hub", "connectors", "catalog", "deploy", "tests", "docs"})

    def test_every_room_has_a_readme(self):
        rooms = {path.parent for path in tracked() if path.suffix in (".cc", ".proto") and "google" not in path.parts}
        missing = [str(room) for room in rooms
                   if not any((ROOT / folder / "README.md").exists() for folder in (room, room.parent, room.parent.parent)
                              if str(folder) != ".")]
        self.assertEqual(missing, [])

    def test_every_header_is_guarded(self):
        bare = [str(path) for path in tracked() if path.suffix == ".h" and "#pragma once" not in (ROOT / path).read_text()]
        self.assertEqual(bare, [])


if __name__ == "__main__":
    unittest.main()
