// A child process that is killed, and the pipe it speaks through.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace zhanqiao::faults {

class Victim {
 public:
  // Starts `program` with `words`; its standard output is read with Next.
  Victim(const std::string& program, std::vector<std::string> words) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    words.insert(words.begin(), program);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ) != 0) std::abort();
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    lines_ = fdopen(ends[0], "r");
  }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;
  ~Victim() {
    std::fclose(lines_);
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  // The next line without its end; nothing when the victim has gone. A line cut off by the kill is dropped.
  std::optional<std::string> Next() {
    std::string line;
    for (int byte = std::fgetc(lines_); byte != EOF; byte = std::fgetc(lines_)) {
      if (byte == '\n') return line;
      line.push_back(static_cast<char>(byte));
    }
    return std::nullopt;
  }
  void Kill() { ::kill(pid_, SIGKILL); }
  // How it ended, as waitpid says.
  int Wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  std::FILE* lines_ = nullptr;
};

}  // namespace zhanqiao::faults
