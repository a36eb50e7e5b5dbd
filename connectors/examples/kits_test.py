#!/usr/bin/python3
"""Each client kit against a real hub, connector and feed: it applies, asks, streams, subscribes and verifies, or the test fails.

Usage: kits_test.py SOURCE-DIRECTORY PROGRAM-DIRECTORY BUILD-DIRECTORY KIT
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

KIT = sys.argv.pop()
BUILD = pathlib.Path(sys.argv.pop())
PROGRAMS = pathlib.Path(sys.argv.pop())
ROOT = pathlib.Path(sys.argv.pop())
sys.path.insert(0, str(ROOT / "tests/bench"))
import bench  # noqa: E402  its hub and identities

HERE = ROOT / "connectors/examples"
CODE = "308001999999/000001"
NAME = "resources/308001999999~000001"
CONSUMER = f"organizations/{bench.CONSUMER}/systems/bench"
FIELDS = ["permit", "holder"]
PERMITS = ["A-1", "A-2", "A-3"]
ENTRY = [{
    "resource_code": CODE, "display_name": "施工许可（样例）", "provider": f"organizations/{bench.PROVIDER}",
    "abstract": "样例。", "format_category": "FORMAT_CATEGORY_DATABASE", "format_types": ["postgresql"],
    "fields": [
        {"field": "permit", "display_name": "许可证号", "data_type": "DATA_TYPE_CHARACTER", "length": 20, "key": True},
        {"field": "holder", "display_name": "持证人", "data_type": "DATA_TYPE_CHARACTER", "length": 10, "mask": "MASK_NAME"}],
    "share_type": "SHARE_TYPE_UNCONDITIONAL", "share_mode_category": "SHARE_MODE_CATEGORY_PLATFORM",
    "share_mode_type": "SHARE_MODE_TYPE_INTERFACE", "open_type": "OPEN_TYPE_NOT_OPEN", "update_cycle": "UPDATE_CYCLE_DAILY",
    "connectors": [f"organizations/{bench.PROVIDER}/connectors/bench"]}]


class City:
    """A hub with one resource, its connector and its feed of three records."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = bench.Processes(folder)
        self.hub = bench.Hub(PROGRAMS, folder, self.processes)
        self.hub.start()
        (folder / "resource.json").write_text(json.dumps(ENTRY), encoding="utf-8")
        bench.HERE, bench.RESOURCE, bench.FIELDS = folder, NAME, FIELDS
        self.grant = self.hub.register()
        rows = "".join(f"{permit},张三\n" for permit in PERMITS)
        (folder / "permits.csv").write_text("permit,holder\n" + rows, encoding="utf-8")
        (folder / "connector.toml").write_text(
            f'hub = "{self.hub.connector}"\n[[resources]]\nresource = "{NAME}"\nadapter = "csv"\nfile = "permits.csv"\n')
        self.processes.start("connector", PROGRAMS / "zhanqiao-connector", "--config", folder / "connector.toml")
        self.hub.zq("office", "feed", "declare", CODE, "--hours", "24", "--bytes", str(1 << 30))
        self.hub.zq("connector", "feed", "publish", CODE, folder / "permits.csv")
        self.wait_for_connector()
        self.vkey = self.hub.zq("consumer", "ledger", "checkpoint")["verifierKey"]

    def wait_for_connector(self):
        end = time.monotonic() + 120
        while True:
            try:
                return self.hub.zq("consumer", "query", "--grant", self.grant, "--matter", "m")
            except RuntimeError as error:
                if "CONNECTOR_UNAVAILABLE" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def environment(self, **more):
        pki = self.hub.pki
        return os.environ | {"ZQ_CA": str(pki / "ca.crt"), "ZQ_CERT": str(pki / "consumer.crt"),
                             "ZQ_KEY": str(pki / "consumer.key"), "ZQ_VKEY": self.vkey} | more


def contract_for_python(folder):
    protos = [str(path.relative_to(ROOT / "proto")) for path in (ROOT / "proto").rglob("*.proto")]
    subprocess.run(["protoc", "-I", ROOT / "proto", f"--python_out={folder}", *protos], check=True)
    return str(folder)


def node_modules(work):
    """The kit beside its pinned packages; those are installed once, and kept with the build."""
    for name in ("client.mjs", "proof.mjs", "package.json", "package-lock.json"):
        shutil.copy(HERE / "node" / name, work)
    if not (work / "node_modules/@grpc/grpc-js").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=work, check=True)


def command(kit, folder):
    """How `kit` is run before its arguments, and what it needs in its environment."""
    work = BUILD / kit
    work.mkdir(parents=True, exist_ok=True)
    if kit == "cpp":
        return [PROGRAMS / "example-client"], {}
    if kit == "python":
        return ["/usr/bin/python3", HERE / "python/client.py"], {"PYTHONPATH": contract_for_python(folder)}
    if kit == "node":
        node_modules(work)
        return ["node", work / "client.mjs", ROOT / "proto"], {}
    if kit == "java":
        return [HERE / "java/run.sh", ROOT / "proto", work], {}
    return [HERE / "curl/client.sh"], {}


class Kit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="zqkit"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.city = City(cls.folder)
        cls.addClassCleanup(cls.city.processes.stop)
        cls.command, cls.needs = command(KIT, cls.folder)

    def run_kit(self, **environment):
        arguments = [self.city.hub.tls, NAME, CONSUMER, ",".join(FIELDS), "A-2"]
        return subprocess.run([*map(str, self.command), *arguments], env=self.city.environment(**self.needs, **environment),
                              capture_output=True, text=True, timeout=300, check=False)

    def test_it_does_what_a_department_system_does(self):
        run = self.run_kit()
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        told = json.loads(run.stdout)
        self.assertRegex(told["grant"], "^grants/")
        self.assertEqual((told["rows"], told["verified"]), (1, True))
        if KIT == "curl":
            return
        self.assertEqual((told["streamed"], told["received"]), (100, PERMITS))
        code, organization = CODE.replace("/", "~"), bench.CONSUMER
        subscriptions = self.city.hub.zq("office", "feed", "subscriptions", code)["subscriptions"]
        kept = [one for one in subscriptions if one["name"].endswith(f"{organization}.bench.{KIT}")]
        self.assertEqual(int(kept[0]["acknowledgedOffset"]), told["acknowledged"], "the cursor is where the kit says")

    def test_another_logs_key_does_not_verify(self):
        name, key_id, key = self.city.vkey.split("+", 2)
        swapped = key[:10] + ("A" if key[10] != "A" else "B") + key[11:]
        run = self.run_kit(ZQ_VKEY=f"{name}+{key_id}+{swapped}")
        self.assertNotEqual(run.returncode, 0, run.stdout)
        self.assertNotIn('"verified": true', run.stdout)


if __name__ == "__main__":
    unittest.main()
