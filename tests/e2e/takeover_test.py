#!/usr/bin/python3
"""Several connectors of one organisation: one dies in mid-request, all are upgraded one by one, and no call fails. A
certificate that expires on an open subscription ends it. Usage: takeover_test.py SOURCE-DIRECTORY PROGRAM-DIRECTORY
"""
import datetime
import importlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PROGRAMS = pathlib.Path(sys.argv.pop())
ROOT = pathlib.Path(sys.argv.pop())
sys.path.insert(0, str(ROOT / "tests/bench"))
sys.path.insert(0, str(ROOT / "tests/e2e"))
import bench  # noqa: E402  its hub and identities
import postgres  # noqa: E402

NAME = "resources/308001999999~000001"
CODE = "308001999999/000001"
FIELDS = ["permit", "holder"]
ENTRY = [{
    "resource_code": CODE, "display_name": "施工许可", "provider": f"organizations/{bench.PROVIDER}",
    "abstract": "测试。", "format_category": "FORMAT_CATEGORY_DATABASE", "format_types": ["postgresql"],
    "fields": [
        {"field": "permit", "display_name": "许可证号", "data_type": "DATA_TYPE_CHARACTER", "length": 20, "key": True},
        {"field": "holder", "display_name": "持证人", "data_type": "DATA_TYPE_CHARACTER", "length": 10}],
    "share_type": "SHARE_TYPE_UNCONDITIONAL", "share_mode_category": "SHARE_MODE_CATEGORY_PLATFORM",
    "share_mode_type": "SHARE_MODE_TYPE_INTERFACE", "open_type": "OPEN_TYPE_NOT_OPEN", "update_cycle": "UPDATE_CYCLE_DAILY",
    "connectors": [f"organizations/{bench.PROVIDER}/connectors/bench"]}]


def contract(directory):
    """The published contract, compiled for Python."""
    protos = [str(path.relative_to(ROOT / "proto")) for path in (ROOT / "proto").rglob("*.proto")]
    subprocess.run(["protoc", "-I", ROOT / "proto", f"--python_out={directory}", *protos], check=True)
    sys.path.insert(0, str(directory))
    return [importlib.import_module(f"zhanqiao.v1.{name}_pb2") for name in ("exchange", "feed", "diagnostics")]


class Takeover(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = postgres.Postgres()
        cls.addClassCleanup(cls.postgres.stop)
        cls.postgres.sql("CREATE TABLE permits AS SELECT 'A-' || i AS id, '张三'::text AS xm FROM generate_series(1, 20) i")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="zqtake"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.exchange, cls.feed, cls.diagnostics = contract(cls.folder)
        cls.processes = bench.Processes(cls.folder)
        cls.addClassCleanup(cls.processes.stop)
        cls.hub = bench.Hub(PROGRAMS, cls.folder, cls.processes)
        cls.hub.start()
        (cls.folder / "resource.json").write_text(json.dumps(ENTRY), encoding="utf-8")
        bench.HERE, bench.RESOURCE, bench.FIELDS = cls.folder, NAME, FIELDS
        cls.grant = cls.hub.register()
        # Each row takes a moment, so that there is a middle of a request to die in.
        (cls.folder / "permits.toml").write_text(
            'query = "SELECT id, xm || coalesce(pg_sleep(0.05)::text, \'\') AS xm FROM permits"\n'
            '[fields]\npermit = "id"\nholder = "xm"\n', encoding="utf-8")
        (cls.folder / "connector.toml").write_text(f"""
hub = "{cls.hub.connector}"
[[sources]]
name = "permits"
adapter = "postgres"
connection = "host={cls.postgres.folder} user=zhanqiao dbname=postgres"
connections = 4
[[resources]]
resource = "{NAME}"
source = "permits"
mapping = "permits.toml"
""")
        cls.channel = grpc.insecure_channel(cls.hub.plain)
        cls.addClassCleanup(cls.channel.close)
        cls.query = cls.channel.unary_unary("/zhanqiao.v1.ExchangeService/Query", cls.exchange.QueryRequest.SerializeToString,
                                            cls.exchange.QueryResponse.FromString)

    def start_connector(self):
        return self.processes.start("connector", PROGRAMS / "zhanqiao-connector", "--config", self.folder / "connector.toml")

    def stop_connector(self, process, how=signal.SIGTERM):
        process.send_signal(how)
        process.wait(30)

    def probe(self):
        return self.hub.zq("office", "connector", "list", bench.PROVIDER)["connectors"][0]

    def wait_for_streams(self, count):
        end = time.monotonic() + 30
        while int(self.probe().get("streams", 0)) != count:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def ask(self, permit):
        request = self.exchange.QueryRequest(grant=self.grant, matter="m")
        condition = request.conditions.add(field="permit", comparison=1)
        condition.value.text = permit
        return self.query(request, timeout=20)

    def load(self, stop, answered, failed):
        while not stop.is_set():
            try:
                answered.append(len(self.ask(f"A-{len(answered) % 20 + 1}").records.rows))
            except grpc.RpcError as error:
                failed.append(error.details())

    def under_load(self, during):
        stop, answered, failed = threading.Event(), [], []
        callers = [threading.Thread(target=self.load, args=(stop, answered, failed)) for _ in range(8)]
        for caller in callers:
            caller.start()
        try:
            during(answered)
        finally:
            stop.set()
            for caller in callers:
                caller.join()
        self.assertEqual(failed, [])
        self.assertEqual(set(answered), {1})
        return len(answered)

    @staticmethod
    def wait_for_more(answered, count):
        goal, end = len(answered) + count, time.monotonic() + 60
        while len(answered) < goal and time.monotonic() < end:
            time.sleep(0.01)

    def test_one_that_dies_in_mid_request_is_taken_over_from(self):
        first, second = self.start_connector(), self.start_connector()
        self.addCleanup(self.stop_connector, second)
        self.wait_for_streams(2)

        def kill(answered):
            self.wait_for_more(answered, 20)
            self.stop_connector(first, signal.SIGKILL)
            self.wait_for_more(answered, 20)
        self.assertGreater(self.under_load(kill), 40)

    def test_all_are_upgraded_one_by_one_without_a_failed_call(self):
        running = [self.start_connector(), self.start_connector()]
        self.wait_for_streams(2)

        def upgrade(answered):
            for i, old in enumerate(running):
                self.stop_connector(old)
                self.wait_for_more(answered, 10)
                running[i] = self.start_connector()
                self.wait_for_streams(2)
                self.wait_for_more(answered, 10)
        self.assertGreater(self.under_load(upgrade), 40)
        for process in running:
            self.stop_connector(process)

    def test_a_connector_whose_source_is_away_is_not_healthy(self):
        connector = self.start_connector()
        self.addCleanup(self.stop_connector, connector)
        self.wait_for_streams(1)
        self.assertTrue(self.probe()["healthy"])
        self.postgres.pause()
        try:
            time.sleep(1.1)  # answers are told again for a second
            sick = self.probe()
        finally:
            self.postgres.resume()
        self.assertTrue(sick["connected"])
        self.assertFalse(sick.get("healthy", False))
        self.assertEqual(sick["resources"][0]["error"]["metadata"]["link"], "source")

    def test_a_trace_shows_where_the_time_went(self):
        connector = self.start_connector()
        self.addCleanup(self.stop_connector, connector)
        self.wait_for_streams(1)
        index = self.ask("A-1").receipt.index
        trace = self.hub.zq("consumer", "trace", str(index))
        links = {link["link"]: link for link in trace["links"]}
        self.assertEqual(list(links), [f"LINK_{name}" for name in
                                       ("CONSUMER", "EDGE", "GRANT", "QUEUE", "CONNECTOR", "SOURCE", "MASK", "LEDGER", "RELEASE")])
        self.assertGreater(int(links["LINK_SOURCE"]["durationUs"]), 40_000)
        self.assertGreater(int(links["LINK_LEDGER"]["durationUs"]), 0)
        self.assertEqual(trace["links"], self.hub.zq("office", "trace", trace["trace"])["links"])

    def issue(self, seconds):
        """A certificate of the consumer that ends soon, by the test's own authority: `zq cert issue` counts in days."""
        pki = self.hub.pki
        authority = x509.load_pem_x509_certificate((pki / "ca.crt").read_bytes())
        signer = serialization.load_pem_private_key((pki / "ca.key").read_bytes(), None)
        model = x509.load_pem_x509_certificate((pki / "consumer.crt").read_bytes())
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        builder = (x509.CertificateBuilder().subject_name(model.subject).issuer_name(authority.subject)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(minutes=5))
                   .not_valid_after(now + datetime.timedelta(seconds=seconds)))
        for extension in model.extensions:
            if not isinstance(extension.value, (x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier)):
                builder = builder.add_extension(extension.value, extension.critical)
        certificate = builder.sign(signer, hashes.SHA256())
        return (certificate.public_bytes(serialization.Encoding.PEM),
                key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    def test_a_certificate_that_expires_ends_an_open_subscription(self):
        self.hub.zq("office", "feed", "declare", CODE, "--hours", "24", "--bytes", str(1 << 30))
        records = self.folder / "records.csv"
        records.write_text("permit,holder\nA-1,张三\n", encoding="utf-8")
        self.hub.zq("connector", "feed", "publish", CODE, records)
        certificate, key = self.issue(8)
        credentials = grpc.ssl_channel_credentials((self.hub.pki / "ca.crt").read_bytes(), key, certificate)
        with grpc.secure_channel(self.hub.tls, credentials) as channel:
            subscribe = channel.stream_stream("/zhanqiao.v1.FeedService/Subscribe", self.feed.SubscribeRequest.SerializeToString,
                                              self.feed.SubscribeResponse.FromString)
            done = threading.Event()
            self.addCleanup(done.set)
            start = self.feed.SubscribeRequest(start=self.feed.SubscribeStart(grant=self.grant, subscription="short", matter="m"))

            def requests():
                yield start
                done.wait(60)
            call = subscribe(requests(), timeout=60)
            delivered = [message for message in (next(call), next(call)) if message.HasField("delivery")]
            self.assertEqual([row.values[0].text for row in delivered[0].delivery.records.rows], ["A-1"])
            with self.assertRaises(grpc.RpcError) as ended:  # nothing more is published: it ends by itself
                next(call)
            done.set()
        self.assertEqual(ended.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        trailers = dict(ended.exception.trailing_metadata())
        self.assertIn(b"CERTIFICATE_EXPIRED", trailers["grpc-status-details-bin"])
        self.assertIn(b"ledger_index", trailers["grpc-status-details-bin"])


if __name__ == "__main__":
    unittest.main()
