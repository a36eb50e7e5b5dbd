// The plan's measures: what each counts, one judgement over one document. A rule of counting stands here and nowhere else.
#pragma once

#include <optional>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hub/oversight/bodies.h"
#include "hub/oversight/records.h"
#include "zhanqiao/v1/oversight.pb.h"

namespace zhanqiao::oversight {

// How one document stands in a measure on a day, as known. Texts lie in the view.
struct Judged {
  std::string_view document;
  std::string_view display_name;
  std::string_view owner;       // organizations/{code} in the document's name
  v1::FigureItemState state = v1::FIGURE_ITEM_STATE_UNSPECIFIED;
  std::string_view reason;      // as in FigureItem.reason
  std::string_view note;
  std::optional<absl::CivilDay> fact_date;  // on which it was done
  std::string_view planned_date;
  uint64_t known_at = 0;        // ledger index of the change that made it stand so
  absl::Time change_time;       // of that change
  int count = 1;                // systems it stands for
};

// Calls `each` with every document that is in `measure` on `day`, in name order.
void Judge(v1::Measure measure, const RecordsView& view, absl::CivilDay day, const documents::Knowledge& known,
           absl::FunctionRef<void(const Judged&)> each);

// The version of a system's record that says how it stands on `day`: the one that holds then, or, of a system recorded
// later whose own dates reach back to the day, its first. Null: not there on the day.
const documents::Dated<v1::InformationSystem>* SystemOn(const documents::History<v1::InformationSystem>& history,
                                                        absl::CivilDay day, const documents::Knowledge& known);

}  // namespace zhanqiao::oversight
