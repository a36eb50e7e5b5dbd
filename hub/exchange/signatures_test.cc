// Signed requests and signed answers: who signed cannot deny, and who should have signed is not believed
// otherwise.
#include <gtest/gtest.h>

#include "catalog/base/signatures.h"
#include "hub/exchange/test_exchange.h"
#include "hub/ledger/commitments.h"

namespace zhanqiao::exchange {
namespace {

class SignaturesTest : public ::testing::Test {
 protected:
  SignaturesTest() {
    auto connector = access::TestCity::Connector(access::kConnectorA);
    connector.set_signing_key(connector_key_.public_key());
    city_.Put(access::kConnectorA, connector);
    auto system = access::TestCity::System(access::kSystem);
    system.set_signing_key(system_key_.public_key());
    city_.Put(access::kSystem, system);
    access::Presented presented;
    presented.identities = {"zhanqiao://qingdao/org/370200-GAJ/connector/a"};
    connector_.caller = city_.directory.Resolve(presented).value();
  }

  // A good answer with its digest.
  static v1::ConnectorReply Digested(const v1::ConnectorQuery& query) {
    v1::ConnectorReply reply = ExchangeCity::Good(query);
    reply.set_digest(std::string(Bytes(ExchangeCity::DigestOf(query, reply))));
    return reply;
  }
  // The request as its canonical form has it, so that it can be signed.
  v1::QueryRequest Explicit(const std::string& matter) const {
    v1::QueryRequest request = ExchangeCity::Request(grant_);
    request.set_matter(matter);
    request.add_fields("name");
    request.add_fields("address");
    request.set_row_limit(10);
    const Digest digest = Sha256(ledger::CanonicalRequest(request, grant_.resource()));
    request.set_digest(std::string(Bytes(digest)));
    return request;
  }
  std::string SignatureOver(const std::vector<v1::QueryRequest>& requests) const {
    std::vector<Digest> digests;
    for (const auto& request : requests) digests.push_back(DigestFrom(request.digest()));
    return system_key_.Sign(SignedTree(digests).SignedBytes(kSignedRequests));
  }
  PendingPtr AskSigned(v1::QueryRequest request) {
    auto pending = std::make_shared<Pending>();
    city_.exchange.Query(city_.SystemCaller(), std::move(request),
                         [pending](absl::StatusOr<EncodedAnswer> result) {
                           pending->Take(std::move(result));
                           pending->told.Notify();
                         });
    return pending;
  }
  void ExpectRefused(const PendingPtr& pending, std::string_view reason) {
    EXPECT_EQ(ReasonOf(pending->Wait().status()), reason);
    EXPECT_EQ(city_.DenialOf(pending->result.status()).reason(), reason) << pending->result.status();
  }
  v1::Exchange EntryOf(const PendingPtr& pending) {
    return city_.Entries().at(pending->result->receipt().index()).exchange();
  }

  const Ed25519Key connector_key_ = Ed25519Key::FromSeed(std::string(32, 'c'));
  const Ed25519Key system_key_ = Ed25519Key::FromSeed(std::string(32, 's'));
  ExchangeCity city_;
  v1::Grant grant_ = city_.Active();
  ExchangeCity::Played connector_ = city_.Connect(access::kConnectorA);
};

TEST_F(SignaturesTest, EveryAnswerOfASignedBatchKeepsItsPlaceBesideItsEntry) {
  std::vector<PendingPtr> pending;
  for (int i = 0; i < 5; ++i) pending.push_back(city_.Ask(grant_));
  const auto asked = connector_.Asked();
  ASSERT_EQ(asked.size(), 5u);
  std::vector<v1::ConnectorReply> replies;
  for (size_t i = 0; i < asked.size(); ++i) {
    replies.push_back(Digested(asked[i]));
    if (i != 2) continue;  // an error among them is not signed
    replies[i].clear_digest();
    replies[i].mutable_error()->set_code(14);
  }
  connector_.ReplySigned(replies, connector_key_);
  for (size_t i = 0; i < pending.size(); ++i) {
    ASSERT_EQ(pending[i]->Wait().ok(), i != 2) << pending[i]->result.status();
    if (i == 2) continue;
    const v1::EntrySecret secret = city_.SecretAt(pending[i]->result->receipt().index());
    EXPECT_EQ(secret.answer_signature().count(), 4u);
    EXPECT_TRUE(
        CheckSignature(kSignedAnswers, secret.answer_signature(), DigestFrom(replies[i].digest())).ok());
    EXPECT_EQ(secret.answer_signature().public_key(), connector_key_.public_key());
    EXPECT_EQ(EntryOf(pending[i]).answer_signature_hash(),
              Bytes(Sha256(secret.answer_signature().signature())));
    EXPECT_EQ(EntryOf(pending[i]).request_signature_hash(), "");
    EXPECT_FALSE(secret.has_request_signature());
  }
}

TEST_F(SignaturesTest, WithARegisteredKeyAnUnsignedOrWronglySignedAnswerIsNotReleased) {
  const auto spoil = [&](const std::function<void(v1::ConnectorReply&)>& change, const Ed25519Key& key,
                         bool sign) {
    const auto pending = city_.Ask(grant_);
    auto reply = Digested(connector_.Asked().at(0));
    change(reply);
    if (sign) {
      connector_.ReplySigned({reply}, key);
    } else {
      connector_.Reply(reply);
    }
    ExpectRefused(pending, "ANSWER_SIGNATURE");
  };
  const auto nothing = [](v1::ConnectorReply&) {};
  spoil(nothing, connector_key_, false);
  spoil(nothing, system_key_, true);
  spoil([](auto& reply) { reply.mutable_records()->mutable_rows(0)->mutable_values(0)->set_text("张三"); },
        connector_key_, true);
  spoil([](auto& reply) { reply.set_truncated(true); }, connector_key_, true);
  spoil([](auto& reply) { reply.set_digest(std::string(32, 'x')); }, connector_key_, true);
  EXPECT_EQ(city_.Releases(), 0);
}

TEST_F(SignaturesTest, AnAnswerCannotBeShownAsOneToAnotherRequest) {
  const auto first = city_.Ask(grant_);
  const auto second = city_.Ask(grant_);
  const auto asked = connector_.Asked();
  auto reply = Digested(asked.at(0));
  reply.set_number(asked.at(1).number());
  connector_.ReplySigned({reply}, connector_key_);
  ExpectRefused(second, "ANSWER_SIGNATURE");
  connector_.ReplySigned({Digested(asked.at(0))}, connector_key_);
  EXPECT_TRUE(first->Wait().ok());
}

TEST_F(SignaturesTest, WithoutARegisteredKeyAnswersAreUnsigned) {
  auto second = city_.Connect(access::kConnectorB);
  connector_.stream->OnCancel();
  const auto pending = city_.Ask(grant_);
  second.Reply(ExchangeCity::Good(second.Asked().at(0)));
  ASSERT_TRUE(pending->Wait().ok());
  EXPECT_EQ(EntryOf(pending).answer_signature_hash(), "");
}

TEST_F(SignaturesTest, ASignedRequestIsKeptWithItsSignature) {
  v1::QueryRequest request = Explicit("m-1");
  request.set_signature(SignatureOver({request}));
  const auto pending = AskSigned(request);
  connector_.ReplySigned({Digested(connector_.Asked().at(0))}, connector_key_);
  ASSERT_TRUE(pending->Wait().ok()) << pending->result.status();
  const v1::EntrySecret secret = city_.SecretAt(pending->result->receipt().index());
  EXPECT_TRUE(CheckSignature(kSignedRequests, secret.request_signature(), DigestFrom(request.digest())).ok());
  EXPECT_EQ(EntryOf(pending).request_signature_hash(), Bytes(Sha256(request.signature())));
}

TEST_F(SignaturesTest, ASignatureOverSomethingElseRefusesTheRequest) {
  const auto refused = [&](const std::function<void(v1::QueryRequest&)>& change) {
    v1::QueryRequest request = Explicit("m-1");
    request.set_signature(SignatureOver({request}));
    change(request);
    ExpectRefused(AskSigned(request), "REQUEST_SIGNATURE");
  };
  refused([](auto& request) { request.set_matter("m-2"); });
  refused([](auto& request) { request.set_row_limit(11); });
  refused([](auto& request) { (*request.mutable_signature())[3] ^= 1; });
  refused([](auto& request) { request.clear_digest(); });
  refused([](auto& request) { request.clear_signature(); });
  city_.Put(access::kSystem, access::TestCity::System(access::kSystem));  // its key is withdrawn
  refused([](auto&) {});
  EXPECT_TRUE(connector_.Asked().empty());
}

TEST_F(SignaturesTest, OneSignatureCoversTheSignedRequestsOfAStreamMessage) {
  auto sink = std::make_shared<FakeSink<v1::QueryStreamResponse>>();
  const auto stream = city_.exchange.QueryStream(sink);
  v1::QueryStreamRequest message;
  std::vector<v1::QueryRequest> signed_requests;
  for (uint64_t number = 1; number <= 4; ++number) {
    auto& numbered = *message.add_queries();
    numbered.set_number(number);
    *numbered.mutable_query() = Explicit("m-" + std::to_string(number));
    if (number == 2) numbered.mutable_query()->clear_digest();  // may stand among them unsigned
    if (number != 2) signed_requests.push_back(numbered.query());
  }
  message.set_signature(SignatureOver(signed_requests));
  v1::QueryStreamRequest sent = message;
  stream->OnMessage(city_.SystemCaller(), sent);
  std::vector<v1::ConnectorReply> replies;
  for (const auto& query : connector_.Asked()) replies.push_back(Digested(query));
  ASSERT_EQ(replies.size(), 4u);
  connector_.ReplySigned(replies, connector_key_);
  std::map<uint64_t, v1::QueryResponse> answers;
  while (answers.size() < 4) {
    sink->Run(true);
    for (const auto& written : sink->Written()) {
      for (const auto& answer : written.answers()) {
        ASSERT_TRUE(answer.has_response()) << answer.error().message();
        answers[answer.number()] = answer.response();
      }
    }
  }
  for (const auto& [number, answer] : answers) {
    const v1::EntrySecret secret = city_.SecretAt(answer.receipt().index());
    EXPECT_EQ(secret.has_request_signature(), number != 2);
    if (number == 2) continue;
    EXPECT_EQ(secret.request_signature().count(), 3u);
    const std::string digest = message.queries(static_cast<int>(number) - 1).query().digest();
    EXPECT_TRUE(CheckSignature(kSignedRequests, secret.request_signature(), DigestFrom(digest)).ok())
        << number;
  }

  (*message.mutable_signature())[0] ^= 1;
  for (auto& numbered : *message.mutable_queries()) numbered.set_number(numbered.number() + 10);
  stream->OnMessage(city_.SystemCaller(), message);
  int refused = 0;
  while (refused < 4) {
    sink->Run(true);
    for (const auto& written : sink->Written()) refused += written.answers_size();
  }
  EXPECT_TRUE(connector_.Asked().empty()) << "nothing of a wrongly signed message is asked";
}

}  // namespace
}  // namespace zhanqiao::exchange
