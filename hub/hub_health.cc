// The state of the machine as the system administrator sees it, and the service that tells it.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "hub/hub.h"
#include "hub/ledger/index/segment_set.h"
#include "hub/ledger/note.h"
#include "hub/own_certificates.h"

namespace zhanqiao {
namespace {

namespace fs = std::filesystem;

// The nearest place above `path` that exists: what it will lie on.
fs::path Existing(fs::path path) {
  std::error_code error;
  while (!path.empty() && path != path.root_path() && !fs::exists(path, error)) path = path.parent_path();
  return path.empty() ? fs::path(".") : path;
}

std::vector<v1::Disk> DisksOf(const std::vector<fs::path>& places) {
  std::map<dev_t, v1::Disk> disks;
  for (const fs::path& place : places) {
    const std::string there = Existing(place).string();
    struct stat status {};
    struct statvfs space {};
    if (stat(there.c_str(), &status) != 0 || statvfs(there.c_str(), &space) != 0) continue;
    v1::Disk& disk = disks[status.st_dev];
    disk.add_places(place.string());
    disk.set_bytes(uint64_t{space.f_frsize} * space.f_blocks);
    disk.set_free_bytes(uint64_t{space.f_frsize} * space.f_bavail);
  }
  std::vector<v1::Disk> all;
  for (auto& [device, disk] : disks) all.push_back(std::move(disk));
  return all;
}

v1::SecondPlace SecondPlaceOf(const std::string& file, const std::string& state_dir) {
  v1::SecondPlace place;
  place.set_file(file);
  struct stat of_file {};
  struct stat of_state {};
  if (file.empty()) return place;
  const std::string there = Existing(file).string();
  if (stat(there.c_str(), &of_file) != 0 || stat(state_dir.c_str(), &of_state) != 0) return place;
  place.set_same_disk(of_file.st_dev == of_state.st_dev);
  if (there != file) return place;
  place.mutable_modify_time()->set_seconds(of_file.st_mtime);
  const auto note = ReadText(file, "SECOND_PLACE", "");
  // Origin, size, root: C2SP tlog-checkpoint.
  const std::vector<std::string> lines = note.ok() ? absl::StrSplit(*note, '\n') : std::vector<std::string>();
  uint64_t entries = 0;
  if (lines.size() > 2 && absl::SimpleAtoi(lines[1], &entries)) place.set_entries(entries);
  return place;
}

}  // namespace

v1::SystemHealth Hub::Health() const {
  v1::SystemHealth health;
  health.set_serving(!pipeline_.closed());
  if (pipeline_.closed()) health.set_reason("LEDGER_UNAVAILABLE");
  health.mutable_start_time()->set_seconds(absl::ToUnixSeconds(started_));
  health.set_entries(log_->head()->size());
  const ledger::SignedCheckpointPtr newest = checkpointer_->Latest();
  health.set_signed_entries(newest ? newest->checkpoint.size : 0);
  health.set_checkpoint_problem(ReasonOf(checkpointer_->health()));
  health.set_indexed_entries(index_->reached());
  health.set_closed_times(pipeline_.times_closed());
  health.set_checked_tiles(self_check_.tiles_checked());
  health.set_check_problems(self_check_.problems_found());
  health.set_commits_waiting(pipeline_.queued());
  health.set_exchanges_open(broker_.in_flight());
  if (server_) health.set_connections_open(server_->stats().connections_open);
  v1::ArchiveHealth& archives = *health.mutable_archives();
  archives.set_directory(ArchivesOf(config_).string());
  for (const v1::ArchiveUnit& unit : archivist_->archives()) {
    archives.set_files(archives.files() + 1);
    archives.set_bytes(archives.bytes() + unit.bytes());
    archives.set_archived_entries(std::max(archives.archived_entries(), (unit.segment() + 1) * ledger::kSegmentEntries));
    archives.set_retired_files(archives.retired_files() + (unit.retired() ? 1 : 0));
  }
  archives.set_problem(ReasonOf(archivist_->health()));
  *health.mutable_second_place() = SecondPlaceOf(config_.second_place, config_.state_dir);
  std::vector<fs::path> places = {config_.state_dir, ArchivesOf(config_), SpoolOf(config_)};
  if (!config_.second_place.empty()) places.push_back(fs::path(config_.second_place).parent_path());
  for (v1::Disk& disk : DisksOf(places)) *health.add_disks() = std::move(disk);
  for (v1::OwnCertificate& one : OwnCertificates(config_.listeners)) *health.add_own_certificates() = std::move(one);
  return health;
}

absl::Status Hub::StartAdministration() {
  TRY(certificates_.Load());
  v1::HolidayCalendar calendar;
  if (!config_.holidays.empty()) {
    const std::string csv = TRY(ReadText(config_.holidays, "HOLIDAYS_NOT_READABLE", "The holiday calendar cannot be read."));
    calendar = TRY(access::CalendarOf(csv));
    calendar.set_file(fs::path(config_.holidays).filename().string());
  }
  administration_ = std::make_unique<access::AdministrationService>(access::AdministrationService::Parts{
      .store = documents_, .certificates = certificates_, .rules = rules_, .clock = clock_, .random = random_, .calendar = std::move(calendar),
      .policy_file = fs::path(config_.policy).filename().string(), .policy_variant = config_.policy_variant,
      .health = [this] { return Health(); }});
  api::RegisterAdministration(table_, *administration_);
  sweep_.Add("certificates", [this](absl::CivilDay today) { return administration_->Run(today); });
  return absl::OkStatus();
}

}  // namespace zhanqiao
