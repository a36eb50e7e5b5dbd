#include "hub/portal/graph.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "catalog/base/markup.h"
#include "catalog/base/text.h"
#include "hub/portal/web.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

using Prefix = std::pair<std::string_view, std::string_view>;
constexpr std::array<Prefix, 13> kPrefixes = {{{"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
                                               {"xsd", "http://www.w3.org/2001/XMLSchema#"},
                                               {"dcat", "http://www.w3.org/ns/dcat#"},
                                               {"dct", "http://purl.org/dc/terms/"},
                                               {"foaf", "http://xmlns.com/foaf/0.1/"},
                                               {"vcard", "http://www.w3.org/2006/vcard/ns#"},
                                               {"spdx", "http://spdx.org/rdf/terms#"},
                                               {"hydra", "http://www.w3.org/ns/hydra/core#"},
                                               {"adms", "http://www.w3.org/ns/adms#"},
                                               {"skos", "http://www.w3.org/2004/02/skos/core#"},
                                               {"dcatap", "http://data.europa.eu/r5r/"},
                                               {"locn", "http://www.w3.org/ns/locn#"},
                                               {"owl", "http://www.w3.org/2002/07/owl#"}}};

std::string TurtleText(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out.push_back(c);
    }
  }
  return out + "\"";
}

std::string InTurtle(const Term& term) {
  switch (term.kind) {
    case Term::Kind::kIri:
      return absl::StrCat("<", term.value, ">");
    case Term::Kind::kBlank:
      return absl::StrCat("_:", term.value);
    case Term::Kind::kText:
      break;
  }
  if (!term.language.empty()) return absl::StrCat(TurtleText(term.value), "@", term.language);
  if (!term.type.empty()) return absl::StrCat(TurtleText(term.value), "^^<", term.type, ">");
  return TurtleText(term.value);
}

bool Same(const Term& a, const Term& b) { return a.kind == b.kind && a.value == b.value; }

json::object InJson(const Term& term) {
  if (term.kind == Term::Kind::kIri) return {{"@id", term.value}};
  if (term.kind == Term::Kind::kBlank) return {{"@id", absl::StrCat("_:", term.value)}};
  json::object value = {{"@value", term.value}};
  if (!term.language.empty()) value["@language"] = term.language;
  if (!term.type.empty()) value["@type"] = term.type;
  return value;
}

}  // namespace

std::string CleanIri(std::string_view address) {
  std::string out;
  for (const char c : address) {
    const bool bad = static_cast<unsigned char>(c) <= 0x20;
    if (bad || c == '<' || c == '>' || c == '"' || c == '{' || c == '}' || c == '|' || c == '\\' || c == '^' || c == '`' || c == '\'') {
      out += Encoded(std::string_view(&c, 1));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

Term Iri(std::string_view address) { return {Term::Kind::kIri, CleanIri(address), "", ""}; }

Term Text(std::string_view text, std::string_view language) {
  return {Term::Kind::kText, std::string(text), std::string(language), ""};
}

Term Typed(std::string_view text, std::string_view type) { return {Term::Kind::kText, std::string(text), "", Full(type)}; }

std::string Full(std::string_view short_name) {
  const size_t colon = short_name.find(':');
  for (const auto& [prefix, address] : kPrefixes) {
    if (short_name.substr(0, colon) == prefix) return absl::StrCat(Absl(address), Absl(short_name.substr(colon + 1)));
  }
  return std::string(short_name);
}

void Graph::Add(const Term& subject, std::string_view predicate, Term object) {
  triples_.push_back({subject, std::string(predicate), std::move(object)});
}

Term Graph::Blank() { return {Term::Kind::kBlank, absl::StrCat("b", ++blanks_), "", ""}; }

std::string Graph::Turtle() const {
  std::string out;
  for (const auto& [prefix, address] : kPrefixes) absl::StrAppend(&out, "@prefix ", Absl(prefix), ": <", Absl(address), "> .\n");
  for (size_t i = 0; i < triples_.size(); ++i) {
    const Triple& triple = triples_[i];
    const bool follows = i > 0 && Same(triples_[i - 1].subject, triple.subject);
    absl::StrAppend(&out, follows ? " ;\n    " : absl::StrCat(i > 0 ? " .\n\n" : "\n", InTurtle(triple.subject), " "), triple.predicate, " ",
                    InTurtle(triple.object));
  }
  return out + (triples_.empty() ? "" : " .\n");
}

std::string Graph::RdfXml() const {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF";
  for (const auto& [prefix, address] : kPrefixes) absl::StrAppend(&out, "\n  xmlns:", Absl(prefix), "=\"", Absl(address), "\"");
  out += ">\n";
  for (size_t i = 0; i < triples_.size(); ++i) {
    const Triple& triple = triples_[i];
    const bool follows = i > 0 && Same(triples_[i - 1].subject, triple.subject);
    if (!follows) {
      const bool blank = triple.subject.kind == Term::Kind::kBlank;
      absl::StrAppend(&out, i > 0 ? "</rdf:Description>\n" : "", "<rdf:Description rdf:", blank ? "nodeID" : "about", "=\"",
                      Escaped(triple.subject.value), "\">\n");
    }
    absl::StrAppend(&out, "  <", triple.predicate);
    const Term& object = triple.object;
    if (object.kind == Term::Kind::kIri) absl::StrAppend(&out, " rdf:resource=\"", Escaped(object.value), "\"/>\n");
    if (object.kind == Term::Kind::kBlank) absl::StrAppend(&out, " rdf:nodeID=\"", Escaped(object.value), "\"/>\n");
    if (object.kind != Term::Kind::kText) continue;
    if (!object.language.empty()) absl::StrAppend(&out, " xml:lang=\"", object.language, "\"");
    if (!object.type.empty()) absl::StrAppend(&out, " rdf:datatype=\"", object.type, "\"");
    absl::StrAppend(&out, ">", Escaped(object.value), "</", triple.predicate, ">\n");
  }
  return absl::StrCat(out, triples_.empty() ? "" : "</rdf:Description>\n", "</rdf:RDF>\n");
}

std::string Graph::JsonLd() const {
  json::object context;
  for (const auto& [prefix, address] : kPrefixes) context[json::string_view(prefix.data(), prefix.size())] = json::string(address);
  json::array nodes;
  for (size_t i = 0; i < triples_.size(); ++i) {
    const Triple& triple = triples_[i];
    const bool follows = i > 0 && Same(triples_[i - 1].subject, triple.subject);
    if (!follows) nodes.push_back(json::object{{"@id", InJson(triple.subject)["@id"]}});
    json::object& node = nodes.back().as_object();
    if (triple.predicate == "rdf:type") {
      json::value& types = node["@type"];
      if (types.is_null()) types = json::array();
      types.as_array().push_back(json::string(triple.object.value));
      continue;
    }
    json::value& values = node[triple.predicate];
    if (values.is_null()) values = json::array();
    values.as_array().push_back(InJson(triple.object));
  }
  return json::serialize(json::object{{"@context", std::move(context)}, {"@graph", std::move(nodes)}});
}

}  // namespace zhanqiao::portal
