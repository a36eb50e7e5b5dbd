// A streaming method called whole, over plain HTTP: every request message is there at once, every answer is collected
// before the first goes out. The Connect protocol's streaming form, for browsers and scripts without HTTP/2 frames:
//
//   POST /zhanqiao.v1.SheetService/ExportSheet
//   content-type: application/connect+json        (or application/connect+proto)
//
// Body and answer are envelopes: one byte of flags (0), the length as four bytes big-endian, the message. The last
// envelope of the answer has flag 2 and holds {} or {"error":{"code":…,"message":…,"details":[…]}}; HTTP says 200 either
// way. Only methods that end by themselves are offered (RegisterOptions::whole), and at most 64 MiB of answers.
#pragma once

#include "hub/api/method_table.h"

namespace zhanqiao::api {

inline constexpr size_t kWholeAnswerBytesMax = 64 << 20;

// True for the content types above.
bool IsConnectStream(std::string_view media_type);

// Answers a POST to `method`, which streams and is offered whole. `deadline` is the caller's.
void CallWhole(MethodTable& table, const Method& method, const edge::HttpRequest& request, std::string_view media_type,
               absl::Time deadline, edge::HttpReply reply);

}  // namespace zhanqiao::api
