#include "connectors/adapters/csv/watched.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"

namespace zhanqiao::connectors {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (file && !std::filesystem::is_directory(path)) return text.str();
  return Fail(absl::StatusCode::kNotFound, "SOURCE_NOT_READABLE", "The file to be served cannot be read.",
              {{"link", std::string(kLinkSource)}, {"file", path}});
}

bool IsWorkbook(const std::string& path) {
  return std::filesystem::path(path).extension() == ".xlsx";
}

// Adds the rows of `more`, whose heading must be that of `all`.
absl::Status Append(CsvTable& all, CsvTable more, const std::string& path) {
  if (all.header.empty()) {
    all = std::move(more);
    return absl::OkStatus();
  }
  if (more.header != all.header) {
    return Fail(absl::StatusCode::kInvalidArgument, "CSV_INVALID",
                "The files of the folder have different headings.",
                {{"link", std::string(kLinkSource)}, {"file", path}});
  }
  all.rows.insert(all.rows.end(), std::make_move_iterator(more.rows.begin()), std::make_move_iterator(more.rows.end()));
  return absl::OkStatus();
}

void LogBadCells(const std::string& resource, const absl::Status& status) {
  LogStatus(LogLevel::kError, "source_change_refused", WithFact(status, "resource", resource));
  for (const Violation& bad : ViolationsOf(status)) {
    Log(LogLevel::kError, "source_cell_wrong",
        {{"resource", resource},
         {"cell", bad.field},
         {"reason", bad.reason},
         {"description", bad.description}});
  }
}

}  // namespace

std::vector<WatchedFiles::Seen> WatchedFiles::See() const {
  std::vector<std::string> paths;
  if (options_.folder.empty()) {
    paths.push_back(options_.file);
  } else {
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(options_.folder, error)) {
      // "~$list.xlsx" is what Excel leaves beside a workbook that is open.
      const bool lock = file.path().filename().string().starts_with("~$");
      if (file.path().extension() == ".csv" || (IsWorkbook(file.path()) && !lock)) paths.push_back(file.path().string());
    }
    std::sort(paths.begin(), paths.end());
    if (options_.newest && paths.size() > 1) paths.erase(paths.begin(), paths.end() - 1);
  }
  std::vector<Seen> seen;
  for (const std::string& path : paths) {
    struct stat state {};
    if (stat(path.c_str(), &state) != 0) continue;
    seen.push_back(
        {path, state.st_size, state.st_mtim.tv_sec * 1'000'000'000 + state.st_mtim.tv_nsec, state.st_ino});
  }
  return seen;
}

absl::StatusOr<std::unique_ptr<Table>> WatchedFiles::Load(const std::vector<Seen>& files) const {
  if (files.empty()) {
    return Fail(absl::StatusCode::kNotFound, "SOURCE_NOT_READABLE", "There is no file to be served.",
                {{"link", std::string(kLinkSource)},
                 {"file", options_.folder.empty() ? options_.file : options_.folder}});
  }
  CsvTable all;
  for (const Seen& file : files) {
    auto cells = Cells(file.path);
    if (!cells.ok()) return WithFact(cells.status(), "file", file.path);
    TRY(Append(all, *std::move(cells), file.path));
  }
  if (options_.mapping.empty()) return TableFromCells(all, entry_);
  const Mapping mapping = TRY(LoadMapping(options_.mapping));
  return TableFromCells(all, entry_, &mapping);
}

absl::StatusOr<CsvTable> WatchedFiles::Cells(const std::string& path) const {
  std::string text = TRY(ReadFile(path));
  if (IsWorkbook(path)) return CellsOfXlsx(text, options_.sheet);
  if (options_.gb18030) text = TRY(FromGb18030(text));
  auto csv = ParseCsv(text, {.cell_bytes_max = size_t{1} << 20});
  if (!csv.ok()) return WithFact(csv.status(), "link", kLinkSource);
  return csv;
}

absl::StatusOr<std::unique_ptr<WatchedFiles>> WatchedFiles::Open(CsvOptions options, v1::Resource entry) {
  std::unique_ptr<WatchedFiles> files(new WatchedFiles(std::move(options), std::move(entry)));
  files->before_ = files->loaded_ = files->See();
  {
    absl::MutexLock lock(&files->mu_);
    files->table_ = TRY(files->Load(files->loaded_));
  }
  if (files->options_.look != absl::InfiniteDuration()) {
    files->looking_ = std::thread([one = files.get()] { one->LookAgain(); });
  }
  return files;
}

WatchedFiles::~WatchedFiles() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (looking_.joinable()) looking_.join();
}

void WatchedFiles::LookAgain() {
  for (;;) {
    {
      absl::MutexLock lock(&mu_);
      if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), options_.look)) return;
    }
    Look();
  }
}

bool WatchedFiles::Look() {
  std::vector<Seen> seen = See();
  const bool still = seen == before_;
  before_ = seen;
  if (!still || seen == loaded_) return false;
  loaded_ = seen;
  auto table = Load(seen);
  if (See() != seen) {
    loaded_.clear();  // changed while it was read: the next look decides
    return false;
  }
  if (!table.ok()) {
    LogBadCells(entry_.name(), table.status());
    return false;
  }
  Log(LogLevel::kInfo, "source_reloaded",
      {{"resource", entry_.name()}, {"rows", absl::StrCat((*table)->size())}});
  absl::MutexLock lock(&mu_);
  table_ = *std::move(table);
  return true;
}

absl::Status WatchedFiles::Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const {
  std::shared_ptr<const Table> table;
  {
    absl::ReaderMutexLock lock(&mu_);
    table = table_;
  }
  return table->Answer(query, reply);
}

AdapterFactory CsvFiles(CsvOptions options) {
  return
      [options = std::move(options)](const v1::Resource& entry) -> absl::StatusOr<std::unique_ptr<Adapter>> {
        return TRY(WatchedFiles::Open(options, entry));
      };
}

}  // namespace zhanqiao::connectors
