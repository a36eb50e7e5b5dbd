// A small RDF graph and its three forms. Every form of one graph is the same graph: tests hold them against each other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zhanqiao::portal {

// A subject or object. Text is clean UTF-8; addresses may hold kSite.
struct Term {
  enum class Kind { kIri, kBlank, kText };
  Kind kind = Kind::kIri;
  std::string value;     // address, label of a blank node, or text
  std::string language;  // of a text, or
  std::string type;      // its datatype's address; both empty: a plain string
};

Term Iri(std::string_view address);
Term Text(std::string_view text, std::string_view language = "");
Term Typed(std::string_view text, std::string_view type);  // `type` as a short name: "xsd:date"
// The address of a short name, for example "dcat:Dataset".
std::string Full(std::string_view short_name);
// `address` with everything an IRI cannot hold as %XX.
std::string CleanIri(std::string_view address);

// A value; not thread-safe while it grows.
class Graph {
 public:
  // `predicate` is a short name.
  void Add(const Term& subject, std::string_view predicate, Term object);
  // A blank node nobody else has.
  Term Blank();

  std::string Turtle() const;
  std::string RdfXml() const;
  std::string JsonLd() const;
  size_t size() const { return triples_.size(); }

 private:
  struct Triple {
    Term subject;
    std::string predicate;  // short name
    Term object;
  };
  std::vector<Triple> triples_;  // those of one subject stand together
  int blanks_ = 0;
};

}  // namespace zhanqiao::portal
