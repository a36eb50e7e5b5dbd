// Turns a page into a PDF by a program of the machine (weasyprint): the page goes to its standard input, the PDF comes
// from its standard output, nothing else is given to it.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhanqiao::oversight {

// FAILED_PRECONDITION / PDF_NOT_AVAILABLE when the program cannot be started, UNAVAILABLE / PDF_FAILED (fact: cause) when
// it ends without a PDF or takes longer than `timeout`; it is then killed. Thread-safe.
absl::StatusOr<std::string> PrintPdf(const std::string& program, std::string_view page,
                                     absl::Duration timeout = absl::Seconds(60));

}  // namespace zhanqiao::oversight
