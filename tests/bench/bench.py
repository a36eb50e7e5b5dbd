#!/usr/bin/env python3
"""Zhanqiao against nginx, HAProxy and no hub at all: one run, one provider, interleaved repetitions, medians.

Every contender forwards the same 1 KiB Query to the same provider program. Zhanqiao runs with every check and
the durable log on; the run fails unless its ledger grew by exactly the calls it answered.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TICK = os.sysconf("SC_CLK_TCK")
CONSUMER = "370200-ZWFWB"
PROVIDER = "370200-FGW"
RESOURCE = "resources/308001999999~000001"
FIELDS = ["record_key", *(f"item_{i}" for i in range(1, 8))]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=20):
    """Returns once `port` accepts; raises if the process ends first."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args[0]} does not listen on {port}")


def cpu_seconds(pid):
    """User and system CPU of a process and its children that were reaped or still run."""
    total = 0.0
    for candidate in [pid] + children(pid):
        try:
            fields = pathlib.Path(f"/proc/{candidate}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / TICK
        except FileNotFoundError:
            continue
    return total


def children(pid):
    try:
        found = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [int(child) for child in found]


class Processes:
    """Programs of this run; ended by their own ids when the run ends."""

    def __init__(self, directory):
        self.directory = directory
        self.running = []

    def start(self, name, *command):
        log = open(self.directory / f"{name}.log", "ab")
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def stop(self):
        for process in reversed(self.running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self.running):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Field:
    """Just enough of the protobuf wire format to write the request h2load repeats."""

    @staticmethod
    def text(number, value):
        data = value if isinstance(value, bytes) else value.encode()
        return Field.varint(number << 3 | 2) + Field.varint(len(data)) + data

    @staticmethod
    def number(number, value):
        return Field.varint(number << 3) + Field.varint(value)

    @staticmethod
    def varint(value):
        out = b""
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])


def query_body(grant):
    """A framed QueryRequest of about 1 KiB: one condition on a long key."""
    condition = Field.text(1, "record_key") + Field.number(2, 1) + Field.text(3, Field.text(1, "k" * 900))
    message = Field.text(1, grant) + Field.text(3, condition) + Field.number(4, 1) + Field.text(5, "bench-matter-0001")
    return b"\0" + struct.pack(">I", len(message)) + message


class Hub:
    """A hub of its own: authority, identities, a registered consumer and provider, one active grant."""

    def __init__(self, bins, directory, processes):
        self.bins, self.directory, self.processes = bins, directory, processes
        self.pki = directory / "pki"
        self.ports = directory / "ports.json"
        self.settings = ""  # further tables of its configuration

    def zq(self, person, *command):
        certificate = self.pki / person
        line = [str(self.bins / "zq"), "--json", "--hub", self.tls, "--ca", str(self.pki / "ca.crt"),
                "--cert", f"{certificate}.crt", "--key", f"{certificate}.key", *map(str, command)]
        run = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if run.returncode != 0:
            raise RuntimeError(f"{' '.join(line)}\n{run.stdout}{run.stderr}")
        return json.loads(run.stdout) if run.stdout.strip() else {}

    def certificates(self):
        self.pki.mkdir()
        zq = str(self.bins / "zq")
        subprocess.run([zq, "cert", "ca", "--out", self.pki / "ca", "--name", "Bench CA"], check=True, stdout=subprocess.DEVNULL)
        def issue(name, *what):
            subprocess.run([zq, "cert", "issue", "--authority", self.pki / "ca", "--out", self.pki / name, *what], check=True,
                           stdout=subprocess.DEVNULL)
        issue("hub", "--server", "--dns", "localhost", "--ip", "127.0.0.1")
        issue("admin", "--subject", f"organizations/{PROVIDER}/persons/security")
        issue("office", "--subject", f"organizations/{PROVIDER}/persons/office")
        issue("consumer", "--subject", f"organizations/{CONSUMER}/systems/bench")
        issue("connector", "--subject", f"organizations/{PROVIDER}/connectors/bench")

    def start(self):
        self.certificates()
        identity = "zhanqiao://qingdao/org"
        persons = [{"name": f"organizations/{PROVIDER}/persons/{name}", "display_name": name, "roles": [role],
                    "state": "REGISTRATION_STATE_ACTIVE"}
                   for name, role in (("security", "ROLE_SECURITY_ADMIN"), ("office", "ROLE_OFFICE"))]
        (self.directory / "bootstrap.json").write_text(json.dumps(persons))
        (self.directory / "hub.toml").write_text(f"""
[hub]
state_dir = "state"
second_place = "checkpoint"
bootstrap = "bootstrap.json"
port_file = "ports.json"
log_level = "warning"
[[listeners]]
name = "tls"
address = "127.0.0.1:0"
certificate = "pki/hub.crt"
key = "pki/hub.key"
client_ca = "pki/ca.crt"
[[listeners]]
name = "plain"
address = "127.0.0.1:0"
tls = false
identity = "{identity}/{CONSUMER}/system/bench"
[[listeners]]
name = "plain-connector"
address = "127.0.0.1:0"
tls = false
identity = "{identity}/{PROVIDER}/connector/bench"
{self.settings}""")
        self.process = self.processes.start("hub", self.bins / "zhanqiao-hub", "--config", self.directory / "hub.toml")
        end = time.monotonic() + 120
        while not self.ports.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the hub did not start: " + (self.directory / "hub.log").read_text()[-2000:])
            time.sleep(0.05)
        ports = json.loads(self.ports.read_text())
        self.tls, self.plain, self.connector = ports["tls"], ports["plain"], ports["plain-connector"]

    def register(self):
        organizations = self.directory / "organizations.csv"
        shutil.copy(ROOT / "deploy/demo/data/organizations.csv", organizations)
        self.zq("office", "org", "import", organizations)
        self.zq("office", "system", "create", f"organizations/{CONSUMER}/systems/bench", "--display-name", "bench")
        self.zq("admin", "connector", "create", f"organizations/{PROVIDER}/connectors/bench", "--display-name", "bench")
        self.zq("office", "resource", "apply", HERE / "resource.json")
        self.zq("office", "resource", "submit", RESOURCE)
        self.zq("office", "resource", "review", RESOURCE, "--approve")
        grant = self.zq("consumer", "grant", "create", "--consumer", f"organizations/{CONSUMER}/systems/bench",
                        "--resource", RESOURCE, *(part for field in FIELDS for part in ("--field", field)),
                        "--purpose", "bench", "--submit")
        return grant["name"]

    def size(self):
        """Entries of the log, by its newest checkpoint once that had time (100 ms) to cover all of them."""
        time.sleep(0.5)
        answer = self.zq("consumer", "ledger", "checkpoint")
        return int(answer["checkpoint"].split("\n")[1])


def h2load(port, body, calls, connections=4, streams=32):
    """Unary calls by h2load; raises unless every call was answered with HTTP 200."""
    command = ["h2load", "-n", str(calls), "-c", str(connections), "-m", str(streams), "-t", "1",
               "-H", "content-type: application/grpc", "-H", "te: trailers", "-d", str(body),
               f"http://127.0.0.1:{port}/zhanqiao.v1.ExchangeService/Query"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True, timeout=300).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rate = float(re.search(r"([\d.]+) req/s", text).group(1))
    succeeded = int(re.search(r"(\d+) 2xx", text).group(1))
    if succeeded != calls:
        raise RuntimeError(f"{calls - succeeded} of {calls} calls failed\n{text}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"calls": calls, "calls_per_s": rate, "client_cpu": cpu}


def client(bins, arguments):
    """The gRPC C++ client; raises if any call failed."""
    command = [str(bins / "bench-client"), *map(str, arguments)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{run.stdout}{run.stderr}")
    result = json.loads(run.stdout)
    if result["errors"] or not result["calls"]:
        raise RuntimeError(f"{' '.join(command)}\n{run.stdout}{run.stderr}")
    result["client_cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return result


class Bench:
    def __init__(self, options):
        self.options = options
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="zhanqiao-bench-", dir=options.dir))
        self.processes = Processes(self.directory)
        self.bins = options.bin.resolve()
        self.results = {}

    def template(self, name, **values):
        text = (HERE / f"{name}.in").read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        target = self.directory / name
        target.write_text(text)
        return target

    def prepare(self):
        pki = self.directory / "pki"
        self.hub = Hub(self.bins, self.directory, self.processes)
        self.hub.start()
        grant = self.hub.register()
        self.grant = grant
        self.provider_port, self.provider_tls = free_port(), free_port()
        self.provider = self.processes.start(
            "provider", self.bins / "bench-provider", "--listen", f"127.0.0.1:{self.provider_port}",
            "--tls-listen", f"127.0.0.1:{self.provider_tls}", "--certificate", pki / "hub.crt", "--key", pki / "hub.key",
            "--client-ca", pki / "ca.crt")
        wait_for_port(self.provider_port, self.provider)
        self.agent, self.agent_is_tls = None, None
        self.serve(tls=False)
        self.proxies()
        self.body = self.directory / "query.bin"
        self.body.write_bytes(query_body(grant))

    def serve(self, tls):
        """Has the one connector dial the hub, by mutual TLS where the contender's consumers do."""
        if self.agent_is_tls == tls:
            return
        if self.agent is not None:
            self.agent.send_signal(signal.SIGTERM)
            self.agent.wait(20)
        pki = self.directory / "pki"
        secured = ("--ca", pki / "ca.crt", "--certificate", pki / "connector.crt", "--key", pki / "connector.key",
                   "--server-name", "localhost")
        self.agent = self.processes.start("agent", self.bins / "bench-provider", "--hub",
                                          self.hub.tls if tls else self.hub.connector, "--resource", RESOURCE,
                                          *(secured if tls else ()))
        self.agent_is_tls = tls
        self.wait_for_answer()

    def proxies(self):
        self.nginx_port, self.haproxy_port = free_port(), free_port()
        nginx = self.template("nginx.conf", DIR=self.directory, PORT=self.nginx_port, PROVIDER=self.provider_port)
        haproxy = self.template("haproxy.cfg", PORT=self.haproxy_port, PROVIDER=self.provider_port)
        self.nginx = self.processes.start("nginx", "nginx", "-c", nginx, "-e", self.directory / "nginx-error.log")
        self.haproxy = self.processes.start("haproxy", "haproxy", "-db", "-f", haproxy)
        wait_for_port(self.nginx_port, self.nginx)
        wait_for_port(self.haproxy_port, self.haproxy)

    def wait_for_answer(self):
        """One checked call through the hub, repeated until the provider's stream is up."""
        end = time.monotonic() + 20
        while True:
            try:
                return client(self.bins, ["--target", self.hub.plain, "--mode", "unary", "--grant", self.grant,
                                          "--connections", 1, "--in-flight", 1, "--seconds", 0.2])
            except RuntimeError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def measure(self, name, run, processes):
        """Runs once and keeps rate and CPU seconds per 100,000 calls of each process."""
        before = {label: cpu_seconds(process.pid) for label, process in processes.items()}
        result = run()
        entry = self.results.setdefault(name, {"calls_per_s": [], "cpu_s_per_100k": {}, "p50_ms": [], "p99_ms": []})
        entry["calls_per_s"].append(result["calls_per_s"])
        for key in ("p50_ms", "p99_ms"):
            if key in result:
                entry[key].append(result[key])
        spent = {label: cpu_seconds(process.pid) - before[label] for label, process in processes.items()}
        spent["client"] = result["client_cpu"]
        for label, seconds in spent.items():
            entry["cpu_s_per_100k"].setdefault(label, []).append(seconds * 1e5 / result["calls"])
        return result["calls"]

    def contenders(self):
        calls = 20000 if self.options.quick else 100000
        seconds = 2 if self.options.quick else 6
        mtls = ["--tls", "--ca", self.directory / "pki/ca.crt", "--certificate", self.directory / "pki/consumer.crt",
                "--key", self.directory / "pki/consumer.key", "--server-name", "localhost"]
        def unary(target, *extra):
            return ["--target", target, "--mode", "unary", "--grant", self.grant, "--connections", 4, "--in-flight", 32,
                    "--seconds", seconds, *extra]
        stream = ["--target", self.hub.plain, "--mode", "stream", "--grant", self.grant, "--connections", 4,
                  "--in-flight", 32, "--seconds", seconds]
        hub_port = self.hub.plain.rsplit(":", 1)[1]
        direct_plain, direct_tls = f"127.0.0.1:{self.provider_port}", f"127.0.0.1:{self.provider_tls}"
        provider, hub = {"provider": self.provider}, {"hub": self.hub.process}
        def load(port, n=calls):
            return lambda: h2load(port, self.body, n)
        def grpc(arguments):
            return lambda: client(self.bins, arguments)
        return [
            ("h2load_direct", load(self.provider_port), provider, False),
            ("h2load_nginx", load(self.nginx_port, calls // 2), {"nginx": self.nginx, **provider}, False),
            ("h2load_haproxy", load(self.haproxy_port), {"haproxy": self.haproxy, **provider}, False),
            ("h2load_zhanqiao", load(hub_port), hub, True),
            ("client_direct", grpc(unary(direct_plain)), provider, False),
            ("client_zhanqiao", grpc(unary(self.hub.plain)), hub, True),
            ("stream_zhanqiao", grpc(stream), hub, True),
            ("client_direct_mtls", grpc(unary(direct_tls, *mtls)), provider, False),
            ("client_zhanqiao_mtls", grpc(unary(self.hub.tls, *mtls)), hub, True),
        ]

    def run(self):
        self.prepare()
        rounds = 2 if self.options.quick else 5
        size, logged = self.hub.size(), 0
        for number in range(rounds):
            for name, run, processes, through_hub in self.contenders():
                if through_hub:
                    self.serve(tls=name.endswith("_mtls"))
                    processes = {**processes, "provider": self.agent}
                answered = self.measure(name, run, processes)
                logged += answered if through_hub else 0
                print(f"round {number + 1}/{rounds} {name}: {self.results[name]['calls_per_s'][-1]:,.0f} calls/s",
                      file=sys.stderr)
        grown = self.hub.size() - size
        if grown < logged:
            raise RuntimeError(f"{logged} calls were answered but the ledger grew by {grown}")
        return self.report(grown, logged)

    def report(self, grown, logged):
        median = statistics.median
        rate = {name: median(entry["calls_per_s"]) for name, entry in self.results.items()}
        ratios = {
            "unary_vs_nginx": rate["h2load_zhanqiao"] / rate["h2load_nginx"],
            "unary_vs_haproxy": rate["h2load_zhanqiao"] / rate["h2load_haproxy"],
            "stream_vs_direct": rate["stream_zhanqiao"] / rate["client_direct"],
            "unary_vs_direct_mtls": rate["client_zhanqiao_mtls"] / rate["client_direct_mtls"],
            "mtls_cost": rate["client_zhanqiao"] / rate["client_zhanqiao_mtls"],
        }
        runs = {name: {"calls_per_s": rate[name],
                       "calls_per_s_all": entry["calls_per_s"],
                       **{key: median(entry[key]) for key in ("p50_ms", "p99_ms") if entry[key]},
                       "cpu_s_per_100k": {label: median(values) for label, values in entry["cpu_s_per_100k"].items()}}
                for name, entry in self.results.items()}
        return {"quick": self.options.quick, "cores": os.cpu_count(), "ratios": ratios, "runs": runs,
                "ledger": {"calls_answered": logged, "entries_added": grown}}


def table(report):
    lines = [f"{'contender':<22}{'calls/s':>10}{'p50 ms':>8}{'p99 ms':>8}  CPU s per 100k calls"]
    for name, run in report["runs"].items():
        cpu = ", ".join(f"{label} {value:.2f}" for label, value in run["cpu_s_per_100k"].items())
        p50, p99 = (f"{run[key]:.2f}" if key in run else "-" for key in ("p50_ms", "p99_ms"))
        lines.append(f"{name:<22}{run['calls_per_s']:>10,.0f}{p50:>8}{p99:>8}  {cpu}")
    lines += [f"{name:<22}{value:>10.2f}" for name, value in report["ratios"].items()]
    return "\n".join(lines)


def run_other(options):
    import mix  # they import this module, as those of the other suites do
    import static_load
    directory = pathlib.Path(tempfile.mkdtemp(prefix="zhanqiao-bench-", dir=options.dir))
    processes = Processes(directory)
    bins = options.bin.resolve()
    try:
        report = static_load.run(bins, directory, processes, options) if options.static else mix.run(bins, directory, processes, options.quick)
    finally:
        processes.stop()
    shutil.rmtree(directory)
    print(json.dumps(report, indent=2))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short rounds instead of five")
    parser.add_argument("--mix", action="store_true", help="X-Road's load mix instead: 30 %% 2 KB … 0.1 %% 10 MB (mix.py)")
    parser.add_argument("--static", action="store_true", help="the front end's files beside exchange instead (static_load.py)")
    parser.add_argument("--static-rate", type=int, default=2000, metavar="N", help="files asked for in a second (2000)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every figure to FILE")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "build", help="where the run keeps its files")
    options = parser.parse_args()
    if options.mix or options.static:
        return run_other(options)
    bench = Bench(options)
    try:
        report = bench.run()
    finally:
        bench.processes.stop()
    shutil.rmtree(bench.directory)
    print(table(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
