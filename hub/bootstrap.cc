#include "hub/bootstrap.h"

#include <google/protobuf/util/json_util.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/access/role_event.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao {
namespace {

absl::Status Invalid(const std::string& file, const std::string& element) {
  return Fail(absl::StatusCode::kInvalidArgument, "BOOTSTRAP_INVALID",
              "The bootstrap file is a JSON array of persons, each with name, roles and state.",
              {{"file", file}, {"element", element}});
}

absl::StatusOr<std::vector<v1::Person>> ReadPersons(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  boost::json::error_code error;
  const boost::json::value root = boost::json::parse(text.str(), error);
  if (!stream || error || !root.is_array()) return Invalid(file, "");
  std::vector<v1::Person> persons;
  for (const auto& element : root.as_array()) {
    v1::Person person;
    const auto parsed = google::protobuf::util::JsonStringToMessage(boost::json::serialize(element), &person);
    if (!parsed.ok() || person.name().empty() || person.roles().empty()) {
      return Invalid(file, absl::StrCat(persons.size()));
    }
    persons.push_back(std::move(person));
  }
  return persons;
}

}  // namespace

absl::Status StoreFirstPersons(documents::DocumentStore& documents, const std::string& file) {
  const std::vector<v1::Person> persons = TRY(ReadPersons(file));
  documents::Transaction transaction;
  transaction.actor = "hub";
  transaction.reason = "first persons of a new hub";
  for (const auto& person : persons) {
    if (documents.Get(person.name()).ok()) continue;
    transaction.changes.push_back({.name = person.name(),
                                   .type = person.GetDescriptor()->full_name(),
                                   .document = documents::Canonical(person),
                                   .deleted = false,
                                   .expected_revision = 0,
                                   .effective = std::nullopt});
    transaction.further_records.push_back(access::RoleEventOf("hub", "", {}, person, transaction.reason));
    if (transaction.further_records.back().body.empty()) transaction.further_records.pop_back();
  }
  if (transaction.changes.empty()) return absl::OkStatus();
  return documents.Apply(std::move(transaction)).status();
}

}  // namespace zhanqiao
