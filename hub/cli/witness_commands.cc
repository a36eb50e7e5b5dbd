// zq witness: a small witness any oversight body can run (C2SP tlog-witness).
#include <CLI/CLI.hpp>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "hub/cli/commands.h"
#include "hub/cli/files.h"
#include "hub/cli/ledger_check.h"
#include "hub/cli/output.h"
#include "hub/cli/witness_config.h"
#include "hub/ledger/witness/server.h"

namespace zhanqiao::cli {
namespace {

absl::Status MakeKey(Context& context, const std::string& name, const std::string& out) {
  const auto signer = TRY(ledger::Ed25519FileSigner::OpenOrCreate(out, name));
  const std::string vkey = ledger::CosignerKeyOf(*signer).ToText();
  if (context.json()) {
    context.out << "{\"name\":" << JsonText(name) << ",\"file\":" << JsonText(out)
                << ",\"verifierKey\":" << JsonText(vkey) << "}\n";
  } else {
    context.out << vkey << "\n";
  }
  return absl::OkStatus();
}

absl::Status Missing(std::string_view what) {
  return Fail(
      absl::StatusCode::kInvalidArgument, "USAGE",
      "The witness needs a name, a key, a state directory and a log.",
      {{"missing", std::string(what)}, {"fix", "Give --config FILE, or --name --key-file --state --log."}});
}

absl::Status CheckComplete(const WitnessConfig& config) {
  if (config.name.empty()) return Missing("name");
  if (config.key.empty()) return Missing("key");
  if (config.state.empty()) return Missing("state");
  return config.logs.empty() ? Missing("logs") : absl::OkStatus();
}

void Announce(Context& context, const WitnessConfig& config, const std::string& address,
              const std::string& vkey) {
  if (context.json()) {
    context.out << "{\"name\":" << JsonText(config.name) << ",\"address\":" << JsonText(address)
                << ",\"verifierKey\":" << JsonText(vkey) << "}\n";
  } else {
    context.out << "witness " << config.name << " listens on " << address << "\n" << vkey << "\n";
  }
  context.out.flush();
}

// Serves until SIGTERM or SIGINT.
absl::Status Serve(Context& context, WitnessConfig config) {
  TRY(CheckComplete(config));
  std::vector<ledger::VerifierKey> logs;
  for (const std::string& log : config.logs) {
    const auto keys = TRY(VerifierKeysArgument(log));
    logs.insert(logs.end(), keys.begin(), keys.end());
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const SystemClock clock;
  const auto signer = TRY(ledger::Ed25519FileSigner::Open(config.key, config.name));
  const auto witness = TRY(ledger::Witness::Open(config.state, std::move(logs), *signer, clock));
  ledger::WitnessServer::Options options;
  options.address = config.listen;
  options.certificate = config.certificate;
  options.key = config.private_key;
  const auto server = TRY(ledger::WitnessServer::Start(*witness, std::move(options)));
  if (!config.port_file.empty()) TRY(WriteFile(config.port_file, server->address() + "\n"));
  Announce(context, config, server->address(), witness->key().ToText());
  int signal = 0;
  sigwait(&signals, &signal);
  return absl::OkStatus();
}

}  // namespace

void AddWitnessCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("witness", "A witness of the log, for any body outside the hub");
  group->require_subcommand(1);

  auto* keygen = group->add_subcommand("keygen", "Makes the witness's key and prints its verifier key");
  auto name = std::make_shared<std::string>();
  auto out = std::make_shared<std::string>();
  keygen->add_option("--name", *name, "Key name: a URL without schema, such as witness.audit.example")
      ->required();
  keygen->add_option("--out", *out, "PEM file; a key that is there is kept")->required();
  keygen->callback([&context, name, out] {
    context.action = [&context, name, out] { return MakeKey(context, *name, *out); };
  });

  auto* serve =
      group->add_subcommand("serve", "Answers add-checkpoint (C2SP tlog-witness) until it is stopped");
  auto config = std::make_shared<WitnessConfig>();
  auto file = std::make_shared<std::string>();
  auto flags = std::make_shared<WitnessConfig>();
  flags->listen.clear();
  serve->add_option("--config", *file,
                    "TOML file: name, key, state, listen, logs, certificate, private_key, port_file");
  serve->add_option("--name", flags->name, "Key name of the witness");
  serve->add_option("--key-file", flags->key, "Its private key, a PEM file");
  serve->add_option("--state", flags->state, "Directory that keeps what it saw");
  serve->add_option("--listen", flags->listen, "Address and port (127.0.0.1:7470)");
  serve->add_option("--log", flags->logs,
                    "Verifier key of a log to follow, or a file of them; may be repeated");
  serve->add_option("--tls-certificate", flags->certificate, "PEM file: serve HTTPS");
  serve->add_option("--tls-key", flags->private_key, "PEM file of the certificate's key");
  serve->add_option("--port-file", flags->port_file, "The bound address is written here");
  serve->callback([&context, config, file, flags] {
    context.action = [&context, config, file, flags] {
      if (!file->empty()) TRY(LoadWitnessConfig(*file, *config));
      const auto take = [](const std::string& flag, std::string& into) {
        if (!flag.empty()) into = flag;
      };
      take(flags->name, config->name);
      take(flags->key, config->key);
      take(flags->state, config->state);
      take(flags->listen, config->listen);
      take(flags->certificate, config->certificate);
      take(flags->private_key, config->private_key);
      take(flags->port_file, config->port_file);
      if (!flags->logs.empty()) config->logs = flags->logs;
      return Serve(context, *config);
    };
  });
}

}  // namespace zhanqiao::cli
