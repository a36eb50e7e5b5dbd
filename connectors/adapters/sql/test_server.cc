#include "connectors/adapters/sql/test_server.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace zhanqiao::connectors {
namespace {

// Databases refuse to run as root: then `nobody` does it.
const passwd* Unprivileged() {
  return geteuid() == 0 ? getpwnam("nobody") : nullptr;
}

pid_t Run(const std::vector<std::string>& command, const std::filesystem::path& folder) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (const passwd* user = Unprivileged(); user != nullptr) {
    if (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // changing the user takes it back
  }
  std::vector<char*> arguments;
  for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  const std::string log = folder / "log";
  if (chdir(folder.c_str()) != 0 || freopen(log.c_str(), "a", stdout) == nullptr || dup2(1, 2) < 0)
    _exit(126);
  setenv("HOME", folder.c_str(), 1);
  execv(arguments[0], arguments.data());
  _exit(127);
}

int Wait(pid_t pid) {
  int state = -1;
  while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
  }
  return state;
}

}  // namespace

bool TestServer::Ready() const {
  if (ready_text_.empty()) return std::filesystem::exists(ready_);
  std::ifstream file(ready_);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str().find(ready_text_) != std::string::npos;
}

bool TestServer::Prepare(std::vector<std::string> initialise) {
  return Wait(Run(initialise, folder_)) == 0 && Start();
}

std::unique_ptr<TestServer> TestServer::Postgres() {
  std::unique_ptr<TestServer> server(new TestServer());
  std::string name = testing::TempDir() + "zqpgXXXXXX";
  server->folder_ = mkdtemp(name.data());
  std::filesystem::path bin;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql"))
    bin = version.path() / "bin";
  if (const passwd* user = Unprivileged();
      user != nullptr && chown(name.c_str(), user->pw_uid, user->pw_gid) != 0)
    return nullptr;
  const std::string data = server->folder_ / "data";
  server->command_ = {bin / "postgres",
                      "-D",
                      data,
                      "-c",
                      "listen_addresses=",
                      "-c",
                      "unix_socket_directories=" + name,
                      "-c",
                      "fsync=off",
                      "-c",
                      "shared_buffers=32MB",
                      "-c",
                      "max_connections=20",
                      "-c",
                      "jit=off",
                      "-c",
                      "wal_level=logical"};
  server->ready_ = data + "/postmaster.pid";
  server->ready_text_ = "ready";
  server->stop_signal_ = SIGINT;
  const bool up = server->Prepare(
      {bin / "initdb", "-D", data, "-U", "zhanqiao", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"});
  EXPECT_TRUE(up) << "see " << server->folder_ / "log";
  return up ? std::move(server) : nullptr;
}

std::unique_ptr<TestServer> TestServer::Mariadb() {
  std::unique_ptr<TestServer> server(new TestServer());
  std::string name = testing::TempDir() + "zqmyXXXXXX";
  server->folder_ = mkdtemp(name.data());
  if (const passwd* user = Unprivileged();
      user != nullptr && chown(name.c_str(), user->pw_uid, user->pw_gid) != 0)
    return nullptr;
  const std::string data = "--datadir=" + name + "/data";
  server->command_ = {"/usr/sbin/mariadbd",
                      "--no-defaults",
                      data,
                      absl::StrCat("--socket=", server->socket()),
                      "--skip-networking",
                      "--pid-file=" + name + "/pid",
                      "--innodb-flush-log-at-trx-commit=0",
                      "--innodb-buffer-pool-size=32M",
                      "--character-set-server=utf8mb4",
                      "--skip-grant-tables"};
  server->ready_ = server->socket();
  server->stop_signal_ = SIGTERM;
  const bool up = server->Prepare({"/usr/bin/mariadb-install-db", "--no-defaults", data,
                                   "--auth-root-authentication-method=normal", "--skip-test-db"});
  EXPECT_TRUE(up) << "see " << server->folder_ / "log";
  return up ? std::move(server) : nullptr;
}

TestServer::~TestServer() {
  Stop();
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

bool TestServer::Start() {
  std::filesystem::remove(ready_);
  pid_ = Run(command_, folder_);
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (!Ready() && absl::Now() < deadline) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return Ready();
}

void TestServer::Stop() {
  if (pid_ <= 0) return;
  kill(pid_, stop_signal_);
  Wait(pid_);
  pid_ = -1;
}

}  // namespace zhanqiao::connectors
