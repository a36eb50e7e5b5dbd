// The city of test_datasets.h with a portal on top, asked as a stranger asks.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "boost/json.hpp"
#include "hub/oversight/datasets/test_datasets.h"
#include "hub/portal/portal.h"

namespace zhanqiao::portal {

class TestPortal : public datasets::TestDatasets {
 public:
  TestPortal() {
    if (!portal.Follow().ok()) std::abort();
  }

  edge::HttpRequest Request(std::string target, edge::Metadata headers = {}) const {
    edge::HttpRequest request;
    request.method = "GET";
    request.target = std::move(target);
    request.headers = std::move(headers);
    request.headers.emplace_back("host", "data.example.cn");
    auto peer = std::make_shared<edge::Peer>();
    peer->address = "192.0.2.7:50000";
    peer->tls = true;
    request.peer = peer;
    return request;
  }
  edge::HttpResponse Get(std::string target, edge::Metadata headers = {}) {
    return portal.Answer(Request(std::move(target), std::move(headers)));
  }
  edge::HttpResponse Post(std::string target, std::string body, std::string type = "application/json") {
    edge::HttpRequest request = Request(std::move(target), {{"content-type", std::move(type)}});
    request.method = "POST";
    request.body = std::move(body);
    return portal.Answer(request);
  }
  static std::string Header(const edge::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  // The envelope of a CKAN action.
  boost::json::object Action(const std::string& call) { return boost::json::parse(Get("/api/3/action/" + call).body).as_object(); }
  boost::json::value Result(const std::string& call) {
    boost::json::object envelope = Action(call);
    EXPECT_TRUE(envelope["success"].as_bool()) << boost::json::serialize(envelope);
    return envelope["result"];
  }

  // A published dataset that differs from the usual one as `change` says.
  template <typename Change>
  v1::Dataset Offered(const std::string& id, const Change& change) {
    v1::CreateDatasetRequest request;
    *request.mutable_dataset() = Wanted(id);
    change(*request.mutable_dataset());
    const std::string name = room->service().CreateDataset(clerk(), request).value().name();
    Uploaded(name, Parks(), ParkColumns());
    return Released(name);
  }

  uint64_t exchanges = 7;
  Portal portal{{.store = documents, .catalog = catalog, .clock = clock, .random = random, .datasets = *room, .site = "",
                 .email = "kf@example.cn", .exchange = [this]() -> absl::StatusOr<std::vector<ExchangeMonth>> {
                   return std::vector<ExchangeMonth>{{"2018-04", datasets::kBody, exchanges, 70}};
                 }}};
};

}  // namespace zhanqiao::portal
