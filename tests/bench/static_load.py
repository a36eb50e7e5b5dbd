"""Static files beside exchange: what 2,000 requests a second for the front end's files do to the p99 of exchange.

One hub serves both on one port. The gRPC C++ client asks for records with four calls in flight, in turn alone and while h2load
takes the files of the console's first load at a fixed rate, compressed as a browser takes them. Medians of the rounds.
"""
import pathlib
import re
import statistics
import subprocess
import threading

import bench

CONNECTIONS = 4


def first_load(directory):
    """The pages and the files they name: what a browser that comes for the first time asks for."""
    paths = []
    for page, address in (("index.html", "/"), ("console/index.html", "/console/")):
        paths.append(address)
        paths += re.findall(r'(?:src|href)="(/[^"]+)"', (directory / page).read_text(encoding="utf-8"))
    return sorted(set(paths))


class StaticLoad(threading.Thread):
    """h2load at `rate` requests a second for `seconds`; afterwards what it saw."""

    def __init__(self, port, paths, rate, seconds, directory):
        super().__init__()
        uris = directory / "uris.txt"
        uris.write_text("\n".join(f"http://127.0.0.1:{port}{path}" for path in paths) + "\n", encoding="ascii")
        self.command = ["h2load", "-c", str(CONNECTIONS), "-m", "16", "-t", "1", "--rps", str(rate // CONNECTIONS), "-D", str(seconds),
                        "-H", "accept-encoding: br", "-i", str(uris)]
        self.result = {}

    def run(self):
        text = subprocess.run(self.command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=300).stdout
        done = re.search(r"finished in [\d.]+\w+, ([\d.]+) req/s, ([\d.]+)(\w+)/s", text)
        answered = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text)
        if done and answered:
            self.result = {"requests_per_s": float(done.group(1)), "answered": int(answered.group(1)),
                           "refused": sum(int(answered.group(i)) for i in (2, 3, 4)), "volume": f"{done.group(2)} {done.group(3)}/s"}


def run(bins, directory, processes, options):
    pages = (bins.parent / "console").resolve()
    hub = bench.Hub(bins, directory, processes)
    hub.settings = f'[console]\ndirectory = "{pages}"\n'
    hub.start()
    grant = hub.register()
    processes.start("agent", bins / "bench-provider", "--hub", hub.connector, "--resource", bench.RESOURCE)
    seconds, rate = (3 if options.quick else 8), options.static_rate

    def exchange(length, in_flight):
        return bench.client(bins, ["--target", hub.plain, "--mode", "unary", "--grant", grant, "--connections", CONNECTIONS,
                                   "--in-flight", in_flight, "--seconds", length])

    end = bench.time.monotonic() + 20
    while True:
        try:
            exchange(0.2, 1)
            break
        except RuntimeError:
            if bench.time.monotonic() > end:
                raise
            bench.time.sleep(0.2)
    port, paths = hub.plain.rsplit(":", 1)[1], first_load(pages)
    figures = {}
    for _ in range(2 if options.quick else 5):
        for in_flight in (1, 8):
            alone, beside = (figures.setdefault(f"{CONNECTIONS}x{in_flight} {name}", []) for name in ("alone", "beside static"))
            alone.append(exchange(seconds, in_flight))
            load = StaticLoad(port, paths, rate, seconds + 1, directory)
            before = bench.cpu_seconds(hub.process.pid)
            load.start()
            bench.time.sleep(0.5)  # the load is under way before the first call is timed
            result = exchange(seconds, in_flight)
            load.join()
            if not load.result or load.result["refused"]:
                raise RuntimeError(f"the files were not served: {load.result}")
            beside.append({**result, **load.result, "hub_cpu": bench.cpu_seconds(hub.process.pid) - before})
    median = statistics.median
    runs = {name: {key: median(one[key] for one in found) for key in ("calls_per_s", "p50_ms", "p99_ms", "requests_per_s") if key in found[0]}
            for name, found in figures.items()}
    ratios = {f"p99_{CONNECTIONS}x{n}": runs[f"{CONNECTIONS}x{n} beside static"]["p99_ms"] / runs[f"{CONNECTIONS}x{n} alone"]["p99_ms"]
              for n in (1, 8)}
    return {"static": {"files": len(paths), "asked_per_s": rate, "runs": runs, "ratios": ratios,
                       "volume": figures[f"{CONNECTIONS}x1 beside static"][-1]["volume"]}}
