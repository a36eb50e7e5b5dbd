#include "hub/exchange/feeds/feed_service.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/exchange/feeds/publish_stream.h"
#include "hub/exchange/feeds/subscription.h"
#include "hub/exchange/timestamps.h"

namespace zhanqiao::exchange {
namespace {

constexpr std::string_view kSubscriptions = "/subscriptions/";

absl::Status NoFeed() {
  return Fail(absl::StatusCode::kNotFound, "FEED_NOT_FOUND", "There is no such feed; name one as feeds/{code}.");
}

absl::Status CheckDeclared(const v1::Feed& feed, const v1::Resource& resource) {
  std::vector<Violation> violations;
  if (feed.retention_hours() < 1 || feed.retention_hours() > absl::ToInt64Hours(kRetentionMax)) {
    violations.push_back({"feed.retention_hours", "RETENTION_HOURS", "Give 1 to 2160 hours (90 days)."});
  }
  if (feed.bytes_max() < (1 << 20) || feed.bytes_max() > (int64_t{1} << 40)) {
    violations.push_back({"feed.bytes_max", "BYTES_MAX", "Give 1048576 (1 MiB) to 1099511627776 (1 TiB) bytes."});
  }
  if (!v1::FeedOverflow_IsValid(feed.overflow())) {
    violations.push_back({"feed.overflow", "OVERFLOW_UNKNOWN", "Use a value of FeedOverflow."});
  }
  if (feed.publishers_size() > 50) violations.push_back({"feed.publishers", "PUBLISHERS_MANY", "Name at most 50 publishers."});
  for (int i = 0; i < feed.publishers_size(); ++i) {
    const std::string& publisher = feed.publishers(i);
    const bool named = access::IsSubjectName(publisher, "connectors") || access::IsSubjectName(publisher, "systems");
    if (!named || access::OrganizationOf(publisher) != resource.provider()) {
      violations.push_back({absl::StrCat("feed.publishers[", i, "]"), "PUBLISHER_NAME",
                            "Name a connector or a system of the resource's provider: organizations/{code}/connectors/{id}."});
    }
  }
  return BadFields(violations);
}

v1::Feed Filled(const Feed& feed, v1::Feed declared, const documents::Version& version) {
  const v1::StoredFeed ends = feed.ends();
  declared.set_earliest_offset(ends.earliest_offset());
  declared.set_next_offset(ends.next_offset());
  declared.set_records(static_cast<int64_t>(ends.next_offset() - ends.earliest_offset()));
  declared.set_bytes(ends.bytes());
  if (ends.time_us() > 0) {
    *declared.mutable_publish_time() = ToTimestamp(absl::FromUnixMicros(static_cast<int64_t>(ends.time_us())));
  }
  declared.set_etag(version.etag());
  return declared;
}

// "370200-ZWFWB.approval.main": a name without slashes for organizations/370200-ZWFWB/systems/approval and main.
std::string SubscriptionId(const CursorName& name) {
  return absl::StrCat(absl::StrReplaceAll(name.consumer, {{"organizations/", ""}, {"/systems/", "."}}), ".", name.subscription);
}

v1::Subscription Described(const Feed& feed, const Feed::Reached& reached) {
  v1::Subscription subscription;
  subscription.set_name(absl::StrCat(feed.name(), Absl(kSubscriptions), SubscriptionId(reached.name)));
  subscription.set_consumer(reached.name.consumer);
  subscription.set_grant(reached.cursor.grant());
  subscription.set_acknowledged_offset(reached.cursor.acknowledged_offset());
  subscription.set_delivered_offset(reached.cursor.delivered_offset());
  subscription.set_lag(feed.ends().next_offset() - std::min(feed.ends().next_offset(), reached.cursor.acknowledged_offset() + 1));
  if (reached.cursor.time_us() > 0) {
    *subscription.mutable_acknowledge_time() = ToTimestamp(absl::FromUnixMicros(static_cast<int64_t>(reached.cursor.time_us())));
  }
  subscription.set_connected(reached.connected);
  return subscription;
}

class SubscribeStream final : public StreamHandler<v1::SubscribeRequest> {
 public:
  explicit SubscribeStream(std::shared_ptr<Subscription> subscription) : subscription_(std::move(subscription)) {}
  ~SubscribeStream() override { subscription_->Gone(); }
  void OnMessage(const Caller& caller, v1::SubscribeRequest& message) override { subscription_->Take(caller, message); }
  void OnHalfClose() override { subscription_->HalfClose(); }
  void OnCancel() override { subscription_->Gone(); }
  void OnDrained() override { subscription_->Wake(); }

 private:
  const std::shared_ptr<Subscription> subscription_;  // shared with its work under way
};

}  // namespace

absl::StatusOr<std::shared_ptr<Feed>> FeedService::Named(std::string_view name) const {
  std::shared_ptr<Feed> feed = feeds_.Find(name);
  if (feed == nullptr) return NoFeed();
  TRY(feed->Load());
  return feed;
}

absl::Status FeedService::CheckProvider(const Caller& caller, const Feed& feed,
                                        std::initializer_list<std::string_view> roles) const {
  const auto resource = feeds_.parts().catalog.FindResource(feed.resource_name());
  const std::string provider = resource == nullptr ? std::string() : resource->provider();
  if (access::HoldsAny(caller, {"office"}) || access::HoldsAnyAt(caller, provider, roles)) return absl::OkStatus();
  return access::RoleRequired("org_clerk of the provider, office");
}

absl::StatusOr<v1::Feed> FeedService::GetFeed(const Caller& caller, const v1::GetFeedRequest& request) {
  const std::shared_ptr<Feed> feed = TRY(Named(request.name()));
  const FeedParts& parts = feeds_.parts();
  const auto resource = parts.catalog.FindResource(feed->resource_name());
  TRY(access::CheckConcerned(caller, parts.grants, feed->resource_name(), resource ? resource->provider() : "",
                             CivilDayOf(parts.clock.Now())));
  const documents::Version version = TRY(documents_.Get(request.name()));
  v1::Feed declared = TRY(version.As<v1::Feed>());
  return Filled(*feed, std::move(declared), version);
}

absl::StatusOr<v1::Feed> FeedService::UpdateFeed(const Caller& caller, const v1::UpdateFeedRequest& request) {
  v1::Feed feed = request.feed();
  if (!absl::StartsWith(feed.name(), Absl(kFeedNames))) {
    return BadField("NAME_INVALID", "feed.name", "Give feeds/{code}, the code as in resources/{code}.");
  }
  const std::string resource_name = absl::StrCat("resources/", feed.name().substr(kFeedNames.size()));
  const auto resource = feeds_.parts().catalog.FindResource(resource_name);
  const std::string provider = resource == nullptr ? std::string() : resource->provider();
  if (!access::HoldsAny(caller, {"office"}) && !access::HoldsAnyAt(caller, provider, {"org_clerk"})) {
    return access::RoleRequired("org_clerk of the provider, office");
  }
  if (resource == nullptr) {
    return BadField("RESOURCE_UNKNOWN", "feed.name", "There is no such resource; enter it in the catalogue first.");
  }
  TRY(CheckDeclared(feed, *resource));
  TRY(access::CheckText("reason", request.reason(), 500, false));
  const auto stored = documents_.Get(feed.name());
  if (!stored.ok() && (stored.status().code() != absl::StatusCode::kNotFound || !request.allow_missing())) return NoFeed();
  uint64_t expected = 0;
  if (stored.ok()) {
    if (feed.etag().empty()) return BadField("ETAG_REQUIRED", "feed.etag", "Send the etag of the feed as it was read.");
    expected = TRY(documents::RevisionOf(feed.etag()));
  }
  for (const char* name : {"earliest_offset", "next_offset", "records", "bytes", "publish_time", "etag"}) {
    feed.GetReflection()->ClearField(&feed, feed.GetDescriptor()->FindFieldByName(name));
  }
  documents::Change change;
  change.name = feed.name();
  change.type = feed.GetDescriptor()->full_name();
  change.document = documents::Canonical(feed);
  change.expected_revision = expected;
  documents::Transaction transaction;
  transaction.changes.push_back(std::move(change));
  transaction.actor = caller.subject;
  transaction.reason = request.reason();
  const auto versions = TRY(documents_.Apply(std::move(transaction)));
  const std::shared_ptr<Feed> declared = TRY(Named(feed.name()));
  return Filled(*declared, std::move(feed), versions.at(0));
}

absl::StatusOr<v1::ListSubscriptionsResponse> FeedService::ListSubscriptions(const Caller& caller,
                                                                            const v1::ListSubscriptionsRequest& request) {
  const std::shared_ptr<Feed> feed = TRY(Named(request.parent()));
  const bool all = access::HoldsAny(caller, {"auditor"}) ||
                   CheckProvider(caller, *feed, {"org_clerk", "org_approver"}).ok();
  if (!all && caller.kind != SubjectKind::kSystem) return access::RoleRequired("org_clerk of the provider, office, auditor");
  const int page_size = TRY(access::PageSize(request.page_size()));
  v1::ListSubscriptionsResponse response;
  for (const Feed::Reached& reached : feed->cursors()) {
    if (!all && reached.name.consumer != caller.subject) continue;
    const std::string id = SubscriptionId(reached.name);
    if (id <= request.page_token() && !request.page_token().empty()) continue;
    *response.add_subscriptions() = Described(*feed, reached);
  }
  std::sort(response.mutable_subscriptions()->begin(), response.mutable_subscriptions()->end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
  if (response.subscriptions_size() > page_size) {
    response.mutable_subscriptions()->DeleteSubrange(page_size, response.subscriptions_size() - page_size);
    const std::string& last = response.subscriptions(page_size - 1).name();
    response.set_next_page_token(last.substr(feed->name().size() + kSubscriptions.size()));
  }
  return response;
}

absl::StatusOr<v1::Subscription> FeedService::DeleteSubscription(const Caller& caller,
                                                                const v1::DeleteSubscriptionRequest& request) {
  const size_t split = request.name().find(kSubscriptions);
  if (split == std::string::npos) {
    return BadField("NAME_INVALID", "name", "Give feeds/{code}/subscriptions/{id} as ListSubscriptions names it.");
  }
  const std::shared_ptr<Feed> feed = TRY(Named(request.name().substr(0, split)));
  const std::string id = request.name().substr(split + kSubscriptions.size());
  const bool provider = CheckProvider(caller, *feed, {"org_clerk"}).ok();
  for (const Feed::Reached& reached : feed->cursors()) {
    if (SubscriptionId(reached.name) != id) continue;
    if (!provider && reached.name.consumer != caller.subject) break;
    const Feed::Reached forgotten = TRY(feed->Forget(reached.name));
    return Described(*feed, forgotten);
  }
  if (!provider && caller.kind != SubjectKind::kSystem) return access::RoleRequired("the subscribing system, org_clerk of the provider, office");
  return Fail(absl::StatusCode::kNotFound, "SUBSCRIPTION_NOT_FOUND", "The feed has no such subscription; see ListSubscriptions.");
}

std::unique_ptr<StreamHandler<v1::PublishRequest>> FeedService::Publish(
    std::shared_ptr<StreamSink<v1::PublishResponse>> sink) {
  return NewPublishStream(feeds_, std::move(sink));
}

std::unique_ptr<StreamHandler<v1::SubscribeRequest>> FeedService::Subscribe(
    std::shared_ptr<StreamSink<v1::SubscribeResponse>> sink) {
  auto subscription = std::make_shared<Subscription>(feeds_, std::move(sink));
  feeds_.Add(subscription);
  return std::make_unique<SubscribeStream>(std::move(subscription));
}

}  // namespace zhanqiao::exchange
