#!/usr/bin/env python3
"""The arrows of the house point down only: every #include goes from a room to itself or to a room below it."""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]

BASE = {"catalog/base"}
STORAGE = BASE | {"catalog/storage"}
DOCUMENTS = STORAGE | {"catalog/documents"}
CATALOG = DOCUMENTS | {"catalog/model", "catalog/operations", "catalog/sheets"}
LEDGER = CATALOG | {"hub/http", "hub/ledger"}
ACCESS = LEDGER | {"hub/access"}
EXCHANGE = ACCESS | {"hub/exchange"}
# What each room may include besides itself, the generated contract and libraries.
ALLOWED = {
    "catalog/base": set(),
    "catalog/storage": BASE,
    "catalog/documents": STORAGE,
    "catalog/model": DOCUMENTS,
    "hub/http": BASE,
    "catalog/operations": BASE,
    "catalog/sheets": DOCUMENTS | {"catalog/model", "catalog/operations"},
    "hub/ledger": CATALOG | {"hub/http"},
    "catalog/search": CATALOG,
    "hub/access": LEDGER,
    "hub/exchange": ACCESS,
    "hub/oversight": EXCHANGE,
    # The edge knows a dispatcher interface, not the services.
    "hub/edge": BASE,
    # Pages are files behind that interface.
    "hub/console": BASE | {"hub/edge/dispatcher.h"},
    # The api implements that interface; it sees nothing else of the edge.
    "hub/oversight/datasets": EXCHANGE,
    "hub/portal": EXCHANGE | {"catalog/search", "hub/oversight/datasets", "hub/edge/dispatcher.h"},
    "hub/api": EXCHANGE | {"hub/oversight", "hub/oversight/datasets", "hub/portal", "catalog/search", "hub/edge/dispatcher.h"},
    # An auditor's zq derives figures from exported facts, by the code the hub derives them with.
    "hub/cli": LEDGER | {"hub/oversight"},
    "connectors/agent": BASE | {"connectors/adapters"},
    "connectors/adapters": BASE,
    "connectors": BASE | {"connectors/agent", "connectors/adapters"},
}
INCLUDE = re.compile(r'^\s*#include "((?:catalog|hub|connectors|tests|deploy)/[^"]+)"', re.M)


def room_of(path: str) -> str:
    """The longest room name that `path` lies in."""
    rooms = [room for room in ALLOWED if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else ""


def breaches(files):
    """Every include of `files` (path -> text) that points up or sideways."""
    found = []
    for path, text in files.items():
        room = room_of(path)
        if not room:
            continue  # hub/main.cc and tests see everything
        for target in INCLUDE.findall(text):
            if room_of(target) == room or target in ALLOWED[room] or room_of(target) in ALLOWED[room]:
                continue
            found.append(f"{path} includes {target}")
    return found


def sources():
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for top in ("catalog", "hub", "connectors")
        for path in (ROOT / top).rglob("*")
        if path.suffix in (".h", ".cc") and "node_modules" not in path.parts
    }


class Includes(unittest.TestCase):
    def test_arrows_point_down(self):
        self.assertEqual(breaches(sources()), [])

    def test_every_room_is_known(self):
        rooms = {str(pathlib.Path(path).parent) for path in sources()} - {"hub", "connectors"}
        unknown = [room for room in rooms if not room_of(room + "/")]
        self.assertEqual(unknown, [])

    def test_an_upward_include_is_found(self):
        bad = {"catalog/base/x.h": '#include "hub/ledger/log.h"\n', "hub/edge/y.cc": '#include "hub/api/z.h"\n'}
        self.assertEqual(len(breaches(bad)), 2)


if __name__ == "__main__":
    unittest.main()
