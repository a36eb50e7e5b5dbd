#include "hub/oversight/facts/exported_facts.h"

#include <gmock/gmock.h>

#include "hub/oversight/test_office.h"

namespace zhanqiao::oversight {
namespace {

using ::testing::IsEmpty;

class RecomputeTest : public OfficeCity, public ::testing::Test {
 protected:
  RecomputeTest() {
    Today(6, 20);
    Release(3);
    Active();  // a grant, whose moves are typed entries
    Today(6, 26);
    Submit("2018-06").value();
    Accept("2018-06").value();
    Today(7, 1);
    EXPECT_TRUE(services.Run(absl::CivilDay(2018, 7, 1)).ok());
  }

  v1::ExportVersionsResponse Export() {
    v1::ExportVersionsRequest request;
    request.set_purpose("复核");
    v1::ExportVersionsResponse all;
    do {
      const auto page = services.reports().ExportVersions(Auditor(), request).value();
      all.mutable_versions()->MergeFrom(page.versions());
      all.set_to(page.to());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
  absl::StatusOr<std::unique_ptr<ExportedFacts>> Check(const v1::ExportVersionsResponse& exported) {
    return ExportedFacts::Check({exported.versions().begin(), exported.versions().end()}, exported.to(),
                                [this](uint64_t from, uint64_t to, EntryVisit visit) {
                                  return entries.Read(from, to, [&](uint64_t at, std::string_view entry, std::string_view) {
                                    return visit(at, entry);
                                  });
                                });
  }
  static v1::ExportedVersion* Find(v1::ExportVersionsResponse& exported, std::string_view name) {
    for (v1::ExportedVersion& version : *exported.mutable_versions()) {
      if (version.name() == name) return &version;
    }
    return nullptr;
  }
};

TEST_F(RecomputeTest, TheExportGivesTheSameNumbers) {
  const auto facts = Check(Export());
  ASSERT_TRUE(facts.ok()) << facts.status() << FactOf(facts.status(), "document");
  const auto all = Recompute(**facts, absl::CivilMonth(2018, 6), "", 0).value();
  ASSERT_EQ(all.size(), 2u) << "as handed in, and the whole month";
  for (const Recomputed& one : all) EXPECT_THAT(one.different, IsEmpty());
  EXPECT_EQ(FigureIn(all[0].derived, "sharing.provided_rows"), 3);
  EXPECT_EQ(FigureIn(all[0].derived, "sharing.grants_given"), 1);
}

TEST_F(RecomputeTest, FactsThatCameLaterChangeNothing) {
  Change<v1::Resource>(access::kResidence, [](v1::Resource& entry) { entry.set_state(v1::RESOURCE_STATE_WITHDRAWN); });
  Release(100);
  const auto facts = Check(Export());
  ASSERT_TRUE(facts.ok()) << facts.status();
  const std::vector<Recomputed> again = Recompute(**facts, absl::CivilMonth(2018, 6), "", 0).value();
  for (const Recomputed& one : again) EXPECT_THAT(one.different, IsEmpty());
}

TEST_F(RecomputeTest, AnAlteredVersionIsFound) {
  v1::ExportVersionsResponse exported = Export();
  v1::Resource entry;
  v1::ExportedVersion& version = *Find(exported, access::kResidence);
  ASSERT_TRUE(entry.ParseFromString(version.document()));
  entry.set_state(v1::RESOURCE_STATE_DRAFT);
  version.set_document(documents::Canonical(entry));
  const absl::Status checked = Check(exported).status();
  EXPECT_EQ(ReasonOf(checked), "VERSION_UNPROVED");
  EXPECT_EQ(FactOf(checked, "document"), access::kResidence);
}

TEST_F(RecomputeTest, AVersionThatIsLeftOutIsFound) {
  v1::ExportVersionsResponse exported = Export();
  for (int i = 0; i < exported.versions_size(); ++i) {
    if (exported.versions(i).uncommitted()) continue;
    v1::ExportVersionsResponse less = exported;
    less.mutable_versions()->DeleteSubrange(i, 1);
    EXPECT_EQ(ReasonOf(Check(less).status()), "VERSION_MISSING") << exported.versions(i).name();
  }
}

TEST_F(RecomputeTest, AVersionThatNoEntryTellsOfIsFound) {
  v1::ExportVersionsResponse exported = Export();
  v1::ExportedVersion invented = *Find(exported, access::kResidence);
  invented.set_revision(99);
  *exported.add_versions() = invented;
  EXPECT_EQ(ReasonOf(Check(exported).status()), "VERSION_UNPROVED");
  exported.mutable_versions()->rbegin()->set_uncommitted(true);
  EXPECT_EQ(ReasonOf(Check(exported).status()), "VERSION_UNCOMMITTED");
}

TEST_F(RecomputeTest, AVersionCannotBeMovedToAnotherDay) {
  v1::ExportVersionsResponse exported = Export();
  Find(exported, access::kResidence)->set_effective_date("2018-01-01");
  EXPECT_EQ(ReasonOf(Check(exported).status()), "VERSION_UNPROVED");
}

TEST_F(RecomputeTest, WithoutItsSaltNobodyCanSay) {
  v1::ExportVersionsResponse exported = Export();
  Find(exported, access::kResidence)->clear_salt();
  EXPECT_EQ(ReasonOf(Check(exported).status()), "VERSION_SALT");
}

TEST_F(RecomputeTest, AReportThatTellsOtherFiguresIsNamed) {
  const std::string name = "reports/2018-06/370200-GAJ/1";
  Change<v1::Report>(name, [](v1::Report& report) { report.mutable_figures()->mutable_figures(1)->set_value(1400); });
  const auto facts = Check(Export());
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_THAT(Recompute(**facts, absl::CivilMonth(2018, 6), "", 0).value()[0].different, ::testing::ElementsAre("catalogue.published"));
}

TEST_F(RecomputeTest, OnlyAuditorsTakeDocumentsAndSaltsAndTheLedgerSaysSo) {
  v1::ExportVersionsRequest request;
  request.set_purpose("复核");
  EXPECT_EQ(ReasonOf(services.reports().ExportVersions(OfficeOne(), request).status()), "ROLE_REQUIRED");
  request.clear_purpose();
  EXPECT_EQ(ReasonOf(services.reports().ExportVersions(Auditor(), request).status()), "TEXT_REQUIRED");
  Export();
  EXPECT_EQ(access::TestCity::Entries().back().question().kind(), "export");
}

}  // namespace
}  // namespace zhanqiao::oversight
