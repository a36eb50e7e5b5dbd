#include "connectors/adapters/hub/hub.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>

#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/ids.h"
#include "catalog/base/records.h"
#include "connectors/adapters/cursor.h"
#include "connectors/adapters/schema.h"
#include "connectors/adapters/sql/sql_adapter.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"

namespace zhanqiao::connectors {
namespace {

constexpr int kQueryRowsMax = 1000;  // exchange.proto
constexpr int kChunkRowsMax = 10'000;

class Upstream final : public Adapter {
 public:
  Upstream(std::shared_ptr<grpc::Channel> channel, UpstreamOptions options, const v1::Resource& entry)
      : channel_(std::move(channel)),
        stub_(v1::ExchangeService::NewStub(channel_)),
        options_(std::move(options)),
        schema_(entry),
        cursors_({"upstream"}) {}

  absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const override;
  int waiting_max() const override { return options_.calls; }

 private:
  absl::Status Ask(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const;
  absl::Status Fetch(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const;
  absl::Status Accept(v1::RecordBatch& records, const Projection& projection,
                      v1::ConnectorReply& reply) const;

  // What Query and Fetch have in common.
  template <typename Request>
  void Fill(const v1::ConnectorQuery& query, Request& request) const {
    request.set_grant(options_.grant);
    request.mutable_fields()->CopyFrom(query.fields());
    request.mutable_conditions()->CopyFrom(query.conditions());
    request.set_matter(options_.matter);
  }

  // After a failure the channel would not dial for a while; how often a sick source is asked is the breaker's to say.
  void Dial() const;

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::ExchangeService::Stub> stub_;
  const UpstreamOptions options_;
  const Schema schema_;
  const CursorForm cursors_;
};

void SetDeadline(const v1::ConnectorQuery& query, grpc::ClientContext& context) {
  context.set_deadline(absl::ToChronoTime(DeadlineOf(query)));
}

absl::Status StatusOf(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) return SourceUnavailable();
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return SourceSlow();
  return SourceRefused(ReasonOf(FromGrpc(status)));
}

void Upstream::Dial() const {
  if (channel_->GetState(/*try_to_connect=*/true) != GRPC_CHANNEL_TRANSIENT_FAILURE) return;
  grpc::experimental::ChannelResetConnectionBackoff(channel_.get());
  channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::milliseconds(250));
}

absl::Status Upstream::Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const {
  Dial();
  return query.chunk() ? Fetch(query, reply) : Ask(query, reply);
}

absl::Status Upstream::Accept(v1::RecordBatch& records, const Projection& projection,
                              v1::ConnectorReply& reply) const {
  if (records.schema_fingerprint() != projection.fingerprint) return SourceChanged();
  for (const v1::Row& row : records.rows()) {
    for (size_t i = 0; i < projection.columns.size(); ++i) {
      const v1::Field& field = schema_.fields()[static_cast<size_t>(projection.columns[i])];
      const bool fits = row.values_size() == static_cast<int>(projection.columns.size()) &&
                        FitsType(row.values(static_cast<int>(i)), field.data_type(), field.length());
      if (fits) continue;
      return Fail(
          absl::StatusCode::kFailedPrecondition, "SOURCE_VALUE",
          "A value of the other hub does not fit the entry; a mask of its grant may have changed its type.",
          {{"link", std::string(kLinkSource)}, {"field", field.field()}});
    }
  }
  reply.mutable_records()->Swap(&records);
  return absl::OkStatus();
}

absl::Status Upstream::Ask(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const {
  const std::shared_ptr<const Projection> projection = TRY(schema_.Check(query));
  grpc::ClientContext context;
  SetDeadline(query, context);
  v1::QueryRequest request;
  Fill(query, request);
  SystemRandom random;
  request.set_request_id(NewId(SystemClock().Now(), random));
  request.set_row_limit(std::min(query.row_limit(), kQueryRowsMax));
  v1::QueryResponse response;
  TRY(StatusOf(stub_->Query(&context, request, &response)));
  reply.set_truncated(response.truncated());
  return Accept(*response.mutable_records(), *projection, reply);
}

absl::Status Upstream::Fetch(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const {
  const std::shared_ptr<const Projection> projection = TRY(schema_.Check(query));
  grpc::ClientContext context;
  SetDeadline(query, context);
  v1::FetchRequest request;
  Fill(query, request);
  request.set_chunk_rows(std::min(query.row_limit(), kChunkRowsMax));
  if (!query.cursor().empty()) {
    const std::vector<std::string> token = TRY(cursors_.Decode(query.cursor()));
    request.set_resume_token(token[0]);
  }
  const auto reader = stub_->Fetch(&context, request);
  v1::FetchResponse response;
  const bool came = reader->Read(&response);
  if (came) context.TryCancel();  // the next chunk is asked for when it is wanted
  const grpc::Status status = reader->Finish();
  if (!came) {
    const absl::Status refused = StatusOf(status);
    if (FactOf(refused, "state") == "KEY_REQUIRED") return KeyRequired();
    return refused.ok() ? SourceRefused("no chunk") : refused;
  }
  if (!response.complete()) {
    const std::vector<std::string> token = {response.resume_token()};
    reply.set_next_cursor(TRY(cursors_.Encode(token)));
  }
  return Accept(*response.mutable_records(), *projection, reply);
}

}  // namespace

std::unique_ptr<Adapter> MakeUpstream(std::shared_ptr<grpc::Channel> channel, UpstreamOptions options,
                                      const v1::Resource& entry) {
  return std::make_unique<Upstream>(std::move(channel), std::move(options), entry);
}

AdapterFactory UpstreamResource(std::shared_ptr<grpc::Channel> channel, UpstreamOptions options) {
  return [channel = std::move(channel), options = std::move(options)](
             const v1::Resource& entry) -> absl::StatusOr<std::unique_ptr<Adapter>> {
    return MakeUpstream(channel, options, entry);
  };
}

}  // namespace zhanqiao::connectors
