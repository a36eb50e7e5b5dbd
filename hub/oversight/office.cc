#include "hub/oversight/office.h"

#include <utility>

#include "catalog/base/error.h"

namespace zhanqiao::oversight {

Office::Office(Parts parts)
    : mailer_(std::move(parts.mailer)),
      exchanges_(parts.index, parts.entries),
      reminders_({.store = parts.store, .records = parts.records, .rules = parts.rules, .clock = parts.clock,
                  .random = parts.random, .mailer = mailer_.get(), .contacts = std::move(parts.contacts)}),
      reports_({.store = parts.store, .records = parts.records, .exchanges = exchanges_, .entries = parts.entries,
                .pipeline = parts.pipeline, .rules = parts.rules, .clock = parts.clock, .random = parts.random,
                .position = parts.position, .checkpoint = parts.checkpoint, .reminders = reminders_,
                .public_url = parts.public_url, .pdf_program = parts.pdf_program}),
      public_reports_({.store = parts.store, .records = parts.records, .checkpoint = parts.checkpoint, .root_at = parts.root_at}),
      tasks_({.store = parts.store, .records = parts.records, .rules = parts.rules, .clock = parts.clock,
              .random = parts.random, .position = parts.position, .open_datasets = parts.open_datasets}),
      evaluations_({.store = parts.store, .records = parts.records, .exchanges = exchanges_, .tasks = tasks_, .clock = parts.clock,
                    .random = parts.random, .position = parts.position, .open_datasets = parts.open_datasets}),
      projects_({.store = parts.store, .catalog = parts.catalog, .clock = parts.clock, .random = parts.random}),
      alarms_({.store = parts.store, .catalog = parts.catalog, .index = parts.index, .entries = parts.entries,
               .rules = parts.rules, .clock = parts.clock}) {}

absl::Status Office::Run(absl::CivilDay today) {
  const absl::Status reminded = reminders_.Run(today);
  const absl::Status added = reports_.AddFullMonths(today);
  const absl::Status scanned = alarms_.Run(today);
  TRY(reminded);
  TRY(added);
  return scanned;
}

}  // namespace zhanqiao::oversight
