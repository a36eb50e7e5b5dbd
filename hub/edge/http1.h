// HTTP/1.1 on one connection: one request at a time, strictly read, answered in order.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "hub/edge/dispatcher.h"
#include "hub/edge/protocol.h"
#include "hub/edge/server.h"

namespace zhanqiao::edge {

class Connection;

// What is wrong with the raw head of a request that lenient parsers let pass: bare CR or LF, folded lines,
// NUL. Empty when nothing is.
std::string_view HeadFault(std::string_view head);

// True for "host" or "host:port" of legal characters.
bool IsHost(std::string_view text);

// "HTTP/1.1 200 OK..." with length, date, connection and `response`'s legal headers; body left out for
// `head_only`.
std::string RenderResponse(const HttpResponse& response, bool head_only, bool keep_alive);

// A refusal of the edge itself, as JSON: code, reason, message.
HttpResponse PlainError(int status, std::string_view reason, std::string_view message);

// True when `listener` serves requests that name `authority` ("host" or "host:port").
bool IsAllowedHost(const ListenerOptions& listener, std::string_view authority);

// `deadline`, or what the connect-timeout-ms header asks for when that is earlier.
absl::Time EarlierDeadline(absl::Time deadline, const Metadata& headers, absl::Time now);

std::unique_ptr<Protocol> MakeHttp1(Connection& connection);

}  // namespace zhanqiao::edge
