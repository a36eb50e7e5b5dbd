// Registers the methods of one service object, for the *_services.cc of each room.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/caller.h"
#include "hub/api/method_table.h"

namespace zhanqiao::api {

// Methods of `service` under "zhanqiao.v1.{name}"; their types come from their signatures. The service outlives the table's
// calls.
template <typename Service>
class Registrar {
 public:
  Registrar(MethodTable& table, std::string_view name, Service& service)
      : table_(table), prefix_(absl::StrCat("zhanqiao.v1.", Absl(name), ".")), service_(service) {}

  template <typename Req, typename Resp>
  void Unary(std::string_view method, absl::StatusOr<Resp> (Service::*run)(const Caller&, const Req&)) {
    table_.Unary<Req, Resp>(absl::StrCat(prefix_, Absl(method)),
                            [service = &service_, run](const Caller& caller, const Req& request) {
                              return (service->*run)(caller, request);
                            });
  }

  template <typename Req, typename Resp>
  void Unary(std::string_view method, absl::StatusOr<Resp> (Service::*run)(const Caller&, const Req&) const) {
    table_.Unary<Req, Resp>(absl::StrCat(prefix_, Absl(method)),
                            [service = &service_, run](const Caller& caller, const Req& request) {
                              return (service->*run)(caller, request);
                            });
  }

 private:
  MethodTable& table_;
  const std::string prefix_;
  Service& service_;
};

}  // namespace zhanqiao::api
