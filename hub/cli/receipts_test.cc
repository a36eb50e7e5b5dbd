// Receipts as a user has them: files, and zq without a hub.
#include "hub/cli/receipts.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <sstream>

#include "catalog/base/ed25519.h"
#include "catalog/base/records.h"
#include "hub/cli/commands.h"
#include "hub/cli/files.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/receipt_service.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::cli {
namespace {

class ReceiptFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("ZQ_VKEY");
    directory_ = std::filesystem::path(testing::TempDir()) /
                 testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    request_.set_grant("grants/g");
    request_.add_fields("name");
    request_.set_row_limit(100);
    request_.set_matter("m-1");
    response_.mutable_records()->add_fields("name");
    response_.mutable_records()->add_rows()->add_values()->set_text("张*");

    const std::string seed(32, 's');
    v1::LedgerEntry entry = ledger::ExchangeEntry(1);
    v1::Exchange& exchange = *entry.mutable_exchange();
    exchange.set_resource("resources/r");
    exchange.set_request_commitment(std::string(
        Bytes(Commitment(seed, ledger::kRequestLabel, ledger::CanonicalRequest(request_, "resources/r")))));
    exchange.set_released_commitment(
        std::string(Bytes(Commitment(seed, ledger::kReleasedLabel, CanonicalRows(response_.records())))));
    ASSERT_TRUE(hub_.Commit({{entry.SerializeAsString(), SecretOf(seed)}}));
    hub_.Sign();
    ledger::ReceiptService service(hub_.log(), hub_.checkpointer(), hub_.pipeline(),
                                   ledger::TestLog::kOrigin);
    Caller consumer;
    consumer.kind = SubjectKind::kSystem;
    consumer.organization = "organizations/A";
    consumer.subject = "organizations/A/systems/s";
    v1::GetReceiptRequest get;
    get.set_index(1);
    const auto receipt = service.GetReceipt(consumer, get);
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    receipt_ = *receipt;
    Save();
  }
  void Save() {
    ASSERT_TRUE(WriteJsonFile(Path("receipt.json"), receipt_).ok());
    ASSERT_TRUE(WriteJsonFile(Path("request.json"), request_).ok());
    ASSERT_TRUE(WriteJsonFile(Path("answer.json"), response_).ok());
    ASSERT_TRUE(WriteFile(Path("log.vkey"), hub_.key().ToText() + "\n").ok());
  }
  std::string Path(const std::string& name) const { return (directory_ / name).string(); }
  int Zq(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = RunZq(arguments, out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  std::filesystem::path directory_;
  ledger::TestLog hub_;
  v1::QueryRequest request_;
  v1::QueryResponse response_;
  v1::Receipt receipt_;
  std::string out_;
  std::string err_;
};

TEST_F(ReceiptFilesTest, VerifiesOfflineWithTheKeyAsTextOrFile) {
  for (const std::string& key : {hub_.key().ToText(), "@" + Path("log.vkey"), Path("log.vkey")}) {
    EXPECT_EQ(Zq({"receipt", "verify", Path("receipt.json"), "--key", key, "--json"}), kExitOk) << err_;
    const auto verdict = boost::json::parse(out_);
    EXPECT_TRUE(verdict.at("verified").as_bool());
    EXPECT_EQ(verdict.at("index").to_number<int>(), 1);
    EXPECT_EQ(verdict.at("size").to_number<int>(), 2);
    EXPECT_EQ(verdict.at("event").as_string(), "exchange");
  }
  EXPECT_EQ(Zq({"receipt", "verify", Path("receipt.json")}), kExitFailed);
  EXPECT_NE(err_.find("VKEY_REQUIRED"), std::string::npos) << err_;
}

TEST_F(ReceiptFilesTest, AnAlteredReceiptDoesNotVerify) {
  receipt_.mutable_entry()->back() ^= 1;
  Save();
  EXPECT_EQ(Zq({"receipt", "verify", Path("receipt.json"), "--key", hub_.key().ToText()}), kExitUnproved);
  EXPECT_NE(err_.find("PROOF_INVALID"), std::string::npos) << err_;
}

TEST_F(ReceiptFilesTest, OpensToTheRequestAndTheRowsOneHolds) {
  EXPECT_EQ(Zq({"receipt", "open", Path("receipt.json"), "--request", Path("request.json"), "--rows",
                Path("answer.json"), "--json"}),
            kExitOk)
      << err_;
  EXPECT_EQ(boost::json::parse(out_).at("opened").as_array().size(), 2u);
  ASSERT_TRUE(WriteJsonFile(Path("rows.json"), response_.records()).ok());
  EXPECT_EQ(Zq({"receipt", "open", Path("receipt.json"), "--rows", Path("rows.json")}), kExitOk)
      << "rows alone: " << err_;
  EXPECT_EQ(Zq({"receipt", "open", Path("receipt.json")}), kExitFailed);
  EXPECT_EQ(Zq({"receipt", "open", Path("receipt.json"), "--answer", Path("answer.json")}), kExitFailed);
  response_.mutable_records()->mutable_rows(0)->mutable_values(0)->set_text("李*");
  request_.set_matter("m-2");
  Save();
  EXPECT_EQ(Zq({"receipt", "open", Path("receipt.json"), "--rows", Path("answer.json")}), kExitUnproved);
  EXPECT_NE(err_.find("COMMITMENT_DIFFERENT"), std::string::npos) << err_;
  EXPECT_EQ(Zq({"receipt", "open", Path("receipt.json"), "--request", Path("request.json")}), kExitUnproved);
}

TEST_F(ReceiptFilesTest, ASigningKeyIsMadeAsAPairOfFiles) {
  ASSERT_EQ(Zq({"cert", "signing-key", "--out", Path("sign")}), kExitOk) << err_;
  const auto key = Ed25519Key::Open(Path("sign.pem"));
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(*SigningKeyArgument(Path("sign.pub")), key->public_key());
  EXPECT_EQ(*SigningKeyArgument(ToBase64(key->public_key())), key->public_key());
  EXPECT_EQ(ReasonOf(SigningKeyArgument("AAAA").status()), "SIGNING_KEY_SIZE");
}

TEST_F(ReceiptFilesTest, WhatIsNotJsonIsNamed) {
  ASSERT_TRUE(WriteFile(Path("receipt.json"), "no").ok());
  EXPECT_EQ(Zq({"receipt", "verify", Path("receipt.json"), "--key", hub_.key().ToText()}), kExitFailed);
  EXPECT_NE(err_.find("JSON_UNREADABLE"), std::string::npos) << err_;
}

}  // namespace
}  // namespace zhanqiao::cli
