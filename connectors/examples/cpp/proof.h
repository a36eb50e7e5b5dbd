// Verifies a receipt with the log's verifier key alone: public formats only (C2SP tlog-proof, signed-note; RFC 9162).
#pragma once

#include <cstdint>
#include <string>

// The index at which `entry` is in the log that `vkey` (name+id+key) signs; throws std::runtime_error otherwise.
uint64_t VerifyReceipt(const std::string& entry, const std::string& proof, const std::string& vkey);
