// Witnesses for tests: a key and a name each, and a running server where one is wanted.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/ledger/witness/server.h"
#include "hub/ledger/witness/witness.h"

namespace zhanqiao::ledger {

class TestWitness {
 public:
  TestWitness(std::string name, char seed, std::vector<VerifierKey> logs)
      : signer_(*Ed25519FileSigner::FromSeed(std::string(32, seed), std::move(name))), logs_(std::move(logs)) {
    Open();
  }
  // As after a crash: the state is read again from the disk.
  void Open() {
    witness_.reset();
    auto opened = Witness::Open(directory_.path() / "state", logs_, *signer_, clock_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    witness_ = *std::move(opened);
  }
  // Listens, on the port of before if it had one.
  void Serve() {
    auto server = WitnessServer::Start(*witness_, {.address = address_});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    address_ = server_->address();
  }
  void Kill() {
    server_.reset();
    Open();
  }
  std::string PolicyLine() const {
    return absl::StrCat("witness ", signer_->name(), " ", key().ToText(), " http://", address_, "\n");
  }
  // The same body under an address that is known before it serves.
  void SetAddress(std::string address) { address_ = std::move(address); }

  Witness& operator*() { return *witness_; }
  Witness* operator->() { return witness_.get(); }
  VerifierKey key() const { return CosignerKeyOf(*signer_); }
  const Signer& signer() const { return *signer_; }
  const std::string& address() const { return address_; }
  std::filesystem::path state() const { return directory_.path() / "state"; }
  SimulatedClock& clock() { return clock_; }

 private:
  const storage::TemporaryDirectory directory_;
  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  const std::unique_ptr<Signer> signer_;
  const std::vector<VerifierKey> logs_;
  std::string address_ = "127.0.0.1:0";
  std::unique_ptr<Witness> witness_;
  std::unique_ptr<WitnessServer> server_;
};

}  // namespace zhanqiao::ledger
