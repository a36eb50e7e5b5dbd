#include "hub/cli/emphasis.h"

#include "hub/cli/display.h"

namespace zhanqiao::cli {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

// Lays characters out on lines.
class Layout {
 public:
  Layout(size_t cells, size_t lines, bool terminal) : cells_(cells), lines_max_(lines), terminal_(terminal) {}

  // False once there is no room left.
  bool Put(std::string_view character, bool emphasised) {
    const size_t width = DisplayWidth(character);
    // The last line keeps a cell for the "…".
    const size_t room = lines_.size() + 1 == lines_max_ ? cells_ - 1 : cells_;
    if (used_ + width > room) {
      if (lines_.size() + 1 == lines_max_) return false;
      EndLine();
    }
    Emphasise(emphasised);
    line_.append(character);
    used_ += width;
    return true;
  }
  void Cut() {
    Emphasise(false);
    line_ += "…";
  }
  std::vector<std::string> Take() {
    if (!line_.empty()) EndLine();
    return std::move(lines_);
  }

 private:
  void Emphasise(bool wanted) {
    if (!terminal_ || wanted == bold_) return;
    line_.append(wanted ? kBold : kPlain);
    bold_ = wanted;
  }
  void EndLine() {
    Emphasise(false);
    lines_.push_back(std::move(line_));
    line_.clear();
    used_ = 0;
  }

  const size_t cells_;
  const size_t lines_max_;
  const bool terminal_;
  std::vector<std::string> lines_;
  std::string line_;
  size_t used_ = 0;
  bool bold_ = false;
};

size_t CharacterLength(std::string_view text, size_t at) {
  size_t length = 1;
  while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80)
    ++length;
  return length;
}

}  // namespace

std::vector<std::string> EmphasisedLines(const std::vector<Piece>& pieces, size_t cells, size_t lines,
                                         bool terminal) {
  Layout layout(cells, lines, terminal);
  for (const Piece& piece : pieces) {
    const std::string text = Printable(piece.text);
    for (size_t at = 0; at < text.size();) {
      const size_t length = CharacterLength(text, at);
      if (!layout.Put(std::string_view(text).substr(at, length), piece.emphasised)) {
        layout.Cut();
        return layout.Take();
      }
      at += length;
    }
  }
  return layout.Take();
}

}  // namespace zhanqiao::cli
