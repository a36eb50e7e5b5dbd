// CKAN's Action API, version 3: what harvesters and developers know how to ask (domain: envelopes, error types and HTTP
// statuses as CKAN's code has them).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json.hpp"
#include "catalog/base/clock.h"
#include "hub/portal/shelf.h"
#include "hub/portal/tables.h"
#include "hub/portal/usage.h"
#include "hub/portal/web.h"

namespace zhanqiao::portal {

// Why an action gives no result.
struct CkanError {
  int status = 500;
  std::string type;                  // "__type"
  boost::json::object fields;        // of Validation Error: what is wrong by parameter; else {"message": …}
  std::string bare;                  // not empty: the whole answer is this JSON string
};

// The result of an action, serialised, or why there is none.
struct CkanResult {
  std::string json;
  std::optional<CkanError> error;
  bool keep = true;                  // the same question has the same answer while the shelf stands
  Use use = Use::kNone;
  std::string used;                  // name of the dataset
  CkanResult(std::string text) : json(std::move(text)) {}               // NOLINT
  CkanResult(const boost::json::value& value) : json(boost::json::serialize(value)) {}  // NOLINT
  CkanResult(CkanError wrong) : error(std::move(wrong)), keep(false) {}  // NOLINT
  CkanResult&& As(Use counted, std::string dataset) && {
    use = counted;
    used = std::move(dataset);
    return std::move(*this);
  }
};

// The parameters of an action, from a query, a form or a JSON object.
class CkanParams {
 public:
  explicit CkanParams(boost::json::object values) : values_(std::move(values)) {}
  bool Has(std::string_view name) const { return values_.if_contains(boost::json::string_view(name.data(), name.size())) != nullptr; }
  // As text: a string as it is, numbers and truth values as they are written, else JSON; empty when absent.
  std::string Text(std::string_view name) const;
  // A list: a JSON list, a string that holds one, or the string alone.
  std::vector<std::string> List(std::string_view name) const;
  // A whole number; a Validation Error ("Invalid integer") otherwise. `absent` when it is absent.
  std::variant<int64_t, CkanError> Whole(std::string_view name, int64_t absent) const;
  bool Flag(std::string_view name, bool absent) const;
  const boost::json::value* Value(std::string_view name) const {
    return values_.if_contains(boost::json::string_view(name.data(), name.size()));
  }

 private:
  boost::json::object values_;
};

// Thread-safe.
class Ckan {
 public:
  // All outlive it.
  Ckan(const Clock& clock, Tables& tables, const Usage& usage) : clock_(clock), tables_(tables), usage_(usage) {}

  // Answers a path under /api/.
  Page Answer(const Ask& ask, const Shelf& shelf);

  static std::vector<std::string> Actions();  // names, sorted

 private:
  struct Action {
    std::string_view name;
    CkanResult (Ckan::*run)(const CkanParams&, const Shelf&);
    std::string_view help;
  };
  static const std::vector<Action>& Table();
  CkanResult Run(const Action& action, const CkanParams& params, const Shelf& shelf);

  // ckan_catalog.cc
  CkanResult StatusShow(const CkanParams&, const Shelf&);
  CkanResult PackageList(const CkanParams&, const Shelf&);
  CkanResult CurrentPackageList(const CkanParams&, const Shelf&);
  CkanResult PackageShow(const CkanParams&, const Shelf&);
  CkanResult ResourceShow(const CkanParams&, const Shelf&);
  CkanResult OrganizationList(const CkanParams&, const Shelf&);
  CkanResult OrganizationShow(const CkanParams&, const Shelf&);
  CkanResult GroupList(const CkanParams&, const Shelf&);
  CkanResult GroupShow(const CkanParams&, const Shelf&);
  CkanResult TagList(const CkanParams&, const Shelf&);
  CkanResult TagShow(const CkanParams&, const Shelf&);
  CkanResult LicenseList(const CkanParams&, const Shelf&);
  CkanResult HelpShow(const CkanParams&, const Shelf&);
  // ckan_search.cc
  CkanResult PackageSearch(const CkanParams&, const Shelf&);
  CkanResult PackageAutocomplete(const CkanParams&, const Shelf&);
  CkanResult FormatAutocomplete(const CkanParams&, const Shelf&);
  CkanResult ResourceSearch(const CkanParams&, const Shelf&);
  // ckan_datastore.cc
  CkanResult DatastoreSearch(const CkanParams&, const Shelf&);

  const Clock& clock_;
  Tables& tables_;
  const Usage& usage_;
};

CkanError CkanNotFound(std::string_view message = "Not found");
CkanError CkanInvalid(std::string_view field, std::string_view message);

}  // namespace zhanqiao::portal
