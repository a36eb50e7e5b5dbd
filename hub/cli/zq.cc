// zq: the operator's and auditor's tool.
#include <csignal>
#include <iostream>

#include "hub/cli/commands.h"

int main(int count, char** values) {
  std::signal(SIGPIPE, SIG_IGN);
  return zhanqiao::cli::RunZq({values + 1, values + count}, std::cout, std::cerr);
}
