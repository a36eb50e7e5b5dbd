#!/usr/bin/env python3
"""What the portal gives to machines, looked at by libraries others wrote: rdflib, jsonschema, feedparser, openpyxl."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import feedparser
import jsonschema
import openpyxl
import rdflib
import rdflib.compare
from rdflib.namespace import DCTERMS, FOAF, RDF

PROGRAM = sys.argv.pop(1)
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
VCARD = rdflib.Namespace("http://www.w3.org/2006/vcard/ns#")
HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
FORMS = {"ttl": "turtle", "xml": "xml", "jsonld": "json-ld"}

# DCAT-AP 3.0.1, from its SHACL shapes: what each class must have once at least, and may have once at most.
NEEDED = {
    DCAT.Catalog: [DCTERMS.title, DCTERMS.description, DCTERMS.publisher],
    DCAT.Dataset: [DCTERMS.title, DCTERMS.description],
    DCAT.Distribution: [DCAT.accessURL],
    FOAF.Agent: [FOAF.name],
    SPDX.Checksum: [SPDX.algorithm, SPDX.checksumValue],
}
ONCE = {
    DCAT.Catalog: [DCTERMS.publisher, DCTERMS.issued, DCTERMS.modified, DCTERMS.license, FOAF.homepage],
    DCAT.Dataset: [DCTERMS.accrualPeriodicity, DCTERMS.accessRights, DCTERMS.publisher, DCTERMS.issued, DCTERMS.modified, DCAT.version],
    DCAT.Distribution: [DCTERMS["format"], DCAT.mediaType, DCAT.byteSize, DCTERMS.license, SPDX.checksum, DCTERMS.modified],
    FOAF.Agent: [DCTERMS.type],
    SPDX.Checksum: [SPDX.algorithm, SPDX.checksumValue],
}
RECOMMENDED = [DCAT.contactPoint, DCAT.distribution, DCAT.keyword, DCTERMS.publisher, DCTERMS.spatial, DCAT.theme]

# DCAT-US 1.1 non-federal: required fields and forms as resources.data.gov lists them.
DATA_JSON = {
    "type": "object",
    "required": ["conformsTo", "dataset"],
    "properties": {
        "conformsTo": {"const": "https://project-open-data.cio.gov/v1.1/schema"},
        "dataset": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["title", "description", "keyword", "modified", "publisher", "contactPoint", "identifier", "accessLevel"],
                "not": {"anyOf": [{"required": ["bureauCode"]}, {"required": ["programCode"]}]},
                "properties": {
                    "title": {"type": "string", "minLength": 1},
                    "description": {"type": "string", "minLength": 1},
                    "keyword": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
                    "modified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                    "publisher": {"type": "object", "required": ["name"]},
                    "contactPoint": {
                        "type": "object",
                        "required": ["fn", "hasEmail"],
                        "properties": {"hasEmail": {"type": "string", "pattern": r"^mailto:[^@\s]+@[^@\s]+$"}},
                    },
                    "accessLevel": {"enum": ["public", "restricted public", "non-public"]},
                    "rights": {"type": "string", "maxLength": 255},
                    "accrualPeriodicity": {"type": "string", "pattern": r"^(R/P.*|irregular)$"},
                    "distribution": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "anyOf": [{"required": ["accessURL"]}, {"required": ["downloadURL", "mediaType"]}],
                        },
                    },
                },
            },
        },
    },
}


class Forms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        environment = dict(os.environ, PORTAL_FORMS=cls.directory.name)
        subprocess.run([PROGRAM, "--gtest_filter=PortalForms.*", "--gtest_brief=1"], env=environment, check=True)
        cls.root = pathlib.Path(cls.directory.name)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def graph(self, name, extension):
        return rdflib.Graph().parse(str(self.root / f"{name}.{extension}"), format=FORMS[extension])

    def test_the_three_forms_are_one_graph(self):
        # The catalogue's paging names its own form; everything else is the same.
        for name in ("catalog", "dataset"):
            graphs = []
            for extension in FORMS:
                graph = self.graph(name, extension)
                for subject in list(graph.subjects(RDF.type, HYDRA.PagedCollection)):
                    graph.remove((subject, None, None))
                self.assertGreater(len(graph), 20)
                graphs.append(rdflib.compare.to_isomorphic(graph))
            self.assertEqual(graphs[0], graphs[1], name)
            self.assertEqual(graphs[0], graphs[2], name)

    def test_every_class_has_what_dcat_ap_asks(self):
        graph = self.graph("catalog", "ttl")
        for kind, predicates in NEEDED.items():
            subjects = list(graph.subjects(RDF.type, kind))
            self.assertTrue(subjects, kind)
            for subject in subjects:
                for predicate in predicates:
                    self.assertTrue(list(graph.objects(subject, predicate)), f"{subject} lacks {predicate}")
                for predicate in ONCE[kind]:
                    self.assertLessEqual(len(list(graph.objects(subject, predicate))), 1, f"{subject} repeats {predicate}")
        for dataset in graph.subjects(RDF.type, DCAT.Dataset):
            for predicate in RECOMMENDED:
                self.assertTrue(list(graph.objects(dataset, predicate)), f"{dataset} lacks {predicate}")
        for card in graph.objects(None, DCAT.contactPoint):
            self.assertTrue(list(graph.objects(card, VCARD.fn)))

    def test_typed_values_are_well_formed(self):
        for extension in FORMS:
            for _, _, value in self.graph("catalog", extension):
                if isinstance(value, rdflib.Literal) and value.datatype is not None:
                    self.assertFalse(value.ill_typed if hasattr(value, "ill_typed") else value.value is None, value)

    def test_everything_is_found_from_the_catalogue(self):
        graph = self.graph("catalog", "jsonld")
        catalog = next(graph.subjects(RDF.type, DCAT.Catalog))
        listed = set(graph.objects(catalog, DCAT.dataset))
        self.assertEqual(listed, set(graph.subjects(RDF.type, DCAT.Dataset)))
        self.assertEqual(len(listed), 3)
        self.assertEqual({str(title) for title in graph.objects(None, DCTERMS.title) if "停车\"" in title}, {"<b>\"停车\" & 'x'</b> \\"} |
                         {f"<b>\"停车\" & 'x'</b> \\ ({form})" for form in ("CSV", "JSON", "XLSX")})

    def test_data_json_is_valid(self):
        document = json.loads((self.root / "data.json").read_text(encoding="utf-8"))
        jsonschema.validate(document, DATA_JSON)
        self.assertEqual({one["accessLevel"] for one in document["dataset"]}, {"public", "restricted public"})

    def test_the_feed_is_read(self):
        feed = feedparser.parse(str(self.root / "feed.rss"))
        self.assertFalse(feed.bozo)
        self.assertEqual(len(feed.entries), 3)
        self.assertTrue(all(entry.published_parsed for entry in feed.entries))
        self.assertEqual(len({entry.id for entry in feed.entries}), 3)

    def test_the_sitemap_is_xml_of_its_kind(self):
        root = ElementTree.parse(self.root / "sitemap.xml").getroot()
        self.assertEqual(root.tag, "{http://www.sitemaps.org/schemas/sitemap/0.9}urlset")
        self.assertTrue(all(location.text.startswith("https://") for location in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")))

    def test_openapi_has_schemas_that_are_schemas(self):
        document = json.loads((self.root / "openapi.json").read_text(encoding="utf-8"))
        self.assertEqual(document["openapi"], "3.1.0")
        for name, schema in document["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
        operations = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
        self.assertEqual(len(operations), len(set(operations)))

    def test_the_workbook_opens_and_holds_no_formula(self):
        book = openpyxl.load_workbook(self.root / "data.xlsx")
        self.assertEqual([cell.value for cell in book.worksheets[0][1]], ["名称", "区市", "泊位数"])
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                self.assertTrue(all(cell.data_type != "f" for cell in row))

    def test_a_harvester_reads_the_search(self):
        answer = json.loads((self.root / "search.json").read_text(encoding="utf-8"))
        self.assertTrue(answer["success"])
        self.assertEqual(answer["result"]["count"], 3)
        for package in answer["result"]["results"]:
            for key in ("id", "name", "title", "resources", "tags", "groups", "extras", "organization", "metadata_modified"):
                self.assertIn(key, package)


if __name__ == "__main__":
    unittest.main()
