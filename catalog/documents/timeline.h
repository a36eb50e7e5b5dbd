// Time travel in memory: every version of chosen documents, reduced to what its reader needs, kept up by the change feed.
//
//   Timeline<v1::Organization> bodies;
//   ChangeReader reader(store);
//   reader.Keep(bodies);                      // before the first CatchUp
//   TRY(reader.CatchUp());                    // before each question; nothing new costs one empty scan
//   bodies.Find(name)->Standing(day, known);  // as DocumentStore::Get at {as_of, known_at}
//
// A fact with a date of its own inside the document holds from that date, so it is taken from the newest known version;
// everything else holds from the version's effective date, so it is taken from the version that stands on the day.
// None of this is thread-safe in itself.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::documents {

// What somebody knew: the versions logged at or before a position, and before a moment. Without either, all.
struct Knowledge {
  std::optional<uint64_t> known_at;
  std::optional<absl::Time> before;

  bool Covers(uint64_t position, absl::Time time) const {
    return (!known_at || position <= *known_at) && (!before || time < *before);
  }
};

// One version, reduced to a fact.
template <typename Fact>
struct Dated {
  Fact fact;  // as it was made when `deleted`
  uint64_t revision = 0;
  bool deleted = false;
  absl::CivilDay effective;
  uint64_t known_at = 0;
  absl::Time change_time;
};

// The versions of one document, oldest first.
template <typename Fact>
class History {
 public:
  using Entry = Dated<Fact>;

  // The newest version known; null if none is, or it is a deletion.
  const Entry* Newest(const Knowledge& known) const {
    for (auto entry = versions_.rbegin(); entry != versions_.rend(); ++entry) {
      if (known.Covers(entry->known_at, entry->change_time)) return entry->deleted ? nullptr : &*entry;
    }
    return nullptr;
  }

  // The version that holds on `day` as known; null if none does, or it is a deletion. DocumentStore's rule: the latest
  // effective date not after the day, the newest revision among equals.
  const Entry* Standing(absl::CivilDay day, const Knowledge& known) const {
    const Entry* best = nullptr;
    for (const Entry& entry : versions_) {
      if (entry.effective > day || !known.Covers(entry.known_at, entry.change_time)) continue;
      if (best == nullptr || entry.effective >= best->effective) best = &entry;
    }
    return best == nullptr || best->deleted ? nullptr : best;
  }

  // The first version known; null if none is, or it is a deletion.
  const Entry* First(const Knowledge& known) const {
    if (versions_.empty()) return nullptr;
    const Entry& entry = versions_.front();
    return entry.deleted || !known.Covers(entry.known_at, entry.change_time) ? nullptr : &entry;
  }

  // The change that made it so: the first of the unbroken run of versions up to `last`, which holds, that all hold.
  template <typename Holds>
  const Entry& Since(const Entry& last, const Holds& holds) const {
    const Entry* first = &last;
    while (first != &versions_.front() && !(first - 1)->deleted && holds(*(first - 1))) --first;
    return *first;
  }

  const std::vector<Entry>& versions() const { return versions_; }
  void Add(Entry entry) { versions_.push_back(std::move(entry)); }

 private:
  std::vector<Entry> versions_;
};

// Every document of one type, by name.
template <typename Fact>
class Timeline {
 public:
  // Null if there never was such a document.
  const History<Fact>* Find(std::string_view name) const {
    const auto found = histories_.find(name);
    return found == histories_.end() ? nullptr : &found->second;
  }
  // In name order.
  const std::map<std::string, History<Fact>, std::less<>>& all() const { return histories_; }

  void Take(const Version& version, Fact fact) {
    auto [at, fresh] = histories_.try_emplace(version.name);
    at->second.Add({.fact = std::move(fact),
                    .revision = version.revision,
                    .deleted = version.deleted,
                    .effective = version.effective,
                    .known_at = version.known_at,
                    .change_time = version.change_time});
  }

 private:
  std::map<std::string, History<Fact>, std::less<>> histories_;
};

// Reads the change feed and gives each version to who keeps its type.
class ChangeReader {
 public:
  explicit ChangeReader(const DocumentStore& store) : store_(store) {}

  using Taker = std::function<absl::Status(const Version&)>;
  // Gives `take` every version of documents of `type` (full protobuf name), deletions included.
  void Add(std::string type, Taker take) { takers_[std::move(type)].push_back(std::move(take)); }

  // Keeps every version of Message in `timeline`, as `reduce` gives it.
  template <typename Message, typename Fact, typename Reduce>
  void Keep(Timeline<Fact>& timeline, Reduce reduce) {
    Add(std::string(Message::descriptor()->full_name()), [&timeline, reduce](const Version& version) -> absl::Status {
      Message message;
      if (!version.deleted) message = TRY(version.As<Message>());
      timeline.Take(version, reduce(std::move(message)));
      return absl::OkStatus();
    });
  }
  template <typename Message>
  void Keep(Timeline<Message>& timeline) {
    Keep<Message>(timeline, [](Message message) { return message; });
  }

  // Reads what is new. The error of the store, which may pass; or INTERNAL / DOCUMENT_TYPE, then and ever after, since
  // what follows from half the versions would be wrong.
  absl::Status CatchUp();

  // The position of the newest change that `known` covers; 0 if it covers none.
  uint64_t PositionAt(const Knowledge& known) const;
  // Grows with every change read: what was derived at one count is still right at the same count.
  uint64_t versions_read() const { return versions_read_; }

 private:
  const DocumentStore& store_;
  std::map<std::string, std::vector<Taker>, std::less<>> takers_;
  std::vector<std::pair<uint64_t, absl::Time>> positions_;  // of every change, each position once, in order
  uint64_t versions_read_ = 0;
  absl::Status broken_;
};

}  // namespace zhanqiao::documents
