// grpc.testing.TestService, once: behind the edge (a Dispatcher) and behind grpc::Server (the oracle).
//
// Behaves as the published interop description says, and a little more that the contract needs:
// - initial metadata "x-grpc-test-echo-initial" and trailing "x-grpc-test-echo-trailing-bin" are echoed;
// - a response_status is returned as the status; a unary call with response_size 0 returns the request's
// payload;
// - metadata "x-test-details" attaches an ErrorInfo to the status.
#pragma once

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <string>

#include "hub/edge/dispatcher.h"

namespace zhanqiao::interop {

// The service behind the edge. HTTP requests are echoed: "METHOD target\nbody".
std::unique_ptr<edge::Dispatcher> MakeDispatcher();

// The same service for grpc::ServerBuilder.
std::unique_ptr<grpc::Service> MakeOracle();

}  // namespace zhanqiao::interop
