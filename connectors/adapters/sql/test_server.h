// Database servers for tests: of Debian, in a folder of their own, as an unprivileged user, on a unix socket.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace zhanqiao::connectors {

// A server process; ended by its id when it is destroyed, with its folder.
class TestServer {
 public:
  // Null (and a failed test) if it does not start.
  static std::unique_ptr<TestServer> Postgres();
  static std::unique_ptr<TestServer> Mariadb();
  ~TestServer();

  // Stopped and started with all its data.
  void Stop();
  bool Start();

  // Folder of the socket (PostgreSQL), or the socket itself (MariaDB).
  const std::filesystem::path& folder() const { return folder_; }
  std::string socket() const { return folder_ / "socket"; }

 private:
  TestServer() = default;
  bool Ready() const;
  bool Prepare(std::vector<std::string> initialise);

  std::filesystem::path folder_;
  std::vector<std::string> command_;
  std::string ready_;  // file that is there, and holds `ready_text_`, once it takes connections
  std::string ready_text_;
  int stop_signal_ = 0;
  pid_t pid_ = -1;
};

}  // namespace zhanqiao::connectors
