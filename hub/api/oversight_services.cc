// The room of oversight in the method table.
#include "hub/api/registrar.h"
#include "hub/api/services.h"
#include "hub/oversight/oversight_service.h"

namespace zhanqiao::api {

void RegisterOversight(MethodTable& table, oversight::OversightService& service) {
  using S = oversight::OversightService;
  Registrar<S> methods(table, "OversightService", service);
  methods.Unary("GetProgress", &S::GetProgress);
  methods.Unary("GetFigure", &S::GetFigure);
  methods.Unary("ListFigureItems", &S::ListFigureItems);
  methods.Unary("GetFigureCurve", &S::GetFigureCurve);
  methods.Unary("GetCloudForecast", &S::GetCloudForecast);
  methods.Unary("GetSharing", &S::GetSharing);
  methods.Unary("GetSharingQuality", &S::GetSharingQuality);
}

}  // namespace zhanqiao::api
