"""X-Road's load mix through a hub: 30 % 2 KB, 60 % 10 KB, 9 % 100 KB, 0.9 % 2 MB, 0.1 % 10 MB.

The records lie in a file that `zhanqiao-connector` serves; consumer and connector are beside the hub, by mutual TLS or plain.
Answers up to 100 KB are asked for by Query, larger ones by Fetch. X-Road's users report about 110 calls a second.
"""
import json
import pathlib
import statistics

import bench

NAME = "resources/308001999999~000001"
SIZES = {"2k": (1, 2_000), "10k": (1, 10_000), "100k": (1, 100_000), "2m": (4, 500_000), "10m": (20, 500_000)}
ENTRY = [{
    "resource_code": "308001999999/000001", "display_name": "合成数据", "provider": f"organizations/{bench.PROVIDER}",
    "abstract": "合成。", "format_category": "FORMAT_CATEGORY_DATABASE", "format_types": ["postgresql"],
    "fields": [
        {"field": "kind", "display_name": "类别", "data_type": "DATA_TYPE_CHARACTER", "length": 10, "key": True},
        {"field": "seq", "display_name": "序号", "data_type": "DATA_TYPE_INTEGER", "length": 9},
        {"field": "payload", "display_name": "内容", "data_type": "DATA_TYPE_MEMO", "note": "合成的内容。"}],
    "share_type": "SHARE_TYPE_UNCONDITIONAL", "share_mode_category": "SHARE_MODE_CATEGORY_PLATFORM",
    "share_mode_type": "SHARE_MODE_TYPE_INTERFACE", "open_type": "OPEN_TYPE_NOT_OPEN", "update_cycle": "UPDATE_CYCLE_DAILY",
    "connectors": [f"organizations/{bench.PROVIDER}/connectors/bench"]}]


def records(file):
    with open(file, "w", encoding="ascii") as out:
        out.write("kind,seq,payload\n")
        seq = 0
        for kind, (rows, size) in SIZES.items():
            for _ in range(rows):
                seq += 1
                out.write(f"{kind},{seq},{'x' * size}\n")


class Mix:
    """A hub and a connector; `run` gives one measured round."""

    def __init__(self, bins, directory, processes):
        self.bins, self.directory, self.processes = bins, directory, processes
        self.hub = bench.Hub(bins, directory, processes)
        self.hub.start()
        (directory / "resource.json").write_text(json.dumps(ENTRY), encoding="utf-8")
        bench.HERE, bench.RESOURCE, bench.FIELDS = directory, NAME, ["kind", "seq", "payload"]
        self.grant = self.hub.register()
        records(directory / "records.csv")
        (directory / "mapping.toml").write_text('key = "seq"\n[fields]\nkind = "kind"\nseq = "seq"\npayload = "payload"\n')
        (directory / "connector.toml").write_text(
            f'hub = "{self.hub.tls}"\n[tls]\nca = "pki/ca.crt"\ncertificate = "pki/connector.crt"\nkey = "pki/connector.key"\n'
            f'server_name = "localhost"\n[[resources]]\nresource = "{NAME}"\nadapter = "csv"\nfile = "records.csv"\n'
            'mapping = "mapping.toml"\n')
        self.connector = processes.start("connector", bins / "zhanqiao-connector", "--config", directory / "connector.toml")

    def run(self, seconds, tls):
        target = ["--target", self.hub.tls if tls else self.hub.plain]
        if tls:
            pki = self.directory / "pki"
            target += ["--tls", "--ca", pki / "ca.crt", "--certificate", pki / "consumer.crt", "--key", pki / "consumer.key",
                       "--server-name", "localhost"]
        return bench.client(self.bins, [*target, "--mode", "mix", "--grant", self.grant, "--connections", 4, "--in-flight", 4,
                                        "--seconds", seconds])

    def wait(self):
        end = bench.time.monotonic() + 30
        while True:
            try:
                return self.run(0.2, False)
            except RuntimeError:
                if bench.time.monotonic() > end:
                    raise
                bench.time.sleep(0.2)


def peak_mb(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def run(bins, directory, processes, quick):
    mix = Mix(bins, directory, processes)
    mix.wait()
    size, calls = mix.hub.size(), 0
    figures = {"plain": [], "mtls": []}
    for _ in range(1 if quick else 3):
        for name, found in figures.items():
            found.append(mix.run(3 if quick else 10, name == "mtls"))
            calls += found[-1]["calls"]
    grown = mix.hub.size() - size
    if grown < calls:
        raise RuntimeError(f"{calls} calls were answered but the ledger grew by {grown}")
    median = statistics.median
    runs = {name: {"calls_per_s": median(one["calls_per_s"] for one in found),
                   "mb_per_s": median(one["mb_per_s"] for one in found),
                   "p99_ms": {kind: median(one["classes"][kind]["p99_ms"] for one in found) for kind in SIZES},
                   "p50_ms": {kind: median(one["classes"][kind]["p50_ms"] for one in found) for kind in SIZES}}
            for name, found in figures.items()}
    return {"mix": runs, "peak_mb": {"hub": peak_mb(mix.hub.process), "connector": peak_mb(mix.connector)},
            "ledger": {"calls_answered": calls, "entries_added": grown}}
