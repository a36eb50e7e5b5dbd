#include "catalog/base/workbook/xml_reader.h"

#include <expat.h>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/workbook/sheet.h"

namespace zhanqiao::sheets {
namespace {

std::string_view LocalName(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

std::string_view XmlAttributes::Get(std::string_view name) const {
  for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
    if (name == pair[0]) return pair[1];
  }
  return {};
}

std::string_view XmlAttributes::GetPrefixed(std::string_view name) const {
  for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
    const std::string_view full = pair[0];
    if (full.size() > name.size() && LocalName(full) == name) return pair[1];
  }
  return {};
}

struct XmlReader::State {
  State(XmlHandler& to, const SheetLimits& within)
      : handler(to), limits(within), parser(XML_ParserCreate(nullptr)) {}
  ~State() { XML_ParserFree(parser); }

  void Stop(absl::Status why) {
    if (!status.ok()) return;
    status = std::move(why);
    XML_StopParser(parser, XML_FALSE);
  }

  absl::Status Parse(std::string_view piece, bool last) {
    if (!status.ok()) return status;
    fed += static_cast<XML_Index>(piece.size());
    const XML_Status parsed = XML_Parse(parser, piece.data(), static_cast<int>(piece.size()), last ? XML_TRUE : XML_FALSE);
    if (!status.ok()) return status;
    if (parsed != XML_STATUS_OK) {
      status = Fail(absl::StatusCode::kInvalidArgument, "XML_INVALID",
                    "A part of the workbook is not well-formed; open it in a spreadsheet program and save it again.",
                    {{"line", absl::StrCat(XML_GetCurrentLineNumber(parser))},
                     {"problem", XML_ErrorString(XML_GetErrorCode(parser))}});
      return status;
    }
    // What is not yet a whole token waits inside the parser.
    const XML_Index at = XML_GetCurrentByteIndex(parser);
    if (at >= 0 && fed - at > static_cast<XML_Index>(limits.xml_token_bytes_max)) {
      status = BeyondLimit("XML_TOKEN_TOO_LONG", "A part of the workbook has a tag no spreadsheet program writes.",
                           "xml_token_bytes_max", limits.xml_token_bytes_max);
    }
    return status;
  }

  XmlHandler& handler;
  const SheetLimits limits;
  XML_Parser parser;
  absl::Status status;
  XML_Index fed = 0;
  size_t depth = 0;
};

namespace {

XmlReader::State& Of(void* data) { return *static_cast<XmlReader::State*>(data); }

void OnBegin(void* data, const char* name, const char** attributes) {
  XmlReader::State& state = Of(data);
  if (!state.status.ok()) return;
  if (++state.depth > state.limits.xml_depth_max) {
    return state.Stop(BeyondLimit("XML_TOO_DEEP", "A part of the workbook is nested deeper than any workbook is.",
                                  "xml_depth_max", state.limits.xml_depth_max));
  }
  absl::Status status = state.handler.Begin(LocalName(name), XmlAttributes(attributes));
  if (!status.ok()) state.Stop(std::move(status));
}

void OnEnd(void* data, const char* name) {
  XmlReader::State& state = Of(data);
  if (!state.status.ok()) return;
  --state.depth;
  absl::Status status = state.handler.End(LocalName(name));
  if (!status.ok()) state.Stop(std::move(status));
}

void OnText(void* data, const char* text, int size) {
  XmlReader::State& state = Of(data);
  if (!state.status.ok()) return;
  absl::Status status = state.handler.Text({text, static_cast<size_t>(size)});
  if (!status.ok()) state.Stop(std::move(status));
}

void RefuseDoctype(XmlReader::State& state) {
  state.Stop(Fail(absl::StatusCode::kInvalidArgument, "XML_DOCTYPE",
                  "A part of the workbook declares a document type or entities, which no spreadsheet program writes; it is "
                  "not taken in."));
}

void OnDoctype(void* data, const char*, const char*, const char*, int) { RefuseDoctype(Of(data)); }
void OnEntity(void* data, const char*, int, const char*, int, const char*, const char*, const char*, const char*) {
  RefuseDoctype(Of(data));
}

}  // namespace

XmlReader::XmlReader(XmlHandler& handler, const SheetLimits& limits) : state_(std::make_unique<State>(handler, limits)) {
  XML_SetUserData(state_->parser, state_.get());
  XML_SetElementHandler(state_->parser, OnBegin, OnEnd);
  XML_SetCharacterDataHandler(state_->parser, OnText);
  XML_SetStartDoctypeDeclHandler(state_->parser, OnDoctype);
  XML_SetEntityDeclHandler(state_->parser, OnEntity);
}

XmlReader::~XmlReader() = default;

absl::Status XmlReader::Feed(std::string_view piece) { return state_->Parse(piece, false); }
absl::Status XmlReader::Finish() { return state_->Parse({}, true); }

}  // namespace zhanqiao::sheets
