#include "hub/oversight/reports/printer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "catalog/base/error.h"

extern char** environ;

namespace zhanqiao::oversight {
namespace {

constexpr size_t kPdfBytesMax = size_t{64} << 20;

absl::Status Failed(std::string_view cause) {
  return Fail(absl::StatusCode::kUnavailable, "PDF_FAILED", "The PDF could not be made; export a workbook, or try again.",
              {{"cause", std::string(cause)}});
}

// Both ends of a pipe, closed with it; neither is inherited.
class Pipe {
 public:
  bool Open() { return ::pipe2(ends_, O_CLOEXEC) == 0; }
  ~Pipe() {
    Close(0);
    Close(1);
  }
  int end(int which) const { return ends_[which]; }
  void Close(int which) {
    if (ends_[which] >= 0) ::close(std::exchange(ends_[which], -1));
  }

 private:
  int ends_[2] = {-1, -1};
};

// A program under way; killed and waited for when it is given up.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  // True when it ends well before `deadline`. It has said all it had to say: it ends at once or hangs.
  bool EndsWell(absl::Time deadline) {
    int status = -1;
    pid_t ended = 0;
    while ((ended = ::waitpid(pid_, &status, WNOHANG)) <= 0) {
      if ((ended < 0 && errno != EINTR) || absl::Now() > deadline) return false;
      ::poll(nullptr, 0, 5);
    }
    pid_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  pid_t pid_;
};

// Writes `page` into `in` and reads what comes from `out`, side by side so that neither pipe fills up.
absl::StatusOr<std::string> Feed(Pipe& in, Pipe& out, std::string_view page, absl::Time deadline) {
  std::string pdf;
  while (true) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return Failed("it takes too long");
    pollfd waits[2] = {{out.end(0), POLLIN, 0}, {in.end(1), POLLOUT, 0}};
    const int ready = ::poll(waits, in.end(1) >= 0 ? 2 : 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (ready < 0 && errno != EINTR) return Failed("poll");
    if (ready <= 0) continue;
    if (in.end(1) >= 0 && waits[1].revents != 0) {
      const ssize_t written = ::write(in.end(1), page.data(), page.size());
      if (written > 0) page.remove_prefix(static_cast<size_t>(written));
      if (page.empty() || (written < 0 && errno != EAGAIN && errno != EINTR)) in.Close(1);
    }
    if (waits[0].revents == 0) continue;
    char buffer[65536];
    const ssize_t read = ::read(out.end(0), buffer, sizeof buffer);
    if (read == 0) return pdf;
    if (read > 0) pdf.append(buffer, static_cast<size_t>(read));
    if (pdf.size() > kPdfBytesMax) return Failed("it is too large");
  }
}

}  // namespace

absl::StatusOr<std::string> PrintPdf(const std::string& program, std::string_view page, absl::Duration timeout) {
  Pipe in;
  Pipe out;
  if (!in.Open() || !out.Open()) return Failed("no pipe");
  ::fcntl(in.end(1), F_SETFL, O_NONBLOCK);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.end(0), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.end(1), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // Whatever a library of the hub left open for its children is none of this one's.
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  // It begins as a program does, whatever signals the hub blocks and ignores.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string arguments[] = {program, "--encoding", "utf-8", "-", "-"};
  char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), arguments[3].data(), arguments[4].data(), nullptr};
  pid_t pid = -1;
  const int spawned = ::posix_spawnp(&pid, program.c_str(), &actions, &attributes, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (spawned != 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "PDF_NOT_AVAILABLE",
                "This hub cannot make PDFs; its operator installs weasyprint and the fonts of deploy/packages.txt.", {{"program", program}});
  }
  Child child(pid);
  in.Close(0);
  out.Close(1);
  const absl::Time deadline = absl::Now() + timeout;
  std::string pdf = TRY(Feed(in, out, page, deadline));
  in.Close(1);
  if (!child.EndsWell(deadline) || !pdf.starts_with("%PDF-")) return Failed("it ended without a PDF");
  return pdf;
}

}  // namespace zhanqiao::oversight
