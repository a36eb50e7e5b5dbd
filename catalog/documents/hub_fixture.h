// A hub's lower half for tests: a store, a pipeline with the plain sequencer, documents; can be closed and reopened.
#pragma once

#include <memory>
#include <optional>

#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/storage/fake_sequencer.h"

namespace zhanqiao::documents {

// Not thread-safe in itself; its parts are as their headers say. `store` must outlive it.
class LowerHub {
 public:
  explicit LowerHub(storage::Store& store, const Clock& clock, Random& random)
      : sequencer(store, clock), pipeline(store, &sequencer, Hasty()), documents(store, pipeline, clock, random) {}
  // A closed pipeline tries to open again at once, not in seconds.
  static storage::CommitPipeline::Options Hasty() {
    storage::CommitPipeline::Options options;
    options.reopen_after = absl::Milliseconds(1);
    options.reopen_after_max = absl::Milliseconds(20);
    return options;
  }

  storage::FakeSequencer sequencer;
  storage::CommitPipeline pipeline;
  DocumentStore documents;
};

// One change by one actor, as a transaction.
inline Transaction Changing(Change change) {
  Transaction transaction;
  transaction.changes.push_back(std::move(change));
  transaction.actor = "organizations/370200-ZWFWB/persons/clerk";
  transaction.reason = "test";
  return transaction;
}

inline Change Put(std::string name, std::string document, std::optional<uint64_t> expected = {},
                  std::optional<absl::CivilDay> effective = {}) {
  Change change;
  change.name = std::move(name);
  change.type = "zhanqiao.test.Text";
  change.document = std::move(document);
  change.expected_revision = expected;
  change.effective = effective;
  return change;
}

inline Change Delete(std::string name, std::optional<uint64_t> expected = {},
                     std::optional<absl::CivilDay> effective = {}) {
  Change change = Put(std::move(name), "", expected, effective);
  change.deleted = true;
  return change;
}

}  // namespace zhanqiao::documents
