#include "catalog/storage/rocks_store.h"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "catalog/storage/rocks_log.h"

namespace zhanqiao::storage {
namespace {

namespace fs = std::filesystem;

// Column families in the order of Table. RocksDB insists on one called "default"; it stays empty.
constexpr std::array<const char*, kTableCount> kFamilies = {"meta",    "documents", "feed",
                                                           "entries", "tiles",     "salts",
                                                           "segments", "published", "feeds"};

rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// What RocksDB says goes to the operator's log, never into an answer.
void Tell(std::string_view event, const fs::path& path, const rocksdb::Status& status) {
  Log(LogLevel::kError, event, {{"store", path.string()}, {"detail", status.ToString()}});
}

absl::Status Closed() {
  return Fail(absl::StatusCode::kUnavailable, "STORE_CLOSED",
              "A write failed and the store is closed; the hub's log says why, and it opens again once that is over.");
}

absl::Status InUse(const fs::path& path) {
  return Fail(absl::StatusCode::kFailedPrecondition, "STORE_IN_USE",
              "Another process has this store open; stop it or name another directory.",
              {{"store", path.string()}});
}

absl::Status OpenFailed(const fs::path& path, std::string_view why) {
  return Fail(absl::StatusCode::kUnavailable, "STORE_OPEN_FAILED",
              "The store cannot be opened; check that its directory exists and may be read and written.",
              {{"store", path.string()}, {"cause", std::string(why)}});
}

absl::Status DiskFull(const fs::path& path, uint64_t free_bytes, uint64_t needed_bytes) {
  return Fail(absl::StatusCode::kResourceExhausted, "STORE_DISK_FULL",
              "The disk of the store is full; free some space and start again.",
              {{"store", path.string()}, {"free_bytes", absl::StrCat(free_bytes)},
               {"needed_bytes", absl::StrCat(needed_bytes)}});
}

absl::Status Newer(const fs::path& path, std::string_view format) {
  return Fail(absl::StatusCode::kFailedPrecondition, "STORE_FORMAT_NEWER",
              "A newer version of this program wrote the store; use that version or a later one.",
              {{"store", path.string()}, {"format", std::string(format)}, {"known", absl::StrCat(kFormat)}});
}

absl::Status Foreign(const fs::path& path) {
  return Fail(absl::StatusCode::kFailedPrecondition, "STORE_FOREIGN",
              "The directory holds a database that is no hub's store; name another directory.",
              {{"store", path.string()}});
}

absl::Status FromOpen(const fs::path& path, const rocksdb::Status& status) {
  Tell("store_open_failed", path, status);
  if (status.IsNoSpace()) return DiskFull(path, 0, 0);
  if (status.IsCorruption()) {
    return Fail(absl::StatusCode::kDataLoss, "STORE_DAMAGED",
                "The store is damaged and was left as it is; keep a copy and restore the last backup.",
                {{"store", path.string()}});
  }
  return OpenFailed(path, "database");
}

absl::Status ReadFailed(const rocksdb::Status& status) {
  Tell("store_read_failed", "", status);
  if (status.IsCorruption()) {
    return Fail(absl::StatusCode::kDataLoss, "STORE_DAMAGED",
                "A stored row is damaged; restore the last backup.");
  }
  return Fail(absl::StatusCode::kUnavailable, "STORE_READ_FAILED", "The store cannot be read; try again later.");
}

// Turns an error of RocksDB's background threads into a closed store.
class ErrorListener final : public rocksdb::EventListener {
 public:
  explicit ErrorListener(fs::path path) : path_(std::move(path)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    Tell("store_background_error", path_, *status);
    failed_.store(true, std::memory_order_release);
  }
  // RocksDB would go on by itself, on the same files, once there is space; it is closed and opened anew instead.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
  bool failed() const { return failed_.load(std::memory_order_acquire); }

 private:
  const fs::path path_;
  std::atomic<bool> failed_{false};
};

// An advisory lock on a file in the store's directory, given back when this goes.
class DirectoryLock {
 public:
  DirectoryLock() = default;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  absl::Status Take(const fs::path& store, bool writer) {
    const fs::path file = store / "zhanqiao.lock";
    fd_ = ::open(file.c_str(), writer ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0600);
    if (fd_ < 0 && !writer && errno == ENOENT) return absl::OkStatus();
    if (fd_ < 0 && errno == ENOSPC) return DiskFull(store, 0, 0);
    if (fd_ < 0) return OpenFailed(store, "lock file");
    if (::flock(fd_, (writer ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return absl::OkStatus();
    return errno == EWOULDBLOCK ? InUse(store) : OpenFailed(store, "lock");
  }

 private:
  int fd_ = -1;
};

rocksdb::ColumnFamilyOptions FamilyOptions(Table table, const RocksStore::Options& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  // Keys of the log are read only where they are: a filter would be made for nothing.
  const bool log = table == Table::kEntries || table == Table::kTiles || table == Table::kSalts;
  if (!log) blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.format_version = 5;
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  family.write_buffer_size = options.memtable_bytes;
  family.memtable_protection_bytes_per_key = 8;
  family.paranoid_file_checks = true;
  // Rows of the log come in key order: each is put beside the one before, without a search from the top.
  if (log) family.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  // Tiles, salts and what is sealed are random bytes.
  if (table == Table::kTiles || table == Table::kSalts || table == Table::kSegments) family.compression = rocksdb::kNoCompression;
  return family;
}

rocksdb::DBOptions DatabaseOptions(const RocksStore::Options& options) {
  rocksdb::DBOptions db;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.track_and_verify_wals_in_manifest = true;
  db.paranoid_checks = true;
  db.max_total_wal_size = options.wal_bytes_max;
  db.max_bgerror_resume_count = 0;
  db.max_background_jobs = 2;
  db.bytes_per_sync = 1 << 20;
  db.info_log_level = rocksdb::InfoLogLevel::INFO_LEVEL;
  db.keep_log_file_num = 10;
  db.stats_dump_period_sec = 0;
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> Families(const RocksStore::Options& options) {
  const auto cache = rocksdb::NewLRUCache(options.cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families = {{"default", rocksdb::ColumnFamilyOptions()}};
  for (int table = 0; table < kTableCount; ++table) {
    families.emplace_back(kFamilies[static_cast<size_t>(table)],
                          FamilyOptions(static_cast<Table>(table), options, cache));
  }
  return families;
}

// An open database and its column families. Closed when this goes, told to `closed` if that is set.
struct Database {
  std::unique_ptr<rocksdb::DB> db;
  // "default" first, then in the order of Table. To a reader of a store that was made before a table was, "default", which
  // is empty, stands for it.
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::shared_ptr<absl::Notification> closed;          // shared with who waits for it

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    for (size_t i = 0; i < families.size(); ++i) {
      if (i > 0 && families[i] == families[0]) continue;
      db->DestroyColumnFamilyHandle(families[i]).PermitUncheckedError();
    }
    if (db) db->Close().PermitUncheckedError();
    db.reset();
    if (closed) closed->Notify();
  }
  rocksdb::ColumnFamilyHandle* family(Table table) const { return families[static_cast<size_t>(table) + 1]; }
};

absl::StatusOr<std::optional<std::string>> GetIn(const Database& in, const rocksdb::Snapshot* snapshot,
                                                 Table table, std::string_view key) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = in.db->Get(options, in.family(table), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ReadFailed(status);
  return std::optional<std::string>(std::move(value));
}

absl::Status ScanIn(const Database& in, const rocksdb::Snapshot* snapshot, Table table, std::string_view from,
                    std::string_view to, const Reader::Visit& visit) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const rocksdb::Slice bound = ToSlice(to);
  if (!to.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> row(in.db->NewIterator(options, in.family(table)));
  for (row->Seek(ToSlice(from)); row->Valid(); row->Next()) {
    if (!visit(View(row->key()), View(row->value()))) return absl::OkStatus();
  }
  return row->status().ok() ? absl::OkStatus() : ReadFailed(row->status());
}

absl::Status ScanBackwardsIn(const Database& in, const rocksdb::Snapshot* snapshot, Table table,
                             std::string_view from, std::string_view to, const Reader::Visit& visit) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const rocksdb::Slice lower = ToSlice(from);
  const rocksdb::Slice upper = ToSlice(to);
  if (!from.empty()) options.iterate_lower_bound = &lower;
  if (!to.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> row(in.db->NewIterator(options, in.family(table)));
  for (row->SeekToLast(); row->Valid(); row->Prev()) {
    if (!visit(View(row->key()), View(row->value()))) return absl::OkStatus();
  }
  return row->status().ok() ? absl::OkStatus() : ReadFailed(row->status());
}

// Reads of one database state; without a snapshot, of a database nobody writes.
class RocksReader final : public Reader {
 public:
  explicit RocksReader(std::shared_ptr<const Database> in) : in_(std::move(in)), snapshot_(in_->db->GetSnapshot()) {}
  ~RocksReader() override { in_->db->ReleaseSnapshot(snapshot_); }
  absl::StatusOr<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    return GetIn(*in_, snapshot_, table, key);
  }
  absl::Status Scan(Table table, std::string_view from, std::string_view to, const Visit& visit) const override {
    return ScanIn(*in_, snapshot_, table, from, to, visit);
  }
  absl::Status ScanBackwards(Table table, std::string_view from, std::string_view to,
                             const Visit& visit) const override {
    return ScanBackwardsIn(*in_, snapshot_, table, from, to, visit);
  }

 private:
  const std::shared_ptr<const Database> in_;  // shared with the store: kept open for this reader
  const rocksdb::Snapshot* const snapshot_;
};

// Answers for a store between closing and opening.
class ClosedReader final : public Reader {
 public:
  absl::StatusOr<std::optional<std::string>> Get(Table, std::string_view) const override { return Closed(); }
  absl::Status Scan(Table, std::string_view, std::string_view, const Visit&) const override { return Closed(); }
  absl::Status ScanBackwards(Table, std::string_view, std::string_view, const Visit&) const override {
    return Closed();
  }
};

// A stopped store, opened for reading.
class StoppedStore final : public Reader {
 public:
  absl::Status Open(const fs::path& path);
  absl::StatusOr<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    return GetIn(in_, nullptr, table, key);
  }
  absl::Status Scan(Table table, std::string_view from, std::string_view to, const Visit& visit) const override {
    return ScanIn(in_, nullptr, table, from, to, visit);
  }
  absl::Status ScanBackwards(Table table, std::string_view from, std::string_view to,
                             const Visit& visit) const override {
    return ScanBackwardsIn(in_, nullptr, table, from, to, visit);
  }

 private:
  DirectoryLock lock_;
  Database in_;
};

bool IsOurs(std::string_view family) {
  for (const char* known : kFamilies) {
    if (family == known) return true;
  }
  return false;
}

// Whether the "default" family of the database holds a row, which no store of ours does.
bool HoldsForeignRows(const fs::path& path) {
  rocksdb::Options options;
  options.info_log = NoDiary();
  rocksdb::DB* raw = nullptr;
  if (!rocksdb::DB::OpenForReadOnly(options, path.string(), &raw).ok()) return false;
  const std::unique_ptr<rocksdb::DB> db(raw);
  const std::unique_ptr<rocksdb::Iterator> row(db->NewIterator(rocksdb::ReadOptions()));
  row->SeekToFirst();
  return row->Valid();
}

// Refuses databases that are not a store of a format we know, before anything in them is changed.
absl::Status CheckFamilies(const fs::path& path) {
  std::vector<std::string> names;
  const rocksdb::Status status =
      rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), path.string(), &names);
  if (!status.ok()) return FromOpen(path, status);
  bool has_meta = false;
  bool has_unknown = false;
  for (const auto& name : names) {
    has_meta |= name == kFamilies[0];
    has_unknown |= name != "default" && !IsOurs(name);
  }
  if (has_meta && has_unknown) return Newer(path, "");
  if (has_unknown || (!has_meta && HoldsForeignRows(path))) return Foreign(path);
  return absl::OkStatus();
}

// Reads the format; a store without one must be empty (a first start that was cut off).
absl::StatusOr<bool> HasFormat(const fs::path& path, const Database& in) {
  const std::optional<std::string> format = TRY(GetIn(in, nullptr, Table::kMeta, kFormatKey));
  if (format) {
    int number = 0;
    if (!absl::SimpleAtoi(*format, &number) || number < 1) return Foreign(path);
    if (number > kFormat) return Newer(path, *format);
    return true;
  }
  bool empty = true;
  for (int table = 0; table < kTableCount; ++table) {
    TRY(ScanIn(in, nullptr, static_cast<Table>(table), "", "", [&](std::string_view, std::string_view) {
      empty = false;
      return false;
    }));
  }
  if (!empty) return Foreign(path);
  return false;
}

// Bytes in the write-ahead logs: opening writes them again as tables.
uint64_t BytesToRecover(const fs::path& path) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(path, error)) {
    if (file.path().extension() != ".log") continue;
    const uint64_t size = file.file_size(error);
    if (!error) bytes += size;
  }
  return bytes;
}

// A full disk makes this build of RocksDB abort instead of answering, so space is checked first.
absl::Status CheckSpace(const fs::path& path, uint64_t free_bytes_min) {
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0) return OpenFailed(path, "statvfs");
  const uint64_t free_bytes = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
  const uint64_t to_recover = BytesToRecover(path);
  const uint64_t needed_bytes = std::max(free_bytes_min, free_bytes_min + to_recover);  // the sum may wrap round
  return free_bytes < needed_bytes ? DiskFull(path, free_bytes, needed_bytes) : absl::OkStatus();
}

// Whether the directory takes a synced write, tried on a file that is none of RocksDB's.
absl::Status TryWriting(const fs::path& path) {
  const fs::path file = path / "zhanqiao.probe";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return OpenFailed(path, "probe file");
  const std::string bytes(64 << 10, '\0');
  const bool written = ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  const bool synced = written && ::fdatasync(fd) == 0;
  const bool closed = ::close(fd) == 0;
  std::error_code error;
  fs::remove(file, error);
  return synced && closed && !error ? absl::OkStatus() : OpenFailed(path, "probe write");
}

absl::Status StoppedStore::Open(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path / "CURRENT", error)) {
    return Fail(absl::StatusCode::kNotFound, "STORE_MISSING", "There is no store in this directory.",
                {{"store", path.string()}});
  }
  TRY(lock_.Take(path, false));
  TRY(CheckFamilies(path));
  rocksdb::DBOptions options = DatabaseOptions(RocksStore::Options());
  options.info_log = NoDiary();
  std::vector<std::string> there;
  rocksdb::Status status = rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), path.string(), &there);
  if (!status.ok()) return FromOpen(path, status);
  const std::vector<rocksdb::ColumnFamilyDescriptor> all = Families(RocksStore::Options());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& family : all) {
    if (std::find(there.begin(), there.end(), family.name) != there.end()) families.push_back(family);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  status = rocksdb::DB::OpenForReadOnly(options, path.string(), families, &handles, &raw);
  if (!status.ok()) return FromOpen(path, status);
  in_.db.reset(raw);
  for (size_t i = 0, next = 0; i < all.size(); ++i) {
    const bool has = next < families.size() && families[next].name == all[i].name;
    in_.families.push_back(has ? handles[next++] : handles[0]);
  }
  return HasFormat(path, in_).status();
}

}  // namespace

struct RocksStore::Impl {
  Impl(fs::path directory, const Options& given) : path(std::move(directory)), options(given) {}
  absl::Status Open();
  // Opens the files, for writing or only for reading; fills `in`, and `errors` for writing.
  absl::Status OpenDatabase(bool writer);
  // What reads use now; null while the store is being opened anew.
  std::shared_ptr<const Database> Use() const {
    absl::ReaderMutexLock reading(&mu);
    return in;
  }
  // Takes the database away from readers to come and waits until the present ones are done and it is closed.
  bool CloseDatabase();

  const fs::path path;
  const Options options;
  DirectoryLock lock;
  mutable absl::Mutex mu;  // makes exchanging the database one step
  std::shared_ptr<const Database> in ABSL_GUARDED_BY(mu);  // shared with reads under way
  absl::Mutex write;  // makes check-closed-then-write one step
  std::shared_ptr<ErrorListener> errors ABSL_GUARDED_BY(write);  // shared with RocksDB
  rocksdb::WriteBatch rows ABSL_GUARDED_BY(write);  // kept for its memory
  bool closed ABSL_GUARDED_BY(write) = false;
};

absl::Status RocksStore::Impl::Open() {
  std::error_code error;
  if (!fs::exists(path, error)) {
    fs::create_directories(path, error);
    if (error) return OpenFailed(path, "directory");
    fs::permissions(path, fs::perms::owner_all, error);
  }
  TRY(CheckSpace(path, options.free_bytes_min));
  TRY(lock.Take(path, true));
  if (fs::exists(path / "CURRENT", error)) TRY(CheckFamilies(path));
  return OpenDatabase(true);
}

absl::Status RocksStore::Impl::OpenDatabase(bool writer) {
  auto database = std::make_shared<Database>();
  database->closed = std::make_shared<absl::Notification>();
  auto listener = std::make_shared<ErrorListener>(path);
  rocksdb::DBOptions db_options = DatabaseOptions(options);
  rocksdb::DB* raw = nullptr;
  rocksdb::Status status;
  if (writer) {
    db_options.create_if_missing = true;
    db_options.create_missing_column_families = true;
    db_options.listeners.push_back(listener);
    db_options.info_log = DiaryIn(path);
    status = rocksdb::DB::Open(db_options, path.string(), Families(options), &database->families, &raw);
  } else {
    db_options.info_log = NoDiary();
    status = rocksdb::DB::OpenForReadOnly(db_options, path.string(), Families(options), &database->families, &raw);
  }
  if (!status.ok()) return FromOpen(path, status);
  database->db.reset(raw);
  if (writer) {
    absl::MutexLock writing(&write);
    errors = std::move(listener);
  }
  absl::MutexLock exchange(&mu);
  in = std::move(database);
  return absl::OkStatus();
}

bool RocksStore::Impl::CloseDatabase() {
  std::shared_ptr<const Database> taken;
  {
    absl::MutexLock exchange(&mu);
    taken = std::exchange(in, nullptr);
  }
  if (taken == nullptr) return true;
  const std::weak_ptr<const Database> leaving = taken;
  const std::shared_ptr<absl::Notification> closed_now = taken->closed;
  taken.reset();  // outside of the lock: perhaps the last one, which closes
  if (closed_now->WaitForNotificationWithTimeout(options.readers_wait_max)) return true;
  std::shared_ptr<const Database> still_read = leaving.lock();
  if (still_read == nullptr) {
    closed_now->WaitForNotification();
    return true;
  }
  absl::MutexLock exchange(&mu);
  in = std::move(still_read);
  return false;
}

RocksStore::RocksStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RocksStore::~RocksStore() = default;

absl::StatusOr<std::unique_ptr<RocksStore>> RocksStore::Open(const fs::path& path, const Options& options) {
  std::unique_ptr<RocksStore> store(new RocksStore(std::make_unique<Impl>(path, options)));
  TRY(store->impl_->Open());
  const bool has_format = TRY(HasFormat(path, *store->impl_->Use()));
  if (!has_format) {
    Batch format;
    format.Put(Table::kMeta, std::string(kFormatKey), absl::StrCat(kFormat));
    TRY(store->Apply(format));
  }
  return store;
}

absl::StatusOr<std::unique_ptr<Reader>> RocksStore::OpenReadOnly(const fs::path& path) {
  auto store = std::make_unique<StoppedStore>();
  TRY(store->Open(path));
  return std::unique_ptr<Reader>(std::move(store));
}

absl::StatusOr<std::optional<std::string>> RocksStore::Get(Table table, std::string_view key) const {
  const auto in = impl_->Use();
  if (in == nullptr) return Closed();
  return GetIn(*in, nullptr, table, key);
}

absl::Status RocksStore::Scan(Table table, std::string_view from, std::string_view to,
                              const Visit& visit) const {
  const auto in = impl_->Use();
  return in == nullptr ? Closed() : ScanIn(*in, nullptr, table, from, to, visit);
}

absl::Status RocksStore::ScanBackwards(Table table, std::string_view from, std::string_view to,
                                       const Visit& visit) const {
  const auto in = impl_->Use();
  return in == nullptr ? Closed() : ScanBackwardsIn(*in, nullptr, table, from, to, visit);
}

std::unique_ptr<Reader> RocksStore::Snapshot() const {
  auto in = impl_->Use();
  if (in == nullptr) return std::make_unique<ClosedReader>();
  return std::make_unique<RocksReader>(std::move(in));
}

absl::Status RocksStore::Apply(const Batch& batch) {
  absl::MutexLock lock(&impl_->write);
  if (impl_->closed || impl_->errors->failed()) return Closed();
  const auto in = impl_->Use();
  rocksdb::WriteBatch& rows = impl_->rows;
  rows.Clear();
  rocksdb::Status status;
  for (const auto& write : batch.writes()) {
    auto* family = in->family(write.table);
    status = write.value ? rows.Put(family, write.key, *write.value) : rows.Delete(family, write.key);
    if (!status.ok()) break;
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  if (status.ok()) status = in->db->Write(options, &rows);
  if (status.ok()) return absl::OkStatus();
  impl_->closed = true;
  Tell("store_write_failed", impl_->path, status);
  return Closed();
}

absl::Status RocksStore::Reopen() {
  {
    absl::MutexLock lock(&impl_->write);
    if (!impl_->closed && !impl_->errors->failed()) return absl::OkStatus();
    impl_->closed = true;  // until it is wholly open again
  }
  TRY(TryWriting(impl_->path));
  TRY(CheckSpace(impl_->path, impl_->options.free_bytes_min));
  if (!impl_->CloseDatabase()) return Closed();
  const absl::Status opened = impl_->OpenDatabase(true);
  if (!opened.ok()) {
    // What is on the disk can perhaps still be read.
    impl_->OpenDatabase(false).IgnoreError();
    return opened;
  }
  TRY(HasFormat(impl_->path, *impl_->Use()));
  absl::MutexLock lock(&impl_->write);
  impl_->closed = false;
  return absl::OkStatus();
}

absl::Status RocksStore::Compact(Table table, std::string_view from, std::string_view to) {
  const auto in = impl_->Use();
  if (in == nullptr) return Closed();
  // Every family is flushed, so that no write-ahead log with the deleted rows has to stay.
  rocksdb::Status status = in->db->Flush(rocksdb::FlushOptions(), in->families);
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  const rocksdb::Slice begin = ToSlice(from);
  const rocksdb::Slice end = ToSlice(to);
  if (status.ok()) {
    status = in->db->CompactRange(options, in->family(table), &begin, to.empty() ? nullptr : &end);
  }
  if (status.ok()) return absl::OkStatus();
  Tell("store_compaction_failed", impl_->path, status);
  return Fail(absl::StatusCode::kUnavailable, "STORE_COMPACTION_FAILED",
              "Deleted rows could not be taken off the disk; see the hub's log and try again.");
}

}  // namespace zhanqiao::storage
