#include "hub/edge/framing.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "catalog/base/error.h"

namespace zhanqiao::edge {

absl::Status MessageReader::BeginBody(size_t bytes_max) {
  const auto byte = [this](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(prefix_[i])); };
  body_size_ = byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
  if (byte(0) > 1) {
    return Fail(absl::StatusCode::kInternal, "MESSAGE_PREFIX_INVALID",
                "The first byte of a message prefix is neither 0 nor 1; send a five-byte gRPC prefix.",
                {{"flag", std::to_string(byte(0))}});
  }
  if (body_size_ > bytes_max) {
    return Fail(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                "Received message larger than max; split it, or use a streaming method.",
                {{"bytes", std::to_string(body_size_)}, {"bytes_max", std::to_string(bytes_max)}});
  }
  return absl::OkStatus();
}

void MessageReader::Complete(std::string_view bytes, std::string owned) {
  if (next_ == messages_.size()) {
    messages_.clear();
    next_ = 0;
  }
  Message& message = messages_.emplace_back();
  message.compressed = prefix_[0] == 1;
  message.bytes = bytes;
  message.owned = std::move(owned);
  prefix_size_ = 0;
}

absl::Status MessageReader::Receive(std::string_view piece, size_t bytes_max) {
  while (!piece.empty() || (prefix_size_ == 5 && body_size_ == 0)) {
    if (prefix_size_ < 5) {
      const size_t taken = std::min(piece.size(), 5 - prefix_size_);
      std::memcpy(prefix_.data() + prefix_size_, piece.data(), taken);
      prefix_size_ += taken;
      piece.remove_prefix(taken);
      if (prefix_size_ < 5) break;
      TRY(BeginBody(bytes_max));
    }
    const size_t taken = std::min(piece.size(), body_size_ - body_.size());
    held_ += taken;
    if (body_.empty() && taken == body_size_) {
      Complete(piece.substr(0, taken), {});
      loose_ = true;
    } else {
      // Room grows with what really came: a prefix alone reserves little.
      if (body_.empty()) body_.reserve(std::min(body_size_, size_t{256} << 10));
      body_.append(piece.substr(0, taken));
      if (body_.size() == body_size_) Complete({}, std::exchange(body_, {}));
    }
    piece.remove_prefix(taken);
  }
  return absl::OkStatus();
}

void MessageReader::Keep() {
  if (!std::exchange(loose_, false)) return;
  for (size_t i = next_; i < messages_.size(); ++i) {
    Message& message = messages_[i];
    if (message.owned.empty() && !message.bytes.empty()) message.owned.assign(message.bytes);
    message.bytes = {};
  }
}

void MessageReader::Pop() {
  Message& message = messages_[next_++];
  held_ -= message.owned.empty() ? message.bytes.size() : message.owned.size();
  std::string().swap(message.owned);
}

void MessageReader::Clear() {
  messages_.clear();
  next_ = 0;
  prefix_size_ = 0;
  std::string().swap(body_);
  held_ = 0;
}

void SendQueue::AddMessage(std::string message) {
  const size_t size = message.size();
  Part part;
  part.prefix = {0, static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                 static_cast<char>(size >> 8), static_cast<char>(size)};
  part.prefix_size = 5;
  part.bytes = std::move(message);
  bytes_ += size + 5;
  parts_.push_back(std::move(part));
}

void SendQueue::AddRaw(std::string bytes) {
  if (bytes.empty()) return;
  bytes_ += bytes.size();
  Part part;
  part.bytes = std::move(bytes);
  parts_.push_back(std::move(part));
}

size_t SendQueue::TakeInto(size_t size, std::string& out) {
  size_t payload = 0;
  bytes_ -= size;
  while (size > 0) {
    Part& part = parts_[first_];
    if (offset_ < part.prefix_size) {
      const size_t taken = std::min(size, part.prefix_size - offset_);
      out.append(part.prefix.data() + offset_, taken);
      offset_ += taken;
      size -= taken;
    }
    const size_t at = offset_ - part.prefix_size;
    if (offset_ >= part.prefix_size) {
      const size_t taken = std::min(size, part.bytes.size() - at);
      out.append(part.bytes, at, taken);
      offset_ += taken;
      size -= taken;
      payload += taken;
    }
    if (offset_ == part.prefix_size + part.bytes.size()) {
      std::string().swap(part.bytes);
      offset_ = 0;
      if (++first_ == parts_.size()) {
        parts_.clear();
        first_ = 0;
      }
    }
  }
  if (first_ > 64 && first_ * 2 > parts_.size()) {
    parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  return payload;
}

size_t SendQueue::Clear() {
  size_t payload = 0;
  for (size_t i = first_; i < parts_.size(); ++i) payload += parts_[i].bytes.size();
  if (first_ < parts_.size() && offset_ > parts_[first_].prefix_size)
    payload -= offset_ - parts_[first_].prefix_size;
  parts_.clear();
  first_ = offset_ = bytes_ = 0;
  return payload;
}

}  // namespace zhanqiao::edge
