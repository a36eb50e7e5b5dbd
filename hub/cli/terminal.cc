#include "hub/cli/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "catalog/base/error.h"
#include "hub/cli/files.h"

namespace zhanqiao::cli {
namespace {

// The terminal with its echo off, as long as it lives.
class QuietTerminal {
 public:
  QuietTerminal() : fd_(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (fd_ < 0) return;
    quiet_ = tcgetattr(fd_, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet_ = quiet_ && tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
  }
  ~QuietTerminal() {
    if (quiet_) tcsetattr(fd_, TCSAFLUSH, &before_);
    if (fd_ >= 0) close(fd_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  bool quiet() const { return quiet_; }
  void Say(std::string_view text) const {
    if (write(fd_, text.data(), text.size()) < 0) return;  // nobody reads the question then
  }
  std::string Line() const {
    std::string line;
    char c = 0;
    while (read(fd_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }

 private:
  const int fd_;
  termios before_{};
  bool quiet_ = false;
};

}  // namespace

absl::StatusOr<std::string> Secret(std::string_view prompt, const std::string& file, std::string_view option) {
  if (!file.empty()) {
    const std::string text = TRY(ReadFile(file));
    return text.substr(0, text.find_first_of("\r\n"));
  }
  const QuietTerminal terminal;
  if (!terminal.quiet()) {
    return Fail(absl::StatusCode::kInvalidArgument, "IDENTITY_MISSING", "There is no terminal to ask for a password; give it in a file.",
                {{"option", std::string(option)}});
  }
  terminal.Say(std::string(prompt) + ": ");
  std::string line = terminal.Line();
  terminal.Say("\n");
  return line;
}

}  // namespace zhanqiao::cli
