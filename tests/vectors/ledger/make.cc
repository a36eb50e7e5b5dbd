// Writes the vectors of the ledger's public formats (README.md), or checks that a file holds exactly them.
// Usage: ledger_vectors [--check FILE]
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/storage/store.h"
#include "hub/ledger/merkle.h"
#include "hub/ledger/note.h"

namespace zhanqiao::ledger {
namespace {

constexpr uint64_t kEntries = 300;
constexpr uint64_t kAllPairsTo = 16;
constexpr uint64_t kSizes[] = {31, 32, 33, 64, 65, 255, 256, 257, 300};
constexpr char kOrigin[] = "ledger.example/zhanqiao";
constexpr char kWitness[] = "witness.example/audit";
constexpr uint64_t kSeenAt = 1'795'000'000;  // POSIX seconds

std::string Quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '\n') {
      json += "\\n";
    } else if (c == '"' || c == '\\') {
      json += {'\\', c};
    } else {
      json += c;
    }
  }
  return json + '"';
}

class Tree final : public HashSource {
 public:
  Tree() {
    for (uint64_t i = 0; i < kEntries; ++i) leaves_.push_back(LeafHash(absl::StrCat("entry ", i)));
  }
  absl::StatusOr<Digest> HashAt(int level, uint64_t index) const override {
    if (level == 0) return leaves_.at(index);
    const Digest left = TRY(HashAt(level - 1, 2 * index));
    const Digest right = TRY(HashAt(level - 1, 2 * index + 1));
    return NodeHash(left, right);
  }

 private:
  std::vector<Digest> leaves_;
};

std::string Hashes(const Proof& proof) {
  std::vector<std::string> texts;
  for (const Digest& hash : proof) texts.push_back(Quoted(ToBase64(Bytes(hash))));
  return absl::StrCat("[", absl::StrJoin(texts, ","), "]");
}

class Vectors {
 public:
  std::string ToJson() {
    return absl::StrCat("{\n\"entries\":", kEntries, ",\n\"roots\":", List(Roots()),
                        ",\n\"inclusion\":", List(Inclusions()), ",\n\"consistency\":", List(Consistencies()),
                        ",\n\"key\":", Quoted(VerifierKeyOf(*log_).ToText()),
                        ",\n\"witness\":", Quoted(WitnessKey()), ",\n\"notes\":", List(Notes()),
                        ",\n\"proofs\":", List(Proofs()), "\n}\n");
  }

 private:
  using Items = std::vector<std::string>;
  static std::string List(const Items& items) {
    return absl::StrCat("[\n", absl::StrJoin(items, ",\n"), "\n]");
  }
  std::string Root(uint64_t size) const { return ToBase64(Bytes(*RootAt(tree_, size))); }

  Items Roots() const {
    Items items;
    for (uint64_t size = 0; size <= kEntries; ++size) items.push_back(Quoted(Root(size)));
    return items;
  }
  std::string Inclusion(uint64_t index, uint64_t size) const {
    return absl::StrCat("{\"index\":", index, ",\"size\":", size,
                        ",\"proof\":", Hashes(*InclusionProof(tree_, index, size)), "}");
  }
  Items Inclusions() const {
    Items items;
    for (uint64_t size = 1; size <= kAllPairsTo; ++size) {
      for (uint64_t index = 0; index < size; ++index) items.push_back(Inclusion(index, size));
    }
    for (const uint64_t size : kSizes) {
      for (const uint64_t index : {uint64_t{0}, size / 2, size - 1}) items.push_back(Inclusion(index, size));
    }
    return items;
  }
  std::string Consistency(uint64_t old_size, uint64_t size) const {
    return absl::StrCat("{\"old\":", old_size, ",\"size\":", size,
                        ",\"proof\":", Hashes(*ConsistencyProof(tree_, old_size, size)), "}");
  }
  Items Consistencies() const {
    Items items;
    for (uint64_t size = 0; size <= kAllPairsTo; ++size) {
      for (uint64_t old_size = 0; old_size <= size; ++old_size) items.push_back(Consistency(old_size, size));
    }
    for (const uint64_t size : kSizes) {
      for (const uint64_t old_size : {uint64_t{1}, size / 2, size - 1})
        items.push_back(Consistency(old_size, size));
    }
    return items;
  }

  std::string CheckpointText(uint64_t size) const {
    return Checkpoint{kOrigin, size, *RootAt(tree_, size)}.ToText();
  }
  std::string Signed(uint64_t size) const { return *SignNote(CheckpointText(size), *log_); }
  // Keys of cosignatures are of type 0x04.
  std::string WitnessId() const {
    const Digest digest = Sha256(absl::StrCat(kWitness, "\n\x04"), witness_->public_key());
    return std::string(Bytes(digest).substr(0, 4));
  }
  std::string WitnessKey() const {
    return absl::StrCat(kWitness, "+", ToHex(WitnessId()), "+",
                        ToBase64(absl::StrCat("\x04", witness_->public_key())));
  }
  std::string Cosignature(const std::string& text, uint64_t stated) const {
    const std::string message = absl::StrCat("cosignature/v1\ntime ", kSeenAt, "\n", text);
    const std::string blob = absl::StrCat(WitnessId(), storage::BigEndian(stated), *witness_->Sign(message));
    return absl::StrCat("\xE2\x80\x94 ", kWitness, " ", ToBase64(blob), "\n");
  }
  // As the C++ verifier sees it, which knows no witnesses here; `reason` where they change the answer.
  std::string Note(std::string_view what, const std::string& note, int witnessed = 0,
                   std::string reason = {}) const {
    if (reason.empty()) reason = ReasonOf(OpenCheckpoint(note, VerifierKeyOf(*log_)).status());
    return absl::StrCat("{\"what\":", Quoted(what), ",\"note\":", Quoted(note), ",\"witnessed\":", witnessed,
                        ",\"reason\":", Quoted(reason), "}");
  }
  Items Notes() const {
    const std::string good = Signed(300);
    const std::string text = CheckpointText(300);
    std::string flipped = good;
    flipped[flipped.size() - 10] = flipped[flipped.size() - 10] == 'A' ? 'B' : 'A';
    std::string grown = good;
    grown.replace(grown.find("300"), 3, "301");
    std::string zero = *SignNote(absl::StrCat(kOrigin, "\n0300\n", Root(300), "\n"), *log_);
    const auto other = *Ed25519FileSigner::FromSeed(std::string(32, 9), kOrigin);
    const std::string grease = "\xE2\x80\x94 grease.example AAAAAAAAAAAAAAAAAAAAAA==\n";
    return {
        Note("the log's checkpoint", good),
        Note("the checkpoint of the empty tree", Signed(0)),
        Note("a line of an unknown key is ignored", good + grease),
        Note("an extension line is ignored", *SignNote(text + "extension\n", *log_)),
        Note("cosigned", good + Cosignature(text, kSeenAt), 1),
        Note("a cosignature of another time", good + Cosignature(text, kSeenAt + 1), 0, "NOTE_SIGNATURE"),
        Note("a cosignature of another tree", good + Cosignature(CheckpointText(299), kSeenAt), 0,
             "NOTE_SIGNATURE"),
        Note("cosigned only", absl::StrCat(text, "\n", Cosignature(text, kSeenAt))),
        Note("one bit of the signature", flipped),
        Note("another size", grown),
        Note("signed by another key of the same name", *SignNote(text, *other)),
        Note("signed, but of another origin",
             *SignNote(Checkpoint{"other.example", 300, *RootAt(tree_, 300)}.ToText(), *log_)),
        Note("a size with a leading zero", zero),
        Note("no signature", text),
        Note("a dash instead of an em dash", absl::StrCat(text, "\n- ", good.substr(text.size() + 5))),
        Note("nothing", ""),
    };
  }

  std::string ProofFile(uint64_t index, const Proof& proof, const std::string& note) const {
    std::string file = absl::StrCat("c2sp.org/tlog-proof@v1\nindex ", index, "\n");
    for (const Digest& hash : proof) absl::StrAppend(&file, ToBase64(Bytes(hash)), "\n");
    return absl::StrCat(file, "\n", note);
  }
  static std::string ProofItem(std::string_view what, const std::string& file, std::string_view entry,
                               std::string_view reason) {
    return absl::StrCat("{\"what\":", Quoted(what), ",\"entry\":", Quoted(entry), ",\"proof\":", Quoted(file),
                        ",\"reason\":", Quoted(reason), "}");
  }
  Items Proofs() const {
    const Proof proof = *InclusionProof(tree_, 123, 300);
    const std::string good = ProofFile(123, proof, Signed(300));
    Proof altered = proof;
    altered[2][7] ^= 0x10;
    Proof shorter(proof.begin(), proof.end() - 1);
    std::string extra = good;
    extra.insert(extra.find("index"), "extra AQID\n");
    std::string unsigned_file = good;
    unsigned_file.replace(unsigned_file.find("\n300\n"), 5, "\n299\n");
    return {
        ProofItem("an entry and its proof", good, "entry 123", ""),
        ProofItem("with extra data", extra, "entry 123", ""),
        ProofItem("of a log of one entry", ProofFile(0, {}, Signed(1)), "entry 0", ""),
        ProofItem("another entry", good, "entry 124", "PROOF_INVALID"),
        ProofItem("another index", ProofFile(122, proof, Signed(300)), "entry 123", "PROOF_INVALID"),
        ProofItem("an altered hash", ProofFile(123, altered, Signed(300)), "entry 123", "PROOF_INVALID"),
        ProofItem("a hash too few", ProofFile(123, shorter, Signed(300)), "entry 123", "PROOF_INVALID"),
        ProofItem("an altered checkpoint", unsigned_file, "entry 123", "NOTE_SIGNATURE"),
        ProofItem("another form", absl::StrCat("x", good), "entry 123", "PROOF_MALFORMED"),
    };
  }

  const Tree tree_;
  const std::unique_ptr<Signer> log_ = *Ed25519FileSigner::FromSeed(std::string(32, 7), kOrigin);
  const std::unique_ptr<Signer> witness_ = *Ed25519FileSigner::FromSeed(std::string(32, 8), kWitness);
};

int Main(int argc, char** argv) {
  const std::string json = Vectors().ToJson();
  if (argc == 1) {
    std::cout << json;
    return 0;
  }
  if (argc != 3 || std::string_view(argv[1]) != "--check") return 2;
  std::ifstream in(argv[2], std::ios::binary);
  const std::string stored{std::istreambuf_iterator<char>(in), {}};
  if (stored == json) return 0;
  std::fprintf(stderr, "ledger_vectors: %s does not hold what the code computes\n", argv[2]);
  return 1;
}

}  // namespace
}  // namespace zhanqiao::ledger

int main(int argc, char** argv) {
  return zhanqiao::ledger::Main(argc, argv);
}
