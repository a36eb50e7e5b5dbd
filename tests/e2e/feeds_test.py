#!/usr/bin/env python3
"""One feed, five subscribers of different speeds, everybody killed at random: the real hub over real gRPC.

Every record reaches every subscriber at least once and in order, none is stored twice, and no cursor is ever behind what
the hub said was acknowledged. ZHANQIAO_FEED_RECORDS sets how many (20,000; the long suite: 1,000,000), ZHANQIAO_SEED
repeats the choices. Usage: feeds_test.py SOURCE-DIRECTORY PROGRAM-DIRECTORY
"""
import importlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grpc

PROGRAMS = pathlib.Path(sys.argv.pop())
ROOT = pathlib.Path(sys.argv.pop())
sys.path.insert(0, str(ROOT / "tests/bench"))
import bench  # its hub, identities and resource

RECORDS = int(os.environ.get("ZHANQIAO_FEED_RECORDS", "20000"))
SEED = int(os.environ.get("ZHANQIAO_SEED", str(random.randrange(1 << 32))))
KILLS = 4
BATCH = 250
CODE = bench.RESOURCE.split("/")[1]
# Records a subscriber may have unacknowledged: what makes it fast or slow.
CREDITS = {"fastest": 5000, "fast": 1000, "middle": 250, "slow": 60, "slowest": 20 if RECORDS <= 50000 else 50}


def contract(directory):
    """The published contract, compiled for Python."""
    protos = [str(path.relative_to(ROOT / "proto")) for path in (ROOT / "proto").rglob("*.proto")]
    subprocess.run(["protoc", "-I", ROOT / "proto", f"--python_out={directory}", *protos], check=True)
    sys.path.insert(0, str(directory))
    return importlib.import_module("zhanqiao.v1.feed_pb2"), importlib.import_module("zhanqiao.v1.catalog_pb2")


class City:
    """A hub that can be killed and started again on its state."""

    def __init__(self, directory):
        self.processes = bench.Processes(directory)
        self.hub = bench.Hub(PROGRAMS, directory, self.processes)
        self.hub.start()
        self.grant = self.hub.register()
        self.hub.zq("office", "feed", "declare", CODE, "--hours", "24", "--bytes", str(1 << 32))
        self.ports_known = threading.Condition()

    def kill_and_restart(self):
        self.hub.process.kill()
        self.hub.process.wait()
        self.hub.ports.unlink()
        process = self.processes.start("hub", PROGRAMS / "zhanqiao-hub", "--config", self.hub.directory / "hub.toml")
        self.hub.process = process
        end = time.monotonic() + 60
        while not self.hub.ports.exists():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the hub did not come back: " + (self.hub.directory / "hub.log").read_text()[-2000:])
            time.sleep(0.02)
        ports = bench.json.loads(self.hub.ports.read_text())
        with self.ports_known:
            self.hub.tls, self.hub.plain, self.hub.connector = ports["tls"], ports["plain"], ports["plain-connector"]
            self.ports_known.notify_all()


class Stopped(Exception):
    pass


class Party(threading.Thread):
    """Somebody with a stream that breaks, and who opens it again until his work is done."""

    def __init__(self, name):
        super().__init__(name=name, daemon=True)
        self.problem = None
        self.call = None
        self.breaks = 0

    def run(self):
        try:
            while not self.done():
                try:
                    self.work()
                except grpc.RpcError as broken:
                    self.breaks += 1
                    if broken.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                        raise
                    time.sleep(0.05)  # the hub may be starting
        except Exception as problem:  # told by the test's own thread
            self.problem = problem

    def cut(self):
        call = self.call
        if call is not None:
            call.cancel()


class Publisher(Party):
    def __init__(self, city, feed_pb2, resource):
        super().__init__("publisher")
        self.city, self.pb, self.resource = city, feed_pb2, resource
        self.acknowledged = 0  # messages
        self.messages = (RECORDS + BATCH - 1) // BATCH

    def done(self):
        return self.acknowledged == self.messages

    def message(self, number):
        request = self.pb.PublishRequest(feed=f"feeds/{CODE}", number=number)
        request.records.schema_fingerprint = self.resource.schema_fingerprint
        request.records.fields.extend(field.field for field in self.resource.fields)
        for record in range((number - 1) * BATCH, min(number * BATCH, RECORDS)):
            row = request.records.rows.add()
            row.values.add().text = str(record)
            for _ in self.resource.fields[1:]:
                row.values.add().text = "青岛"
            request.idempotency_keys.append(str(record))
        return request

    def work(self):
        with grpc.insecure_channel(self.city.hub.connector) as channel:
            publish = channel.stream_stream("/zhanqiao.v1.FeedService/Publish", self.pb.PublishRequest.SerializeToString,
                                            self.pb.PublishResponse.FromString)
            self.call = publish(self.message(number) for number in range(self.acknowledged + 1, self.messages + 1))
            for response in self.call:
                self.acknowledged = response.number


class Subscriber(Party):
    def __init__(self, city, feed_pb2, name, credit):
        super().__init__(name)
        self.city, self.pb, self.credit = city, feed_pb2, credit
        self.confirmed = 0  # the hub said its cursor is here
        self.seen = {}      # record by offset
        self.again = 0      # records that came more than once

    def done(self):
        return self.confirmed == RECORDS

    def work(self):
        outgoing = []
        ready = threading.Condition()
        closed = []

        def requests():
            start = self.pb.SubscribeRequest()
            start.start.grant, start.start.subscription, start.start.matter = self.city.grant, self.name, "e2e"
            start.start.unacknowledged_max = self.credit
            yield start
            while True:
                with ready:
                    ready.wait_for(lambda: outgoing or closed)
                    if not outgoing:
                        return
                    offset = outgoing.pop()
                    outgoing.clear()
                acknowledge = self.pb.SubscribeRequest()
                acknowledge.acknowledge.offset = offset
                yield acknowledge

        with grpc.insecure_channel(self.city.hub.plain) as channel:
            subscribe = channel.stream_stream("/zhanqiao.v1.FeedService/Subscribe", self.pb.SubscribeRequest.SerializeToString,
                                              self.pb.SubscribeResponse.FromString)
            self.call = subscribe(requests())
            expected = None
            try:
                for response in self.call:
                    kind = response.WhichOneof("message")
                    if kind == "started":
                        expected = response.started.offset
                        assert expected >= self.confirmed + 1, f"{self.name}: the cursor is at {expected - 1}, {self.confirmed} was confirmed"
                        assert expected <= len(self.seen) + 1, f"{self.name}: the cursor is beyond what arrived"
                        self.confirmed = max(self.confirmed, expected - 1)  # durable, though the word of it was lost
                        if self.done():
                            return
                    elif kind == "acknowledged":
                        self.confirmed = max(self.confirmed, response.acknowledged.offset)
                        if self.done():
                            return
                    else:
                        delivery = response.delivery
                        for offset, row in zip(delivery.offsets, delivery.records.rows, strict=True):
                            assert offset == expected, f"{self.name}: {offset} came where {expected} was due"
                            expected += 1
                            record = int(row.values[0].text)
                            self.again += offset in self.seen
                            assert self.seen.setdefault(offset, record) == record, f"{self.name}: offset {offset} changed"
                        with ready:
                            outgoing.append(delivery.through_offset)
                            ready.notify()
            finally:
                with ready:
                    closed.append(True)
                    ready.notify()
                self.call.cancel()


class Feeds(unittest.TestCase):
    def test_five_subscribers_and_everybody_killed_at_random(self):
        print(f"ZHANQIAO_SEED={SEED} records={RECORDS}", flush=True)
        choices = random.Random(SEED)
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            (directory / "gen").mkdir()
            feed_pb2, catalog_pb2 = contract(directory / "gen")
            city = City(directory)
            try:
                with grpc.insecure_channel(city.hub.plain) as channel:
                    get = channel.unary_unary("/zhanqiao.v1.CatalogService/GetResource",
                                              catalog_pb2.GetResourceRequest.SerializeToString, catalog_pb2.Resource.FromString)
                    resource = get(catalog_pb2.GetResourceRequest(name=bench.RESOURCE))
                publisher = Publisher(city, feed_pb2, resource)
                subscribers = [Subscriber(city, feed_pb2, name, credit) for name, credit in CREDITS.items()]
                started = time.monotonic()
                for party in (publisher, *subscribers):
                    party.start()
                kills = 0
                while any(party.is_alive() for party in (publisher, *subscribers)):
                    time.sleep(choices.uniform(0.05, 0.4))
                    problems = [party.problem for party in (publisher, *subscribers) if party.problem]
                    if problems:
                        raise problems[0]
                    progress = min(subscriber.confirmed for subscriber in subscribers)
                    if kills < KILLS and progress >= kills * RECORDS // (KILLS + 1):
                        city.kill_and_restart()
                        kills += 1
                    elif choices.random() < 0.5:
                        choices.choice((publisher, *subscribers)).cut()
                    self.assertLess(time.monotonic() - started, 240 + RECORDS / 100, "the feed has stopped moving")
                for subscriber in subscribers:
                    # Published once each and in order: record i has offset i + 1.
                    self.assertEqual(len(subscriber.seen), RECORDS, subscriber.name)
                    self.assertTrue(all(record == offset - 1 for offset, record in subscriber.seen.items()), subscriber.name)
                    print(f"{subscriber.name}: {subscriber.breaks} breaks, {subscriber.again} records came again")
                self.assertEqual(kills, KILLS)
                feed = city.hub.zq("office", "feed", "show", CODE)
                self.assertEqual(int(feed["nextOffset"]), RECORDS + 1)
                city.hub.zq("office", "ledger", "verify")
                print(f"{RECORDS} records to 5 subscribers in {time.monotonic() - started:.0f} s, {kills} kills of the hub")
            finally:
                city.processes.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
