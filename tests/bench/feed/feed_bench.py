#!/usr/bin/env python3
"""Durable publishing: the hub's feed against PostgreSQL insert-and-commit, in turn, in one run, on one disk.

The hub checks every record against its entry, forgets no idempotency key, seals, and writes the ledger; PostgreSQL inserts
the same 260 bytes under a primary key with synchronous_commit on. Both answer only what is on the disk. Usage:
feed_bench.py --bin build/release/bin [--records N] [--rounds N] [--json FILE]
"""
import argparse
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import bench

POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))


class Postgres:
    """A server of this run, as Debian's postgres user: it refuses root."""

    def __init__(self, directory):
        self.directory, self.bins = directory, POSTGRES[-1]
        directory.mkdir()
        shutil.chown(directory, "postgres")
        directory.parent.chmod(0o755)
        self.run("initdb", "-D", directory / "data", "-A", "trust")
        self.run("pg_ctl", "-D", directory / "data", "-l", directory / "log", "-w", "-o",
                 f"-c listen_addresses= -c unix_socket_directories={directory}", "start")
        self.sql("create table feed (key text primary key, payload text not null, published timestamptz default now())")

    def run(self, program, *words):
        return subprocess.run(["runuser", "-u", "postgres", "--", str(self.bins / program), *map(str, words)], check=True,
                              capture_output=True, text=True, cwd="/").stdout

    def sql(self, text):
        return self.run("psql", "-h", self.directory, "-d", "postgres", "-Atc", text)

    def insert_and_commit(self, clients, rows, seconds):
        """Records a second of `clients` that insert `rows` in each transaction."""
        row = "(gen_random_uuid()::text, repeat('x', 224))"
        script = self.directory / "insert.sql"
        script.write_text("insert into feed (key, payload) values " + ", ".join([row] * rows) + ";\n")
        script.chmod(0o644)
        text = self.run("pgbench", "-h", self.directory, "-n", "-M", "prepared", "-c", clients, "-j", 2, "-T", seconds,
                        "-f", script, "postgres")
        return float(re.search(r"tps = ([\d.]+)", text).group(1)) * rows

    def stop(self):
        self.run("pg_ctl", "-D", self.directory / "data", "-m", "fast", "-w", "stop")


def hub_publish(bins, hub, records, batch, streams):
    code = bench.RESOURCE.split("/")[1]
    run = subprocess.run([str(bins / "bench-feed"), "publish", hub.connector, f"feeds/{code}", str(records), str(batch),
                          str(streams), bench.RESOURCE], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stdout + run.stderr)
    return json.loads(run.stdout)["records_per_s"]


def one_round(bins, round_number, postgres, options, figures):
    # A feed of its own for each figure: keys are known only once.
    for name, batch, streams in (("hub_one_record_a_message", 1, 4), ("hub_250_records_a_message", 250, 4)):
        with tempfile.TemporaryDirectory() as name_of:
            directory = pathlib.Path(name_of)
            processes = bench.Processes(directory)
            try:
                hub = bench.Hub(bins, directory, processes)
                hub.start()
                grant = hub.register()
                hub.zq("office", "feed", "declare", bench.RESOURCE.split("/")[1], "--hours", "24", "--bytes", str(1 << 34))
                figures.setdefault(name, []).append(hub_publish(bins, hub, options.records, batch, streams))
                if batch > 1:
                    run = subprocess.run([str(bins / "bench-feed"), "subscribe", hub.plain, grant, str(options.records), "bench"],
                                         capture_output=True, text=True, check=False)
                    if run.returncode != 0:
                        raise RuntimeError(f"{run.returncode} {run.stdout}{run.stderr}")
                    figures.setdefault("hub_subscribe", []).append(json.loads(run.stdout)["records_per_s"])
            finally:
                processes.stop()
    for name, clients, rows in (("postgres_4_clients", 4, 1), ("postgres_32_clients", 32, 1), ("postgres_4_clients_250_rows", 4, 250)):
        figures.setdefault(name, []).append(postgres.insert_and_commit(clients, rows, options.seconds))
    print(f"round {round_number}: " + ", ".join(f"{name} {values[-1]:,.0f}" for name, values in figures.items()), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as name:
        postgres = Postgres(pathlib.Path(name) / "postgres")
        try:
            for number in range(1, options.rounds + 1):
                one_round(options.bin.resolve(), number, postgres, options, figures)
        finally:
            postgres.stop()
    medians = {name: statistics.median(values) for name, values in figures.items()}
    # Like against like: single records from as many writers as are best for each, and batches against batches.
    best_single = max(medians["postgres_4_clients"], medians["postgres_32_clients"])
    report = {"records_per_s": medians,
              "ratios": {"single_vs_postgres": medians["hub_one_record_a_message"] / best_single,
                         "batch_vs_postgres_single": medians["hub_250_records_a_message"] / best_single,
                         "batch_vs_postgres_batch": medians["hub_250_records_a_message"] / medians["postgres_4_clients_250_rows"]}}
    print(json.dumps(report, indent=1))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
