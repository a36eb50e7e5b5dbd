// Lists are read to their end, page by page.
#pragma once

#include "hub/cli/session.h"

namespace zhanqiao::cli {

// Calls `method` until no page follows and gives every item of `items` (a member of the response) in one
// response.
template <typename Stub, typename Request, typename Response, typename Item>
absl::StatusOr<Response> ListAll(
    Session& session, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
    Request request, google::protobuf::RepeatedPtrField<Item>* (Response::*items)()) {
  Response all;
  request.set_page_size(1000);
  while (true) {
    Response page = TRY(session.Call(method, request));
    (all.*items)()->MergeFrom(*(page.*items)());
    if (page.next_page_token().empty()) return all;
    request.set_page_token(page.next_page_token());
  }
}

}  // namespace zhanqiao::cli
