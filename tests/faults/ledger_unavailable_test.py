#!/usr/bin/env python3
"""A hub whose ledger cannot be written: nothing is released, nobody is cut off, and it goes on by itself afterwards.

The real programs as the quickstart starts them, with the hub's state on a small tmpfs that fills up (needs root: where
mounting is not permitted the test says so and runs the other way only) and under a file-size limit set from outside.
Usage: ledger_unavailable_test.py SOURCE-DIRECTORY PROGRAM-DIRECTORY
"""
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import grpc

PROGRAMS = pathlib.Path(sys.argv.pop())
ROOT = pathlib.Path(sys.argv.pop())
SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"  # grpc.health.v1.HealthCheckResponse
PATIENCE_S = 60


def wait_for(what, ask):
    """The first true answer of `ask`; the hub's time is its own, so it is asked again and again."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {PATIENCE_S} s")


class City:
    """The demonstration's hub and one connector, in a directory of their own."""

    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        self.processes = {}
        for part in ("log", "state", "second"):
            (self.dir / part).mkdir(exist_ok=True)
        self.demo("prepare")
        config = self.dir / "hub.toml"
        config.write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:0", config.read_text()))

    def demo(self, part):
        return self.run([PROGRAMS / "zq", "demo", part, "--dir", self.dir, "--data", ROOT / "deploy/demo/data",
                         "--programs", PROGRAMS])

    @staticmethod
    def run(command, env=None):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=env, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def start(self, name, program, config):
        with open(self.dir / "log" / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen([str(PROGRAMS / program), "--config", str(self.dir / config)],
                                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start_all(self):
        self.start("hub", "zhanqiao-hub", "hub.toml")
        self.ports = json.loads(wait_for("the hub", lambda: (self.dir / "ports.json").exists() and
                                         (self.dir / "ports.json").read_text()))
        self.demo("connect")
        self.demo("load")
        for connector in ("fgw-main", "gaj-main", "zfbgt-main"):
            self.start(connector, "zhanqiao-connector", f"{connector}.toml")
        self.demo("story")
        grants = json.loads(self.zq("approval", "grant", "list")[1])["grants"]
        self.grant = next(one for one in grants if one["state"] == "GRANT_STATE_ACTIVE")

    def stop(self):
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            process.wait(30)

    def zq(self, who, *words):
        """(exit status, standard output and error) of zq as `who`."""
        ids = self.dir / "ids"
        env = {"PATH": os.environ["PATH"], "ZQ_HUB": self.ports["hub"], "ZQ_CA": str(self.dir / "ca.crt"),
               "ZQ_CERT": str(ids / f"{who}.crt"), "ZQ_KEY": str(ids / f"{who}.key")}
        done = subprocess.run([str(PROGRAMS / "zq"), "--json", *words], capture_output=True, text=True, env=env, check=False)
        return done.returncode, done.stdout + done.stderr

    def query(self, matter):
        return self.zq("approval", "query", "--grant", self.grant["name"], "--matter", matter, "--where", "item_code=00-01-01")

    def apply_for_grant(self):
        """A document change."""
        return self.zq("approval", "grant", "create", "--consumer", self.grant["consumer"], "--resource", self.grant["resource"],
                       "--field", "item_code", "--purpose", "核对核准权限")[1]

    def get(self, path):
        """Status and text of the hub's HTTPS side."""
        done = self.run(["curl", "-sS", "--noproxy", "*", "--cacert", self.dir / "ca.crt", "--cert",
                         self.dir / "ids/auditor.crt", "--key", self.dir / "ids/auditor.key", "-w", "\n%{http_code}",
                         f"https://{self.ports['hub']}{path}"])
        text, status = done.rsplit("\n", 1)
        return int(status), text

    def metric(self, name):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        text = opener.open(f"http://{self.ports['metrics']}/metrics").read().decode()
        return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE).group(1))

    def entries(self):
        entries, start = [], 0
        while True:
            page = json.loads(self.zq("auditor", "ledger", "list", "--from", str(start), "--count", "1000")[1])
            entries += page.get("entries", [])
            if len(entries) >= int(page["size"]):
                return [one["decoded"] for one in entries]
            start = len(entries)

    def watch_health(self):
        """One gRPC stream, open from before until after."""
        read = lambda name: (self.dir / name).read_bytes()
        channel = grpc.secure_channel(self.ports["hub"], grpc.ssl_channel_credentials(
            read("ca.crt"), read("ids/auditor.key"), read("ids/auditor.crt")))
        call = channel.unary_stream("/grpc.health.v1.Health/Watch", request_serializer=bytes, response_deserializer=bytes)
        return channel, call(b"")


class LedgerUnavailable(unittest.TestCase):
    def break_and_mend(self, city, name, break_it, mend_it):
        acknowledged = []
        channel, health = city.watch_health()
        self.assertEqual(next(health), SERVING)
        status, text = city.query(f"{name}-before")
        self.assertEqual(status, 0, text)
        acknowledged.append(f"{name}-before")
        checkpoint = city.dir / "before.checkpoint"
        wait_for("a checkpoint", lambda: city.zq("auditor", "ledger", "checkpoint", "--out", str(checkpoint))[0] == 0)
        closings = city.metric("hub_ledger_closed_total")

        break_it()
        for attempt in range(1000):  # what is still buffered may pass
            status, text = city.query(f"{name}-during-{attempt}")
            if status != 0:
                break
            acknowledged.append(f"{name}-during-{attempt}")
        self.assertIn("LEDGER_UNAVAILABLE", text)
        self.assertIn("UNAVAILABLE", json.loads(text)["error"]["code"])
        self.assertNotIn("records", text)
        # A refusal is not told either, nor is a document changed.
        self.assertIn("LEDGER_UNAVAILABLE", city.zq("approval", "query", "--grant", "grants/none", "--matter", "m")[1])
        self.assertIn("LEDGER_UNAVAILABLE", city.zq("gaj-approver", "query", "--grant", "grants/none", "--matter", "m")[1])
        self.assertIn("LEDGER_UNAVAILABLE", city.apply_for_grant())
        self.assertEqual(next(health), NOT_SERVING)
        code, body = city.get("/healthz")
        self.assertEqual((code, json.loads(body)), (503, {"status": "not_serving", "reason": "LEDGER_UNAVAILABLE"}))
        self.assertEqual(city.metric("hub_ledger_open"), 0)
        self.assertEqual(city.zq("auditor", "ledger", "list")[0], 0, "the auditor reads on")
        for attempt in range(20):
            self.assertIn("LEDGER_UNAVAILABLE", city.query(f"{name}-closed-{attempt}")[1])

        mend_it()
        self.assertEqual(next(health), SERVING)
        wait_for("/healthz", lambda: city.get("/healthz")[0] == 200)
        status, text = city.query(f"{name}-after")
        self.assertEqual(status, 0, text)
        acknowledged.append(f"{name}-after")
        self.assertEqual(city.metric("hub_ledger_open"), 1)
        self.assertIn("grants/", city.apply_for_grant())
        self.assertGreater(city.metric("hub_ledger_closed_total"), closings)
        wait_for("checkpoints", lambda: city.metric("hub_checkpoint_kept") == 1)
        channel.close()

        # Nothing lost, nothing twice, nothing that was refused while it was closed; and the log only grew.
        matters = [one["exchange"]["matter"] for one in city.entries() if "exchange" in one]
        for matter in acknowledged:
            self.assertEqual(matters.count(matter), 1, matter)
        ours = [matter for matter in matters if matter.startswith(name)]
        self.assertEqual(len(ours), len(set(ours)))
        self.assertFalse([matter for matter in matters if f"{name}-closed" in matter])
        status, text = wait_for("verification", lambda: [one for one in [city.zq(
            "auditor", "ledger", "verify", "--from-checkpoint", str(checkpoint))] if one[0] == 0] or None)[0]
        self.assertTrue(json.loads(text)["verified"])
        self.assertTrue(all(process.poll() is None for process in city.processes.values()), "every process is up")

    def run_city(self, directory, name, break_it, mend_it):
        city = City(directory)
        try:
            city.start_all()
            connectors = sum("connectorEvent" in one for one in city.entries())
            for turn in range(2):
                self.break_and_mend(city, f"{name}{turn}", lambda: break_it(city), lambda: mend_it(city))
            self.assertEqual(sum("connectorEvent" in one for one in city.entries()), connectors,
                             "no connector came or went")
        finally:
            city.stop()
        self.assertEqual(city.processes["hub"].returncode, 0)

    def test_a_disk_that_fills_up(self):
        with tempfile.TemporaryDirectory() as directory:
            state = pathlib.Path(directory) / "state"
            state.mkdir()
            # With the reserve too small for RocksDB to claim its log in advance, so that filling it up is felt at once; without
            # it large enough to open the store again.
            mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=90m", "tmpfs", str(state)], capture_output=True,
                                   text=True, check=False)
            if mount.returncode != 0:
                self.skipTest(f"mounting is not permitted here, only the file-size limit is tried: {mount.stderr.strip()}")
            ballast, reserve = state / "ballast", state / "reserve"
            reserve.write_bytes(bytes(20 << 20))

            def fill(_):
                with open(ballast, "wb", buffering=0) as out:
                    try:
                        while True:
                            out.write(bytes(4096))
                    except OSError:
                        pass

            try:
                self.run_city(directory, "full", fill, lambda _: (ballast.unlink(), reserve.unlink()))
            finally:
                subprocess.run(["umount", str(state)], check=False)

    def test_files_that_may_not_grow(self):
        with tempfile.TemporaryDirectory() as directory:
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

            def limit(size):
                return lambda city: resource.prlimit(city.processes["hub"].pid, resource.RLIMIT_FSIZE, (size, hard))

            self.run_city(directory, "limit", limit(1), limit(hard))


if __name__ == "__main__":
    unittest.main(verbosity=2)
