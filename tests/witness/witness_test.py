#!/usr/bin/env python3
"""A hub and two witnesses: who vouches, what a dead witness costs, keys that rotate, a store set back, a fork."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BIN = pathlib.Path(sys.argv.pop(2)) if len(sys.argv) > 2 else None
ROOT = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
BIN = BIN or ROOT / "build/release/bin"
DEADLINE_S = 60


def await_that(what, holds):
    """Looks until `holds()` is true and returns what it gave."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {DEADLINE_S} s: {what}")
        time.sleep(0.02)


class Process:
    """A program in the background, with what it said."""

    def __init__(self, log, *words):
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen([str(word) for word in words], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL)

    def running(self):
        return self.process.poll() is None

    def end(self, how=signal.SIGTERM):
        if self.running():
            self.process.send_signal(how)
        return self.process.wait(DEADLINE_S)


class City:
    """A demonstration's directory, its hub and its witnesses."""

    def __init__(self, directory):
        self.directory = directory
        self.environment = {name: text for name, text in os.environ.items() if not name.startswith("ZQ_")}
        self.hub = None
        self.witnesses = {}
        self.addresses = {}
        self.demo("prepare", "--hub-port", 0, "--metrics-port", 0)

    def demo(self, part, *words):
        self.zq("demo", part, "--dir", self.directory, "--data", ROOT / "deploy/demo/data", "--programs", BIN, *words)

    def zq(self, *words, ok=True):
        run = subprocess.run([str(BIN / "zq"), *map(str, words)], capture_output=True, text=True, check=False,
                             env=self.environment, timeout=DEADLINE_S)
        if ok is not None and (run.returncode == 0) != ok:
            raise AssertionError(f"zq {words} ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
        return run

    def as_(self, player, *words, ok=True):
        ports = json.loads((self.directory / "ports.json").read_text())
        ids = self.directory / "ids"
        return self.zq("--hub", ports["hub"], "--ca", self.directory / "ca.crt", "--cert", ids / f"{player}.crt",
                       "--key", ids / f"{player}.key", *words, ok=ok)

    def configure(self, old, new):
        file = self.directory / "hub.toml"
        text = file.read_text()
        assert old in text, old
        file.write_text(text.replace(old, new))

    def start_hub(self):
        ports = self.directory / "ports.json"
        ports.unlink(missing_ok=True)
        self.hub = Process(self.directory / "log/hub.log", BIN / "zhanqiao-hub", "--config", self.directory / "hub.toml")
        await_that("the hub listens", lambda: ports.exists() or not self.hub.running())
        assert self.hub.running(), self.hub.log.read_text()[-4000:]

    def refused_start(self):
        """What the hub tells its operator when it does not start."""
        run = subprocess.run([str(BIN / "zhanqiao-hub"), "--config", str(self.directory / "hub.toml")],
                             capture_output=True, text=True, check=False, timeout=DEADLINE_S)
        assert run.returncode == 1, run
        return run.stderr

    def start_witness(self, name, *logs):
        folder = self.directory / name
        port_file = folder / "address"
        port_file.unlink(missing_ok=True)
        flags = [word for log in logs for word in ("--log", log)]
        self.witnesses[name] = Process(
            self.directory / "log" / f"{name}.log", BIN / "zq", "witness", "serve", "--name", f"{name}.example",
            "--key-file", folder / "key.pem", "--state", folder / "state", "--port-file", port_file, "--listen",
            self.addresses.get(name, "127.0.0.1:0"), *flags)
        await_that(f"{name} listens", lambda: port_file.exists() or not self.witnesses[name].running())
        assert self.witnesses[name].running(), self.witnesses[name].log.read_text()
        self.addresses[name] = port_file.read_text().strip()

    def head(self):
        return json.loads(self.as_("security", "ledger", "head", "--json").stdout)

    def grow(self, name):
        """Adds an entry; returns the log's size with it."""
        self.as_("security", "person", "create", f"organizations/370200-DZZWXZB/persons/{name}", "--display-name", name,
                 "--role", "office")
        return self.head()["size"]

    def cosigned(self, size):
        return await_that(f"the quorum vouches for {size} entries",
                          lambda: self.head()["cosignedSize"] >= size and self.head())

    def key_ids(self):
        return [key["keyId"] for key in self.keys()]

    def keys(self):
        return json.loads(self.as_("security", "ledger", "key", "list", "--json").stdout)["keys"]

    def end(self):
        for process in [self.hub, *self.witnesses.values()]:
            if process:
                process.end()


def copy(source, target):
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


class WitnessStory(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="zhanqiao-witness-")
        self.addCleanup(self.temporary.cleanup)
        self.city = City(pathlib.Path(self.temporary.name))
        self.addCleanup(self.city.end)

    def test_story(self):
        self.a_policy_of_two()
        self.outsiders_verify_the_quorum()
        self.a_dead_witness_delays_only_its_word()
        self.keys_rotate()
        self.a_store_set_back_and_a_fork_are_refused()
        self.a_new_log_names_the_old_one()

    def a_policy_of_two(self):
        city = self.city
        city.start_hub()
        city.demo("load")
        self.vkey = city.head()["verifierKey"]
        self.assertEqual(city.head()["witnesses"], [])
        city.hub.end()
        lines = [f"log {self.vkey}"]
        for name in ("audit", "court"):
            (city.directory / name).mkdir()
            key = city.zq("witness", "keygen", "--name", f"{name}.example", "--out", city.directory / name / "key.pem")
            city.start_witness(name, self.vkey)
            lines.append(f"witness {name} {key.stdout.strip()} http://{city.addresses[name]}")
        self.policy = city.directory / "policy"
        self.policy.write_text("\n".join(lines + ["group both all audit court", "quorum both", ""]))
        with open(city.directory / "hub.toml", "a", encoding="utf-8") as config:
            config.write(f'\n[ledger]\nwitness_policy = "{self.policy}"\nwitness_interval_ms = 20\n'
                         'witness_start = "require"\n')
        city.start_hub()
        head = city.cosigned(city.head()["size"])
        self.assertTrue(head["quorumMet"])
        for witness in head["witnesses"]:
            self.assertEqual(witness["problem"], "")
            self.assertLess(abs(witness["timeS"] - time.time()), DEADLINE_S)
        shown = city.as_("security", "ledger", "head").stdout
        for word in ("audit", "court", "both: met"):
            self.assertIn(word, shown)

    def outsiders_verify_the_quorum(self):
        city = self.city
        export = city.directory / "cosigned-export"
        city.as_("auditor", "ledger", "verify", "--policy", self.policy, "--vkey", self.vkey)
        city.as_("auditor", "ledger", "export", "--cosigned", "--dir", export, "--vkey", self.vkey)
        city.zq("ledger", "verify", "--dir", export, "--policy", self.policy, "--vkey", self.vkey)
        offline = city.zq("ledger", "verify", "--checkpoint", export / "checkpoint", "--policy", self.policy, "--json")
        self.assertEqual([one["name"] for one in json.loads(offline.stdout)["witnesses"]], ["audit", "court"])
        alone = export / "alone"
        note = (export / "checkpoint").read_text().splitlines(keepends=True)
        alone.write_text("".join(line for line in note if "court.example" not in line))
        refused = city.zq("ledger", "verify", "--checkpoint", alone, "--policy", self.policy, ok=False)
        self.assertEqual(refused.returncode, 4)
        self.assertIn("QUORUM_NOT_MET", refused.stderr)

    def a_dead_witness_delays_only_its_word(self):
        city = self.city
        city.witnesses["audit"].end(signal.SIGKILL)
        size = city.grow("during-silence")
        head = await_that("the court vouches alone", lambda: (lambda head: head["witnesses"][1]["size"] >= size and
                          head["witnesses"][0]["problem"] == "WITNESS_UNREACHABLE" and head)(city.head()))
        self.assertLess(head["cosignedSize"], size)
        city.start_witness("audit", self.vkey)
        city.cosigned(size)

    def keys_rotate(self):
        city = self.city
        first = city.key_ids()[0]
        city.as_("office", "ledger", "key", "rotate", ok=False)
        city.as_("security", "ledger", "key", "rotate")
        second = city.keys()[1]["verifierKey"]
        size = city.grow("during-overlap")
        city.cosigned(size)
        for key in (self.vkey, second):
            city.as_("auditor", "ledger", "verify", "--vkey", key)
        kept = city.directory / "overlap-checkpoint"
        city.as_("auditor", "ledger", "checkpoint", "--out", kept)
        for name in ("audit", "court"):  # the bodies learn the new key
            city.witnesses[name].end()
            city.start_witness(name, self.vkey, second)
        city.as_("security", "ledger", "key", "retire", first)
        size = city.grow("after-retirement")
        city.cosigned(size)
        city.as_("auditor", "ledger", "verify", "--vkey", second, "--from-checkpoint", kept)
        city.as_("auditor", "ledger", "verify", "--vkey", self.vkey, ok=False)
        export = city.directory / "rotated-export"
        city.as_("auditor", "ledger", "export", "--dir", export, "--vkey", second)
        city.zq("ledger", "verify", "--dir", export, "--vkey", second, "--from-checkpoint", kept)

    def a_store_set_back_and_a_fork_are_refused(self):
        city = self.city
        state, second_place = city.directory / "state", city.directory / "second"
        city.hub.end()
        copy(state, city.directory / "state.copy")
        copy(second_place, city.directory / "second.copy")
        city.start_hub()
        size = city.grow("lost-by-the-restore")
        city.cosigned(size)
        self.last = city.directory / "last-outside"
        answer = json.loads(city.as_("security", "ledger", "checkpoint", "--json").stdout)
        self.last.write_text(answer["cosignedCheckpoint"])
        self.lost_size = size
        city.hub.end()
        copy(city.directory / "state.copy", state)
        copy(city.directory / "second.copy", second_place)
        refused = city.refused_start()
        self.assertIn("LEDGER_BEHIND_CHECKPOINT", refused)
        self.assertIn("place: witness ", refused)
        self.assertIn("Restore the newer store", refused)

        # Served all the same, without the witnesses, it goes its own way; they do not follow.
        city.configure("witness_policy", "#witness_policy")
        city.start_hub()
        while city.grow(f"another-way-{time.monotonic_ns()}") < size + 3:
            pass
        city.hub.end()
        city.configure("#witness_policy", "witness_policy")
        self.assertIn("LEDGER_FORKED", city.refused_start())

    def a_new_log_names_the_old_one(self):
        city = self.city
        state = city.directory / "state"
        shutil.move(state / "store", city.directory / "store.old")
        city.zq("ledger", "restart-log", "--from", city.directory / "store.old", "--to", state / "store",
                "--previous-checkpoint", self.last)
        self.assertIn("LEDGER_ORIGIN_REUSED", city.refused_start())
        city.configure("zhanqiao.qingdao.example/log", "zhanqiao.qingdao.example/log-2")
        city.configure("second/checkpoint", "second/checkpoint-2")
        city.configure('"require"', '"warn"')
        city.start_hub()
        self.assertEqual(city.head()["origin"], "zhanqiao.qingdao.example/log-2")
        genesis = json.loads(city.as_("auditor", "ledger", "entry", "0", "--json").stdout)["decoded"]["genesis"]
        self.assertEqual(genesis["previousCheckpoint"], self.last.read_text())
        self.assertEqual(int(genesis["previousCheckpoint"].splitlines()[1]) >= self.lost_size, True)
        organizations = json.loads(city.as_("security", "org", "list", "--json").stdout)
        self.assertGreater(len(json.dumps(organizations)), 1000)
        city.as_("auditor", "ledger", "verify")
        await_that("the witnesses do not know the new log", lambda: all(
            one["problem"] == "WITNESS_LOG_UNKNOWN" for one in city.head()["witnesses"]))


if __name__ == "__main__":
    unittest.main()
