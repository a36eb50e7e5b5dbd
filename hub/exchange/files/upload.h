// One upload's stream: bytes are handed to the executor as they come, and the peer is held back while the disk has not
// kept up.
#pragma once

#include <memory>

#include "catalog/base/stream.h"
#include "hub/exchange/files/files.h"

namespace zhanqiao::exchange {

// `files` must outlive the handler.
std::unique_ptr<StreamHandler<v1::UploadRequest>> NewUploadStream(Files& files, std::shared_ptr<StreamSink<v1::File>> sink);

}  // namespace zhanqiao::exchange
