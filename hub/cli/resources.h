// Catalogue entries from files, and making the hub's equal to them.
#pragma once

#include <string_view>

#include "hub/cli/session.h"
#include "zhanqiao/v1/catalog.grpc.pb.h"

namespace zhanqiao::cli {

// Entries of a JSON text: an array of resources, one resource, or {"resources": […]}, protobuf JSON with
// either spelling of the names. INVALID_ARGUMENT / RESOURCES_UNREADABLE with the parser's place in the fact
// `problem`.
absl::StatusOr<v1::ListResourcesResponse> ParseResources(std::string_view json);

struct Applied {
  v1::Resource resource;     // as stored now
  std::string_view outcome;  // created, updated or unchanged
};

// Creates `resource`, or updates what is stored under its code where an element differs.
absl::StatusOr<Applied> ApplyResource(Session& session, const v1::Resource& resource);

// `text` as a value of `field`. INVALID_ARGUMENT / VALUE_TYPE naming the field.
absl::StatusOr<v1::Value> ValueOf(const v1::Field& field, std::string_view text);

// `text` as a condition on a field of `resource`, typed as the entry says: field=value, and <, <=, >, >= or ^= (begins
// with) in place of =. INVALID_ARGUMENT / CONDITION_FORM, FIELD_UNKNOWN or VALUE_TYPE.
absl::StatusOr<v1::Condition> ConditionIn(const v1::Resource& resource, std::string_view text);

// Appends `texts` as conditions on the resource that `grant` is for.
absl::Status AddConditions(Session& session, const std::string& grant, const std::vector<std::string>& texts,
                           google::protobuf::RepeatedPtrField<v1::Condition>& conditions);

}  // namespace zhanqiao::cli
