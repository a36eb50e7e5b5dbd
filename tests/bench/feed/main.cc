// Publishes records to a feed and subscribes to it, as fast as the hub takes and gives them. One JSON line on standard
// output. Usage: bench-feed publish HOST:PORT FEED RECORDS BATCH STREAMS RESOURCE
//                bench-feed subscribe HOST:PORT GRANT RECORDS NAME
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "zhanqiao/v1/catalog.grpc.pb.h"
#include "zhanqiao/v1/feed.grpc.pb.h"

namespace zhanqiao::bench {
namespace {

double Seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

v1::PublishRequest Message(const v1::Resource& resource, const std::string& feed, int stream, int64_t from, int64_t count) {
  v1::PublishRequest message;
  message.set_feed(feed);
  auto& records = *message.mutable_records();
  records.set_schema_fingerprint(resource.schema_fingerprint());
  for (const auto& field : resource.fields()) records.add_fields(field.field());
  for (int64_t i = from; i < from + count; ++i) {
    auto& row = *records.add_rows();
    for (int f = 0; f < resource.fields_size(); ++f) {
      row.add_values()->set_text(f == 0 ? absl::StrCat(stream, "-", i) : std::string(32, 'x'));
    }
    message.add_idempotency_keys(absl::StrCat(stream, "-", i));
  }
  return message;
}

int Publish(char** argv) {
  const std::string feed = argv[3];
  const int64_t records = std::atoll(argv[4]), batch = std::atoll(argv[5]);
  const int streams = std::atoi(argv[6]);
  v1::GetResourceRequest get;
  get.set_name(argv[7]);
  v1::Resource resource;
  {
    v1::CatalogService::Stub catalog(Connect(argv[2]));
    grpc::ClientContext context;
    if (!catalog.GetResource(&context, get, &resource).ok()) return 3;
  }
  std::atomic<int64_t> stored{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> publishers;
  const double start = Seconds();
  for (int stream = 0; stream < streams; ++stream) {
    publishers.emplace_back([&, stream] {
      v1::FeedService::Stub stub(Connect(argv[2]));
      grpc::ClientContext context;
      const auto call = stub.Publish(&context);
      std::thread reader([&] {
        v1::PublishResponse last;
        for (v1::PublishResponse response; call->Read(&response);) last = response;
        stored += last.published();
      });
      uint64_t number = 0;
      for (int64_t at = 0; at < records / streams; at += batch) {
        auto message = Message(resource, feed, stream, at, std::min(batch, records / streams - at));
        message.set_number(++number);
        if (!call->Write(message)) break;
      }
      call->WritesDone();
      reader.join();
      failed += call->Finish().ok() ? 0 : 1;
    });
  }
  for (auto& publisher : publishers) publisher.join();
  const double seconds = Seconds() - start;
  std::printf("{\"records\": %lld, \"seconds\": %.3f, \"records_per_s\": %.0f, \"failed\": %d}\n",
              static_cast<long long>(stored), seconds, static_cast<double>(stored) / seconds, failed.load());
  return failed == 0 ? 0 : 1;
}

int Subscribe(char** argv) {
  const int64_t records = std::atoll(argv[4]);
  v1::FeedService::Stub stub(Connect(argv[2]));
  grpc::ClientContext context;
  const auto call = stub.Subscribe(&context);
  v1::SubscribeRequest request;
  request.mutable_start()->set_grant(argv[3]);
  request.mutable_start()->set_subscription(argv[5]);
  request.mutable_start()->set_matter("bench");
  request.mutable_start()->set_unacknowledged_max(10'000);
  const double start = Seconds();
  call->Write(request);
  int64_t received = 0, acknowledged = 0;
  uint64_t last = 0;
  for (v1::SubscribeResponse response; acknowledged < records && call->Read(&response);) {
    if (response.has_acknowledged()) acknowledged = static_cast<int64_t>(response.acknowledged().offset());
    if (!response.has_delivery()) continue;
    for (const uint64_t offset : response.delivery().offsets()) {
      if (offset != ++last) return 4;
    }
    received += response.delivery().offsets_size();
    v1::SubscribeRequest acknowledge;
    acknowledge.mutable_acknowledge()->set_offset(response.delivery().through_offset());
    call->Write(acknowledge);
  }
  const double seconds = Seconds() - start;
  call->WritesDone();
  const bool ended = call->Finish().ok();
  std::printf("{\"records\": %lld, \"seconds\": %.3f, \"records_per_s\": %.0f, \"failed\": %d}\n",
              static_cast<long long>(received), seconds, static_cast<double>(received) / seconds, ended ? 0 : 1);
  return ended && received >= records ? 0 : 1;
}

}  // namespace
}  // namespace zhanqiao::bench

int main(int argc, char** argv) {
  if (argc == 8 && std::string(argv[1]) == "publish") return zhanqiao::bench::Publish(argv);
  if (argc == 6 && std::string(argv[1]) == "subscribe") return zhanqiao::bench::Subscribe(argv);
  return 2;
}
