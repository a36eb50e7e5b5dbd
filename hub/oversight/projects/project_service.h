// ProjectService (proto/zhanqiao/v1/project.proto). Methods block until durable: call from a worker thread. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "zhanqiao/v1/project.pb.h"

namespace zhanqiao::oversight {

class ProjectService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    const Clock& clock;
    Random& random;
  };
  explicit ProjectService(Parts parts) : parts_(parts) {}

  absl::StatusOr<v1::Project> CreateProject(const Caller&, const v1::CreateProjectRequest&);
  absl::StatusOr<v1::Project> GetProject(const Caller&, const v1::GetProjectRequest&);
  absl::StatusOr<v1::ListProjectsResponse> ListProjects(const Caller&, const v1::ListProjectsRequest&);
  absl::StatusOr<v1::Project> UpdateProject(const Caller&, const v1::UpdateProjectRequest&);
  absl::StatusOr<v1::Project> FileProject(const Caller&, const v1::FileProjectRequest&);
  absl::StatusOr<v1::Project> RequestFunding(const Caller&, const v1::RequestFundingRequest&);
  absl::StatusOr<v1::Project> DecideFunding(const Caller&, const v1::DecideFundingRequest&);
  absl::StatusOr<v1::Project> AcceptProject(const Caller&, const v1::AcceptProjectRequest&);
  absl::StatusOr<v1::Project> RecordAuditOpinion(const Caller&, const v1::RecordAuditOpinionRequest&);

 private:
  struct Held {
    v1::Project project;
    uint64_t revision = 0;
  };
  // The project, at the version of `etag` if that is given. Who may not see it gets the answer of one that is not there.
  absl::StatusOr<Held> Find(const Caller& caller, std::string_view name, std::string_view etag) const;
  absl::StatusOr<v1::Project> Store(const Caller& caller, v1::Project project, uint64_t revision, std::string_view reason,
                                    std::string_view notice);
  std::string Today() const { return FormatDay(CivilDayOf(parts_.clock.Now())); }

  const Parts parts_;
};

}  // namespace zhanqiao::oversight
