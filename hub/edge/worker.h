// One edge thread: its loop, its connections, its deadlines, and the mailbox other threads write to.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/token_bucket.h"
#include "hub/edge/counters.h"
#include "hub/edge/deadlines.h"
#include "hub/edge/dispatcher.h"
#include "hub/edge/protocol.h"
#include "hub/edge/server.h"

namespace zhanqiao::edge {

class Admission;
class Connection;
class CallStream;
class TlsContext;

// What another thread asks of a call.
struct Letter {
  enum class Kind { kWrite, kFinish, kAnswer, kInitial, kPause, kResume, kTask };
  Kind kind = Kind::kTask;
  std::shared_ptr<CallStream> stream;
  std::string bytes;
  absl::Status status;
  Metadata metadata;
  std::function<void()> task;
};

// Letters from any thread to one worker: a burst costs one wake-up. Outlives the worker; closed, it drops
// letters.
class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& loop) : loop_(&loop) {}
  void Send(Letter letter);
  void Close();
  bool OnThread() const { return std::this_thread::get_id() == thread_.load(std::memory_order_relaxed); }
  void BindThread() { thread_ = std::this_thread::get_id(); }
  void OnWake(std::function<void()> wake) { wake_ = std::move(wake); }
  std::vector<Letter> Take(std::vector<Letter> empty);

 private:
  absl::Mutex mu_;  // letters and the one wake-up that is on its way are one thing
  boost::asio::io_context* loop_ ABSL_GUARDED_BY(mu_);
  std::vector<Letter> letters_ ABSL_GUARDED_BY(mu_);
  bool waking_ ABSL_GUARDED_BY(mu_) = false;
  std::function<void()> wake_;  // set before the thread starts
  std::atomic<std::thread::id> thread_{};
};

// What every connection of a server shares. Outlives workers.
struct Shared {
  Limits limits;
  Dispatcher* dispatcher;
  const Clock* clock;
  Admission* admission;
  const std::function<void(const Peer&)>* identified;  // null function: nobody is told
};

class Worker {
 public:
  explicit Worker(const Shared& shared);
  ~Worker();

  void Run();   // starts the thread
  void Stop();  // closes every connection and joins

  // From any thread: a new connection begins here.
  void Adopt(int fd, std::shared_ptr<const ListenerOptions> listener, std::shared_ptr<TlsContext> tls,
             std::string address);
  void Drain();  // from any thread

  const Counters& counters() const { return counters_; }

  // For connections and calls, on the thread.
  boost::asio::io_context& loop() { return loop_; }
  const Shared& shared() const { return shared_; }
  Counters& count() { return counters_; }
  std::shared_ptr<Mailbox> mailbox() const { return mailbox_; }
  Deadlines& deadlines() { return deadlines_; }
  void ArmDeadlines();
  void Touch(const std::shared_ptr<Connection>& connection);  // settle it at the end of this turn
  void EndTurn();
  void Later(std::function<void()> task) { tasks_.push_back(std::move(task)); }
  void Forget(const std::shared_ptr<Connection>& connection);
  std::string& read_buffer() { return read_buffer_; }
  std::string& plain_buffer() { return plain_buffer_; }
  bool draining() const { return draining_; }
  // The resets of one caller (identity or address) on this thread, however often it reconnects.
  std::shared_ptr<TokenBucket> ResetsOf(const Peer& peer);

 private:
  void OnLetters();
  void Sweep();
  void CloseAll();

  const Shared& shared_;
  boost::asio::io_context loop_{1};
  std::shared_ptr<Mailbox> mailbox_;
  boost::asio::steady_timer sweep_;
  boost::asio::steady_timer tick_;
  Deadlines deadlines_;
  Counters counters_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Connection>> touched_;
  std::vector<Letter> reading_;
  std::deque<std::function<void()>> tasks_;
  absl::flat_hash_map<std::string, std::shared_ptr<TokenBucket>> caller_resets_;
  std::string read_buffer_;
  std::string plain_buffer_;
  bool ticking_ = false;
  bool draining_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace zhanqiao::edge
