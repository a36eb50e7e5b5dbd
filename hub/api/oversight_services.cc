// The room of oversight in the method table.
#include "hub/api/registrar.h"
#include "hub/api/services.h"
#include "hub/oversight/inventory_service.h"
#include "hub/oversight/oversight_service.h"

namespace zhanqiao::api {

void RegisterOversight(MethodTable& table, oversight::OversightService& service, oversight::InventoryService& inventory) {
  using S = oversight::OversightService;
  Registrar<S> methods(table, "OversightService", service);
  methods.Unary("GetProgress", &S::GetProgress);
  methods.Unary("GetFigure", &S::GetFigure);
  methods.Unary("ListFigureItems", &S::ListFigureItems);
  methods.Unary("GetFigureCurve", &S::GetFigureCurve);
  methods.Unary("GetCloudForecast", &S::GetCloudForecast);
  methods.Unary("GetSharing", &S::GetSharing);
  methods.Unary("GetSharingQuality", &S::GetSharingQuality);
  using I = oversight::InventoryService;
  Registrar<I> kept(table, "InventoryService", inventory);
  kept.Unary("GetFacility", &I::GetFacility);
  kept.Unary("ListFacilities", &I::ListFacilities);
  kept.Unary("CreateFacility", &I::CreateFacility);
  kept.Unary("UpdateFacility", &I::UpdateFacility);
  kept.Unary("ListCleanupProposals", &I::ListCleanupProposals);
  kept.Unary("JudgeCleanupProposal", &I::JudgeCleanupProposal);
  kept.Unary("ListMergeTrees", &I::ListMergeTrees);
  kept.Unary("GetCompleteness", &I::GetCompleteness);
  kept.Unary("ListCloudComparisons", &I::ListCloudComparisons);
}

}  // namespace zhanqiao::api
