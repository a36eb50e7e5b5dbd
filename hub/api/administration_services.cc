// What administrators look after, in the method table.
#include "hub/access/administration_service.h"
#include "hub/api/registrar.h"
#include "hub/api/services.h"

namespace zhanqiao::api {

void RegisterAdministration(MethodTable& table, access::AdministrationService& service) {
  using S = access::AdministrationService;
  Registrar<S> methods(table, "AdministrationService", service);
  methods.Unary("GetSystemHealth", &S::GetSystemHealth);
  methods.Unary("ListCertificates", &S::ListCertificates);
  methods.Unary("ListPolicyRows", &S::ListPolicyRows);
  methods.Unary("GetHolidayCalendar", &S::GetHolidayCalendar);
}

}  // namespace zhanqiao::api
