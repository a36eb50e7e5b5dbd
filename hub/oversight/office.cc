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
      tasks_({.store = parts.store, .records = parts.records, .rules = parts.rules, .clock = parts.clock,
              .random = parts.random, .position = parts.position, .open_datasets = parts.open_datasets}) {}

absl::Status Office::Run(absl::CivilDay today) {
  const absl::Status reminded = reminders_.Run(today);
  const absl::Status added = reports_.AddFullMonths(today);
  TRY(reminded);
  return added;
}

}  // namespace zhanqiao::oversight
