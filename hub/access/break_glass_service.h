// BreakGlassService (break_glass.proto): a role for at most four hours by two people. Blocking: call from a worker thread.
// Thread-safe. The role itself is given and taken by Directory, to the microsecond; what is written here follows it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/documents/document_store.h"
#include "zhanqiao/v1/access.pb.h"
#include "zhanqiao/v1/break_glass.pb.h"

namespace zhanqiao::access {

class BreakGlassService {
 public:
  // Both outlive it.
  BreakGlassService(documents::DocumentStore& documents, const Clock& clock) : documents_(documents), clock_(clock) {}

  // Notes what is in force, so that Sweep need not look through everything. Once, before traffic starts.
  absl::Status Follow();

  absl::StatusOr<v1::BreakGlass> RequestBreakGlass(const Caller& caller, const v1::RequestBreakGlassRequest& request);
  absl::StatusOr<v1::BreakGlass> ApproveBreakGlass(const Caller& caller, const v1::ApproveBreakGlassRequest& request);
  absl::StatusOr<v1::BreakGlass> EndBreakGlass(const Caller& caller, const v1::EndBreakGlassRequest& request);
  absl::StatusOr<v1::BreakGlass> GetBreakGlass(const Caller& caller, const v1::GetBreakGlassRequest& request);
  absl::StatusOr<v1::ListBreakGlassesResponse> ListBreakGlasses(const Caller& caller,
                                                                const v1::ListBreakGlassesRequest& request);

  // Writes that those whose time is over have ended: EXPIRED, with their entries. Blocks; about every ten seconds.
  absl::Status Sweep();

 private:
  struct Held {
    v1::BreakGlass glass;
    uint64_t revision = 0;
    v1::Person person;
  };
  absl::StatusOr<v1::Person> PersonOf(std::string_view person) const;
  absl::StatusOr<Held> Read(std::string_view name) const;
  absl::StatusOr<v1::BreakGlass> Store(const Caller& caller, const Held& held, std::string_view verb, std::string_view reason);
  absl::StatusOr<v1::BreakGlass> End(const Caller& caller, Held held, v1::BreakGlassState state, std::string_view reason);

  // When those in force end. Shared with the store's observer, which may outlive the service.
  struct Ends {
    absl::Mutex mu;  // makes one version's change one step
    std::map<std::string, absl::Time> by_name ABSL_GUARDED_BY(mu);
  };

  documents::DocumentStore& documents_;
  const Clock& clock_;
  const std::shared_ptr<Ends> ends_ = std::make_shared<Ends>();
};

}  // namespace zhanqiao::access
