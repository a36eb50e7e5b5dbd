// FeedService (proto/zhanqiao/v1/feed.proto) over the feeds. Unary methods wait for the store; streams do not.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/stream.h"
#include "catalog/documents/document_store.h"
#include "hub/exchange/feeds/feeds.h"
#include "zhanqiao/v1/feed.pb.h"

namespace zhanqiao::exchange {

// Thread-safe.
class FeedService {
 public:
  // Both must outlive it and its streams.
  FeedService(Feeds& feeds, documents::DocumentStore& documents) : feeds_(feeds), documents_(documents) {}

  absl::StatusOr<v1::Feed> GetFeed(const Caller&, const v1::GetFeedRequest&);
  absl::StatusOr<v1::Feed> UpdateFeed(const Caller&, const v1::UpdateFeedRequest&);
  absl::StatusOr<v1::ListSubscriptionsResponse> ListSubscriptions(const Caller&, const v1::ListSubscriptionsRequest&);
  absl::StatusOr<v1::Subscription> DeleteSubscription(const Caller&, const v1::DeleteSubscriptionRequest&);

  std::unique_ptr<StreamHandler<v1::PublishRequest>> Publish(std::shared_ptr<StreamSink<v1::PublishResponse>> sink);
  std::unique_ptr<StreamHandler<v1::SubscribeRequest>> Subscribe(std::shared_ptr<StreamSink<v1::SubscribeResponse>> sink);

 private:
  absl::StatusOr<std::shared_ptr<Feed>> Named(std::string_view name) const;
  // May do what the provider of the feed may: `roles` of that organisation, or the office.
  absl::Status CheckProvider(const Caller& caller, const Feed& feed, std::initializer_list<std::string_view> roles) const;

  Feeds& feeds_;
  documents::DocumentStore& documents_;
};

}  // namespace zhanqiao::exchange
