#!/usr/bin/env python3
"""openpyxl as the outside opinion: workbooks it writes are read as it meant them, workbooks of ours it opens."""
import datetime
import pathlib
import subprocess
import sys
import tempfile
import unittest

import openpyxl

PROBE = sys.argv.pop(1)


def probe(*arguments):
    done = subprocess.run([PROBE, *map(str, arguments)], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode("utf-8")


class Openpyxl(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "book.xlsx"

    def read(self, book, *sheet):
        book.save(self.path)
        lines = probe("read", self.path, *sheet).rstrip("\n").split("\n")
        return {int(number): cells for number, *cells in (line.split("\t") for line in lines)}

    def test_cells_are_read_as_they_were_meant(self):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["信息资源名称", 370200, 12.5, True, datetime.date(2018, 3, 1), "", "  边 "])
        sheet["A3"] = datetime.datetime(1999, 12, 31, 23, 59)
        sheet["C3"] = "0012"
        sheet["D3"] = "<&>\"'"
        sheet["F3"].number_format = "yyyy-mm-dd"
        rows = self.read(book)
        self.assertEqual(rows[1], ["信息资源名称", "370200", "12.5", "TRUE", "2018-03-01", "", "边"])
        self.assertEqual(rows[3], ["1999-12-31", "", "0012", "<&>\"'"])
        self.assertNotIn(2, rows)

    def test_the_date_system_of_1904(self):
        book = openpyxl.Workbook()
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active["A1"] = datetime.date(2018, 3, 1)
        self.assertEqual(self.read(book)[1], ["2018-03-01"])

    def test_merged_ranges_and_sheets_by_name(self):
        book = openpyxl.Workbook()
        second = book.create_sheet("第二张")
        second["A1"] = "甲"
        second["B3"] = "乙"
        second["B1"] = 1
        second["B2"] = 2
        second.merge_cells("A1:A3")
        rows = self.read(book, "第二张")
        self.assertEqual(rows[3], ["甲", "乙"])

    def test_hidden_sheets_are_passed_over(self):
        book = openpyxl.Workbook()
        book.active.sheet_state = "hidden"
        book.active["A1"] = "hidden"
        book.create_sheet("shown")["A1"] = "shown"
        book.active = 1
        self.assertEqual(self.read(book)[1], ["shown"])

    def test_an_export_opens_and_holds_no_formula(self):
        probe("export", self.path)
        book = openpyxl.load_workbook(self.path)
        self.assertEqual(book.sheetnames, ["政务信息资源目录", "填写说明"])
        sheet = book["政务信息资源目录"]
        self.assertEqual(sheet.freeze_panes, "G4")
        headings = {sheet.cell(3, column).value or sheet.cell(2, column).value: column for column in range(1, sheet.max_column + 1)}
        name = sheet.cell(4, headings["信息资源名称"])
        self.assertEqual((name.data_type, name.value), ("s", '=HYPERLINK("http://x")'))
        for row in sheet.iter_rows():
            for cell in row:
                self.assertNotEqual(cell.data_type, "f", cell.coordinate)
        self.assertEqual(sheet.cell(4, headings["发布日期"]).value, datetime.datetime(2018, 3, 1))
        self.assertEqual(sheet.cell(4, headings["总存储量（GB）"]).value, 12.5)
        self.assertEqual([sheet.cell(row, headings["信息项名称"]).value for row in (4, 5, 6)], ["信息项0", "信息项1", "信息项2"])
        merged = {str(one) for one in sheet.merged_cells.ranges}
        self.assertIn("F4:F6", merged)
        lists = [rule.formula1 for rule in sheet.data_validations.dataValidation]
        self.assertIn('"无条件共享,有条件共享,不予共享"', lists)

    def test_templates_open(self):
        for kind in ("SHEET_KIND_RESOURCES", "SHEET_KIND_ORGANIZATIONS", "SHEET_KIND_INFORMATION_SYSTEMS"):
            probe("template", kind, self.path)
            self.assertEqual(len(openpyxl.load_workbook(self.path).sheetnames), 2)

    def test_a_marked_sheet_has_fills_and_comments_where_cells_are_wrong(self):
        book = openpyxl.Workbook()
        book.active.append(["信息资源代码", "信息资源名称", "信息资源提供方", "共享类型"])
        book.active.append(["308001370200/000001", "甲", "没有的局", "随便"])
        book.save(self.path)
        marked = self.path.with_name("marked.xlsx")
        probe("mark", self.path, marked)
        sheet = openpyxl.load_workbook(marked).worksheets[0]
        self.assertIn("BODY_UNKNOWN", sheet["C2"].comment.text)
        self.assertIn("无条件共享、有条件共享、不予共享", sheet["D2"].comment.text)
        self.assertEqual(sheet["C2"].fill.start_color.rgb, "FFFFC7CE")
        self.assertIsNone(sheet["B2"].comment)
        self.assertEqual(openpyxl.load_workbook(marked).sheetnames[1], "问题清单")


if __name__ == "__main__":
    unittest.main()
