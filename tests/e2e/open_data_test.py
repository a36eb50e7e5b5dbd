#!/usr/bin/env python3
"""Open data as people meet them: opened by two people of a body with zq, found and taken by a stranger over plain HTTPS,
recalled by the office."""
import hashlib
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
BINS = pathlib.Path(os.environ.get("ZHANQIAO_BINS", ROOT / "build/release/bin"))
DATA = ROOT / "deploy/demo/data"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="zqopen"))
CATALOGUE = "370200-fgw_investment-catalogue"


def zq(*arguments, identity="office", check=True, known=True):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZQ_")}
    if known:
        ports = json.loads((FOLDER / "ports.json").read_text())
        environment |= {"ZQ_HUB": ports["hub"], "ZQ_CA": str(FOLDER / "ca.crt"),
                        "ZQ_CERT": str(FOLDER / f"ids/{identity}.crt"), "ZQ_KEY": str(FOLDER / f"ids/{identity}.key")}
    done = subprocess.run([BINS / "zq", "--json", *arguments], env=environment, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"zq {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
    return done


def answer(*arguments, **options):
    return json.loads(zq(*arguments, **options).stdout)


def demo(*arguments):
    return subprocess.run([BINS / "zq", "demo", *arguments, "--dir", FOLDER, "--data", DATA, "--programs", BINS], check=True,
                          capture_output=True)


def get(path, body=None, **headers):
    """Status, headers and body of an anonymous request."""
    address = json.loads((FOLDER / "ports.json").read_text())["hub"]
    if body is not None:
        headers["content-type"] = "application/json"
        body = json.dumps(body).encode()
    request = urllib.request.Request(f"https://{address}{urllib.parse.quote(path, safe='/?&=%[]:+,.')}", data=body, headers=headers)
    context = ssl.create_default_context(cafile=str(FOLDER / "ca.crt"))
    context.check_hostname = False
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=60) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


def action(call):
    status, _, body = get(f"/api/3/action/{call}")
    envelope = json.loads(body)
    if status != 200 or not envelope["success"]:
        raise AssertionError(envelope)
    return envelope["result"]


class OpenData(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(shutil.rmtree, FOLDER)
        demo("prepare", "--hub-port", "0", "--metrics-port", "0")
        cls.start()
        cls.addClassCleanup(cls.stop)
        demo("connect")
        demo("load")

    @classmethod
    def start(cls):
        cls.log = open(FOLDER / "hub.log", "ab")
        cls.hub = subprocess.Popen([BINS / "zhanqiao-hub", "--config", FOLDER / "hub.toml"], stdout=cls.log, stderr=cls.log)
        end = time.monotonic() + 120
        while not (FOLDER / "ports.json").exists():
            if cls.hub.poll() is not None or time.monotonic() > end:
                raise RuntimeError((FOLDER / "hub.log").read_text()[-2000:])
            time.sleep(0.05)

    @classmethod
    def stop(cls):
        cls.hub.terminate()
        cls.hub.wait(60)
        cls.log.close()

    def test_a_stranger_finds_and_takes_the_catalogue(self):
        found = action("package_search?q=投资&facet.field=[\"organization\"]")
        self.assertEqual([one["name"] for one in found["results"]], [CATALOGUE])
        csv = next(one for one in found["results"][0]["resources"] if one["format"] == "CSV")
        status, headers, body = get(urllib.parse.urlsplit(csv["url"]).path)
        self.assertEqual(status, 200)
        self.assertEqual(body, (DATA / "investment_catalogue_2017.csv").read_bytes())
        self.assertEqual(csv["hash"], "sha256:" + hashlib.sha256(body).hexdigest())
        self.assertEqual(get(urllib.parse.urlsplit(csv["url"]).path, **{"if-none-match": headers["etag"]})[0], 304)
        rows = action(f"datastore_search?resource_id={csv['id']}&limit=5&sort=item_code")
        self.assertEqual(rows["total"], 121)
        self.assertEqual(len(json.loads(get(f"/download/{CATALOGUE}/data.json")[2])), 121)

    def test_samples_are_told_apart(self):
        samples = action("package_search?fq=sample:true")["results"]
        self.assertEqual(len(samples), 1)
        self.assertIn("样例", samples[0]["notes"])

    def test_the_count_has_what_others_rely_on(self):
        counted = answer("dataset", "count", "--list")
        self.assertGreaterEqual(counted["counted"], 4)
        self.assertEqual(counted["target"], 1400)
        self.assertEqual(counted["missing"], 1400 - counted["counted"])

    def test_from_a_file_to_the_public_and_back(self):
        columns = [{"field": "district", "display_name": "区市", "data_type": "DATA_TYPE_CHARACTER", "role": "COLUMN_ROLE_ORDINARY"},
                   {"field": "persons", "display_name": "人数", "data_type": "DATA_TYPE_INTEGER", "role": "COLUMN_ROLE_PERSON_COUNT"}]
        dataset = {"name": "organizations/370200-FGW/datasets/by-district", "resource": "resources/308001370200~000001", "title": "分区市人数",
                   "description": "测试", "update_cycle": "UPDATE_CYCLE_MONTHLY", "access": "DATASET_ACCESS_PUBLIC", "contact": {"unit": "处"}}
        (FOLDER / "columns.json").write_text(json.dumps(columns))
        (FOLDER / "dataset.json").write_text(json.dumps(dataset))
        (FOLDER / "few.csv").write_text("区市,人数\n市南区,3\n市北区,120\n")
        (FOLDER / "many.csv").write_text("区市,人数\n市南区,*\n市北区,120\n")
        name = "370200-FGW/by-district"
        zq("dataset", "create", FOLDER / "dataset.json", identity="fgw-clerk")
        zq("dataset", "upload", name, FOLDER / "few.csv", "--columns", FOLDER / "columns.json", identity="fgw-clerk")
        refused = zq("dataset", "assess", name, identity="fgw-clerk", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertEqual([one["rule"] for one in json.loads(refused.stdout)["checks"] if not one.get("passed")], ["SMALL_CELLS"])
        zq("dataset", "upload", name, FOLDER / "many.csv", identity="fgw-clerk")
        zq("dataset", "assess", name, identity="fgw-clerk")
        zq("dataset", "propose", name, identity="fgw-clerk")
        self.assertIn("ROLE_REQUIRED", zq("dataset", "publish", name, identity="fgw-clerk", check=False).stderr)
        self.assertEqual(get("/dataset/370200-fgw_by-district.ttl")[0], 404)
        zq("dataset", "publish", name, identity="fgw-approver")
        self.assertEqual(get("/dataset/370200-fgw_by-district.ttl")[0], 200)
        self.assertEqual(get("/download/370200-fgw_by-district/data.csv")[0], 200)
        zq("dataset", "recall", name, "--reason", "测试召回")
        status, _, body = get("/download/370200-fgw_by-district/data.csv")
        self.assertEqual((status, json.loads(body)["error"]["reason"]), (410, "DATASET_RECALLED"))

    def test_what_the_public_says_is_shown_once_the_office_found_it_fit(self):
        status, _, body = get("/api/portal/submissions", {"kind": "correction", "dataset": CATALOGUE, "title": "第三行", "text": "权限有误"})
        self.assertEqual(status, 201, body)
        made = json.loads(body)["id"]
        self.assertEqual(json.loads(get(f"/api/portal/submissions?id={made}")[2])["text"], "")
        zq("submission", "moderate", made, "--show")
        zq("submission", "answer", made, "--answer", "已更正", identity="fgw-clerk")
        shown = json.loads(get(f"/api/portal/submissions?dataset={CATALOGUE}")[2])["submissions"]
        self.assertEqual([(one["text"], one["answer"], one["state"]) for one in shown], [("权限有误", "已更正", "answered")])

    def test_machines_get_their_forms(self):
        for path, kind in (("/catalog.ttl", "text/turtle"), ("/catalog.xml", "application/rdf+xml"), ("/catalog.jsonld", "application/ld+json"),
                           ("/data.json", "application/json"), ("/feeds/dataset.rss", "application/rss+xml"), ("/sitemap.xml", "application/xml"),
                           ("/robots.txt", "text/plain"), ("/openapi.json", "application/json"), ("/statistics/exchange.csv", "text/csv")):
            status, headers, body = get(path)
            self.assertEqual(status, 200, path)
            self.assertTrue(headers["content-type"].startswith(kind), path)
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertTrue(body)


if __name__ == "__main__":
    unittest.main()
