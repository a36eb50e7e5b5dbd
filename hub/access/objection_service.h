// ObjectionService (proto/zhanqiao/v1/objection.proto). Methods block until durable: call from a worker
// thread. Thread-safe.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/access/matter.h"
#include "hub/access/objections.h"
#include "hub/access/recipients.h"
#include "hub/access/rules.h"
#include "zhanqiao/v1/objection.pb.h"

namespace zhanqiao::access {

class ObjectionService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    const Rules& rules;
    const Clock& clock;
    Random& random;
    RecipientsOf recipients_of;
  };
  explicit ObjectionService(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::Objection> FileObjection(const Caller&, const v1::FileObjectionRequest&);
  absl::StatusOr<v1::Objection> GetObjection(const Caller&, const v1::GetObjectionRequest&);
  absl::StatusOr<v1::ListObjectionsResponse> ListObjections(const Caller&, const v1::ListObjectionsRequest&);
  absl::StatusOr<v1::Objection> ExtendObjection(const Caller&, const v1::ExtendObjectionRequest&);
  absl::StatusOr<v1::Objection> AnswerObjection(const Caller&, const v1::AnswerObjectionRequest&);
  absl::StatusOr<v1::Objection> WithdrawObjection(const Caller&, const v1::WithdrawObjectionRequest&);

  // A duty of the sweep: notes every open objection past its due date once, as an entry, and tells the
  // provider.
  absl::Status NoteOverdue(absl::CivilDay today);

 private:
  struct Held {
    v1::Objection objection;
    documents::Version version;
  };
  absl::StatusOr<Held> Visible(const Caller& caller, std::string_view name) const;
  // The objection for a move by `organization`'s people.
  absl::StatusOr<Held> Open(const Caller& caller, std::string_view name, std::string_view etag,
                            const std::string& (v1::Objection::*speaker)() const) const;
  absl::StatusOr<v1::Objection> Store(const Caller& caller, v1::Objection objection, std::string_view verb,
                                      MatterMove move, std::string_view request_key = "");
  MatterMove MoveBy(const Caller& caller, const Held& held, std::string_view reason) const;
  void Tell(const std::string& organization, std::string_view kind, const v1::Objection& objection,
            MatterMove& move) const;
  absl::CivilDay Today() const { return CivilDayOf(parts_.clock.Now()); }

  const Parts parts_;
};

}  // namespace zhanqiao::access
