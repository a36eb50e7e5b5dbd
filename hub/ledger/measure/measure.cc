#include "hub/ledger/measure/measure.h"

#include <malloc.h>

#include <fstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "hub/ledger/audit/questions.h"
#include "hub/ledger/measure/appends.h"
#include "hub/ledger/measure/latencies.h"

namespace zhanqiao::ledger {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMonthStart = 1'796'054'400;  // 2026-12-01T00:00:00+08:00

absl::Status Wrong(std::string_view what) {
  return Fail(absl::StatusCode::kDataLoss, "MEASURE_WRONG", "A measured answer is wrong; report this.",
              {{"what", std::string(what)}});
}

uint64_t BytesIn(const fs::path& directory, std::string_view extension) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& file : fs::recursive_directory_iterator(directory, error)) {
    const bool counts = extension.empty() || file.path().extension() == extension;
    if (counts && file.is_regular_file(error)) bytes += file.file_size(error);
  }
  return bytes;
}

// A line of /proc/self/status in MiB.
double MemoryMib(std::string_view line) {
  std::ifstream in("/proc/self/status");
  for (std::string text; std::getline(in, text);) {
    uint64_t kib = 0;
    const std::vector<std::string> words = absl::StrSplit(text, absl::ByAnyChar(": \t"), absl::SkipEmpty());
    if (words.size() >= 2 && words[0] == line && absl::SimpleAtoi(words[1], &kib))
      return static_cast<double>(kib) / 1024;
  }
  return 0;
}

class Measuring {
 public:
  Measuring(const MeasureOptions& options, const std::function<void(std::string_view)>& progress)
      : options_(options),
        progress_(progress),
        clock_(absl::FromUnixSeconds(kMonthStart),
               absl::Hours(24 * 30) / static_cast<double>(options.entries)),
        entries_(options.seed),
        random_(options.seed) {}

  absl::StatusOr<std::vector<Figure>> Run() {
    hub_ = TRY(ScratchHub::Open(options_.directory, clock_));
    TRY(hub_->StartIndex());
    TRY(Appends());
    TRY(FillUp());
    TRY(Proofs());
    TRY(Questions());
    TRY(Rollups());
    if (options_.archives) TRY(Archives());
    TRY(Restart());
    Sizes();
    return std::move(figures_);
  }

 private:
  absl::Status Appends();
  absl::Status FillUp();
  absl::Status Proofs();
  absl::Status Questions();
  absl::Status Rollups();
  absl::Status Archives();
  absl::Status Restart();
  void Sizes();

  void Tell(std::string_view what) {
    if (progress_) progress_(what);
  }
  void Add(std::string key, double value, std::string what, std::string goal = "") {
    figures_.push_back({std::move(key), value, std::move(what), std::move(goal)});
  }
  void AddLatency(const std::string& key, Latencies& latencies, const std::string& what,
                  const std::string& goal) {
    Add(key + "_p50_ms", latencies.At(0.5) / 1000, what + ", p50, ms", goal);
    Add(key + "_p99_ms", latencies.At(0.99) / 1000, what + ", p99, ms");
  }
  SegmentSet Indexed() { return hub_->index->Snapshot(absl::Now() + absl::Minutes(30)); }
  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }

  const MeasureOptions& options_;
  const std::function<void(std::string_view)>& progress_;
  SpreadClock clock_;
  RandomEntries entries_;
  std::mt19937_64 random_;
  std::unique_ptr<ScratchHub> hub_;
  std::vector<Figure> figures_;
};

absl::Status Measuring::Appends() {
  struct Case {
    const char* key;
    const char* what;
    const char* goal;
    size_t clients;
    size_t batch;
    uint64_t count;
  };
  const uint64_t scale = std::max<uint64_t>(options_.entries / 20, 1000);
  const Case cases[] = {
      {"append_1", "one client, one entry a commit", "", 1, 1, std::min<uint64_t>(scale, 3000)},
      {"append_64_clients", "64 clients, one entry a commit", "", 64, 1, std::min<uint64_t>(scale, 100'000)},
      {"append_1024", "commits of 1,024 entries", "50k / 150k", 2, 1024, std::min<uint64_t>(scale, 200'000)}};
  // Every client count twice: checkpoints at every 100 ms, and none while it is measured.
  for (const bool signing : {true, false}) {
    if (signing) TRY(hub_->StartCheckpoints(absl::Milliseconds(100)));
    if (!signing) hub_->checkpointer.reset();
    for (const Case& one : cases) {
      Tell(absl::StrCat("appends: ", one.what, signing ? "" : ", no checkpoints"));
      const AppendFigures figures =
          TRY(MeasureAppends(*hub_, clock_, entries_, one.clients, one.batch, one.count));
      const std::string key = absl::StrCat(one.key, signing ? "" : "_unsigned");
      const std::string what = absl::StrCat(one.what, signing ? ", signed" : ", checkpoints off");
      Add(key + "_per_s", figures.per_s, "appends/s, " + what, signing ? one.goal : "");
      Add(key + "_p99_ms", figures.p99_us / 1000, "commit p99, ms, " + what);
    }
  }
  return hub_->StartCheckpoints(absl::Milliseconds(100));
}

absl::Status Measuring::FillUp() {
  Tell("filling the log");
  const uint64_t before = hub_->log->head()->size();
  const SteadyTime start = std::chrono::steady_clock::now();
  TRY(Fill(*hub_, clock_, entries_, std::max(options_.entries, before)));
  const double filled = MicrosSince(start);
  const uint64_t size = hub_->log->head()->size();
  if (size > before) {
    Add("fill_per_s", static_cast<double>(size - before) / (filled / 1e6),
        "entries/s while making entries, appending and indexing at once");
  }
  Tell("letting the index catch up");
  const SegmentSet indexed = Indexed();
  TRY(hub_->index->health());
  if (indexed.reached() != size) return Wrong("index");
  Add("index_lag_s", (MicrosSince(start) - filled) / 1e6, "index behind the last append, s");
  TRY(hub_->checkpointer->WaitFor(size, absl::Now() + absl::Seconds(60)).status());
  Add("entries", static_cast<double>(size), "entries in the log");
  return absl::OkStatus();
}

absl::Status Measuring::Proofs() {
  Tell("proofs");
  const HeadPtr head = hub_->log->head();
  const HeadHashes hashes(*hub_->store, head);
  Latencies inclusion;
  Latencies consistency;
  for (int i = 0; i < 2000; ++i) {
    const uint64_t index = random_() % head->size();
    SteadyTime start = std::chrono::steady_clock::now();
    const Proof proof = TRY(InclusionProof(hashes, index, head->size()));
    inclusion.Add(MicrosSince(start));
    const std::string entry = TRY(hub_->entries->Entry(index));
    TRY(VerifyInclusion(LeafHash(entry), index, head->size(), proof, head->tree.Root()));
    const uint64_t old = 1 + random_() % head->size();
    start = std::chrono::steady_clock::now();
    const Proof grown = TRY(ConsistencyProof(hashes, old, head->size()));
    consistency.Add(MicrosSince(start));
    const Digest root = TRY(RootAt(hashes, old));
    TRY(VerifyConsistency(old, head->size(), grown, root, head->tree.Root()));
  }
  AddLatency("inclusion_proof", inclusion, "inclusion proof", "1 / 0.1");
  AddLatency("consistency_proof", consistency, "consistency proof", "1 / 0.1");
  return absl::OkStatus();
}

absl::Status Measuring::Questions() {
  Tell("questions");
  const auto filter = [](v1::QueryEntriesRequest& request, std::string field, std::string value) {
    auto& added = *request.add_filters();
    added.set_field(std::move(field));
    added.set_value(std::move(value));
  };
  Latencies filtered;
  Latencies subject;
  for (int i = 0; i < 300; ++i) {
    v1::QueryEntriesRequest request;
    filter(request, "consumer", entries_.System(Below(300)));
    if (i % 3 == 0) filter(request, "outcome", "released");
    if (i % 3 == 1) filter(request, "reason", "QUOTA_EXCEEDED");
    if (i % 3 == 2) filter(request, "resource", entries_.Resource(Below(500)));
    if (i % 2 == 0)
      request.mutable_to_time()->set_seconds(static_cast<int64_t>(kMonthStart) + 86400 * (1 + Below(29)));
    SteadyTime start = std::chrono::steady_clock::now();
    const auto answer = TRY(AnswerQuery(Indexed(), *hub_->entries, request));
    filtered.Add(MicrosSince(start));
    for (const auto& entry : answer.entries()) {
      const auto& decoded = entry.decoded();
      const std::string& consumer = decoded.has_denial()     ? decoded.denial().consumer()
                                    : decoded.has_exchange() ? decoded.exchange().consumer()
                                                             : decoded.grant_event().consumer();
      if (consumer != request.filters(0).value()) return Wrong("filtered page");
    }
    start = std::chrono::steady_clock::now();
    IndexQuery who;
    who.all_of = {
        {{Term(IndexField::kSubject, SubjectToken(entries_.key(), entries_.Person(Below(200'000))))}}};
    const SegmentSet segments = Indexed();
    const uint64_t found = segments.Count(who);
    const EntryPage page = TRY(FindEntries(segments, *hub_->entries, who, {}, 50));
    subject.Add(MicrosSince(start));
    if (page.entries.size() != std::min<uint64_t>(found, 50)) return Wrong("subject page");
  }
  AddLatency("filtered_page", filtered, "filtered first page of 50", "50 / 10");
  AddLatency("subject_question", subject, "who looked at this person, first page", "50 / 10");
  return absl::OkStatus();
}

absl::Status Measuring::Rollups() {
  Tell("roll-ups");
  Latencies latencies;
  for (int i = 0; i < 5; ++i) {
    v1::GetRollupRequest request;
    request.set_from_day("2026-12-01");
    request.set_to_day("2026-12-31");
    request.add_keys(v1::ROLLUP_KEY_MONTH);
    request.add_keys(v1::ROLLUP_KEY_CONSUMER);
    request.add_keys(v1::ROLLUP_KEY_PROVIDER);
    const SteadyTime start = std::chrono::steady_clock::now();
    const auto sums = TRY(SumRollups(Indexed(), request));
    latencies.Add(MicrosSince(start));
    IndexQuery released;
    released.all_of = {{{Term(IndexField::kOutcome, "released")}}};
    released.from_time_us = kMonthStart * 1'000'000;
    uint64_t total = 0;
    for (const auto& row : sums.rows()) total += row.released();
    if (total != Indexed().Count(released)) return Wrong("roll-up");
  }
  Add("month_rollup_s", latencies.At(0.5) / 1e6, "month report by consumer and provider, s", "5 / 0.5");
  return absl::OkStatus();
}

absl::Status Measuring::Archives() {
  Tell("archives");
  TRY(hub_->StartArchivist());
  const SteadyTime start = std::chrono::steady_clock::now();
  TRY(hub_->archivist->Work());
  const auto units = hub_->archivist->archives();
  if (units.empty()) return absl::OkStatus();
  Add("archive_write_s", MicrosSince(start) / 1e6 / static_cast<double>(units.size()),
      "archive of a segment written and proved, s");
  Add("archive_bytes_per_entry",
      static_cast<double>(units.back().bytes()) / static_cast<double>(kSegmentEntries),
      "bytes an entry in its archive file (besides)");
  return absl::OkStatus();
}

absl::Status Measuring::Restart() {
  Tell("starting anew");
  const uint64_t size = hub_->log->head()->size();
  hub_.reset();
  malloc_trim(0);  // what the measuring before has left is not the hub's
  const double anonymous = MemoryMib("RssAnon");
  const SteadyTime start = std::chrono::steady_clock::now();
  hub_ = TRY(ScratchHub::Open(options_.directory, clock_));
  Add("start_s", MicrosSince(start) / 1e6, "store and log open and checked, s", "10 / 2");
  TRY(hub_->StartIndex());
  if (Indexed().reached() < size) return Wrong("index after a restart");
  Add("start_index_s", MicrosSince(start) / 1e6, "index at the head as well, every file hashed, s", "10 / 2");
  Add("memory_mib", MemoryMib("RssAnon"),
      absl::StrFormat("memory of its own, MiB (%.0f before the start)", anonymous));
  Add("memory_mapped_mib", MemoryMib("RssFile"), "index files in the page cache, MiB");
  return absl::OkStatus();
}

void Measuring::Sizes() {
  const auto size = static_cast<double>(hub_->log->head()->size());
  hub_.reset();
  const double store = static_cast<double>(BytesIn(options_.directory / "store", "")) / size;
  const double index = static_cast<double>(BytesIn(options_.directory / "archive", kIndexExtension)) / size;
  Add("bytes_per_entry", store + index, "bytes an entry in store and index", "under 700");
  Add("store_bytes_per_entry", store, "of which in the store (entry, secret, tiles)");
  Add("index_bytes_per_entry", index, "of which in index files");
}

}  // namespace

absl::StatusOr<std::vector<Figure>> MeasureLedger(const MeasureOptions& options,
                                                  const std::function<void(std::string_view)>& progress) {
  return Measuring(options, progress).Run();
}

}  // namespace zhanqiao::ledger
