// The department-side process: keeps one stream to the hub and answers what comes down it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/base/ids.h"
#include "connectors/adapters/adapter.h"

namespace zhanqiao::connectors {

class AnswerSeal;

// PEM files; read anew for each connection, so that a renewed certificate needs no restart.
struct TlsFiles {
  std::string ca;           // authorities of the hub
  std::string certificate;  // of this connector, then its intermediates
  std::string key;
  std::string server_name;  // name in the hub's certificate; empty: the host of the address
};

struct AgentOptions {
  std::string hub;              // host:port
  std::optional<TlsFiles> tls;  // none: plaintext, to loopback addresses only
  std::string software = "zhanqiao-connector 0.1.0";
  std::shared_ptr<const AnswerSeal> seal;  // signs and journals answers; shared by copies; null: neither
  int credits = 1024;           // requests the hub may have unanswered, 1 to 65,536
  size_t answer_bytes_max = 2 << 20;   // a larger answer is refused: RESOURCE_EXHAUSTED / ANSWER_TOO_LARGE
  size_t unsent_bytes_max = 16 << 20;  // with more unsent, requests wait unexecuted
  absl::Duration welcome_timeout = absl::Seconds(10);    // from dialling to `welcome`
  absl::Duration drain_timeout = absl::Seconds(5);       // from Stop to the hub's end of the stream
  absl::Duration backoff_base = absl::Milliseconds(200); // first pause is at most this, doubling
  absl::Duration backoff_max = absl::Seconds(30);
};

class Session;
class Sources;

// Promises: every request received is answered exactly once or the stream ends; replies are coalesced (up to 64
// in a message) while a write is under way; requests cancelled or out of time before their turn never reach the
// source; a lost stream is dialled again after a random pause of at most min(backoff_max, backoff_base * 2^n).
// Requests are executed on the thread that reads them: adapters must be quick. Thread-safe.
class Agent {
 public:
  // `sources`: by resource name. `random` must outlive the agent.
  Agent(AgentOptions options, std::map<std::string, AdapterFactory> sources, Random& random);
  ~Agent();

  // Serves until Stop was called and the stream has ended.
  void Run();

  // Finishes what has been received, half-closes the stream, lets Run return. May be called at any time.
  void Stop();

 private:
  bool Dial();  // one session; true if it ended for no fault, so that the next may follow soon

  const AgentOptions options_;
  const std::unique_ptr<Sources> sources_;
  Random& random_;
  absl::Mutex mu_;  // makes "is it stopping, and which session is on" one step
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  Session* session_ ABSL_GUARDED_BY(mu_) = nullptr;
};

}  // namespace zhanqiao::connectors
