#include "hub/portal/dcat.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "hub/portal/query.h"

namespace zhanqiao::portal {
namespace {

constexpr int kPageSize = 100;
constexpr std::string_view kEu = "http://publications.europa.eu/resource/authority/";

std::string Site(std::string_view path) { return absl::StrCat(std::string(1, kSite), Absl(path)); }
Term Moment(absl::Time time) { return Typed(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()), "xsd:dateTime"); }
Term DatasetIri(const Package& package) { return Iri(Site(absl::StrCat("/dataset/", package.name))); }

// The EU's data theme that stands nearest to one of the guide's.
std::string_view EuTheme(std::string_view name) {
  if (name == "health" || name == "food-and-drugs") return "HEAL";
  if (name == "social-security" || name == "community") return "SOCI";
  if (name == "energy") return "ENER";
  if (name == "environment") return "ENVI";
  if (name == "prices" || name == "credit") return "ECON";
  if (name == "construction") return "REGI";
  if (name == "work-safety" || name == "emergency") return "JUST";
  return "GOVE";
}

Term AgentOf(const Party& body) { return Iri(Site(absl::StrCat("/organization/", body.name))); }

void AddAgent(Graph& graph, const Party& body) {
  const Term agent = AgentOf(body);
  graph.Add(agent, "rdf:type", Iri(Full("foaf:Agent")));
  graph.Add(agent, "foaf:name", Text(body.title, "zh"));
  graph.Add(agent, "dct:type", Iri("http://purl.org/adms/publishertype/LocalAuthority"));
}

void DescribeContact(Graph& graph, const Term& card, const v1::DatasetContact& contact) {
  graph.Add(card, "rdf:type", Iri(Full("vcard:Organization")));
  graph.Add(card, "vcard:fn", Text(contact.unit(), "zh"));
  if (!contact.email().empty()) graph.Add(card, "vcard:hasEmail", Iri(absl::StrCat("mailto:", contact.email())));
  if (contact.phone().empty()) return;
  std::string digits;
  for (const char c : contact.phone()) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '+' || c == '-') digits.push_back(c);
  }
  graph.Add(card, "vcard:hasTelephone", Iri(absl::StrCat("tel:", digits)));
}

void AddDistribution(Graph& graph, const Package& package, const File& file) {
  const v1::Distribution& one = *file.distribution;
  const Term self = Iri(Site(absl::StrCat("/dataset/", package.name, "/resource/", file.id)));
  const std::string title = one.title().empty() ? package.dataset.title() : one.title();
  graph.Add(self, "rdf:type", Iri(Full("dcat:Distribution")));
  graph.Add(self, "dct:title", Text(absl::StrCat(title, " (", file.format, ")"), "zh"));
  graph.Add(self, "dcat:accessURL", Iri(file.address));
  if (one.address().empty()) graph.Add(self, "dcat:downloadURL", Iri(file.address));
  graph.Add(self, "dct:format", Iri(absl::StrCat(Absl(kEu), "file-type/", file.format)));
  if (file.media != "application/octet-stream") {
    graph.Add(self, "dcat:mediaType", Iri(absl::StrCat("http://www.iana.org/assignments/media-types/", file.media)));
  }
  const std::string license(LicenseOf(package.dataset.license()).url);
  if (!license.empty()) graph.Add(self, "dct:license", Iri(license));
  graph.Add(self, "dct:modified", Moment(package.modified));
  if (file.converted || one.sha256().empty()) return;
  graph.Add(self, "dcat:byteSize", Typed(absl::StrCat(one.bytes()), "xsd:nonNegativeInteger"));
  const Term checksum = graph.Blank();
  graph.Add(self, "spdx:checksum", checksum);
  graph.Add(checksum, "rdf:type", Iri(Full("spdx:Checksum")));
  graph.Add(checksum, "spdx:algorithm", Iri(Full("spdx:checksumAlgorithm_sha256")));
  graph.Add(checksum, "spdx:checksumValue", Typed(ToHex(one.sha256()), "xsd:hexBinary"));
}

void AddDataset(Graph& graph, const Package& package) {
  const v1::Dataset& dataset = package.dataset;
  const Term self = DatasetIri(package);
  graph.Add(self, "rdf:type", Iri(Full("dcat:Dataset")));
  graph.Add(self, "dct:title", Text(dataset.title(), "zh"));
  if (!dataset.title_en().empty()) graph.Add(self, "dct:title", Text(dataset.title_en(), "en"));
  graph.Add(self, "dct:description", Text(dataset.description(), "zh"));
  graph.Add(self, "dct:identifier", Text(package.id));
  graph.Add(self, "dct:publisher", AgentOf(package.body));
  for (const std::string& tag : dataset.tags()) graph.Add(self, "dcat:keyword", Text(tag, "zh"));
  for (const Party& theme : package.themes) graph.Add(self, "dcat:theme", Iri(absl::StrCat(Absl(kEu), "data-theme/", Absl(EuTheme(theme.name)))));
  const Frequency frequency = FrequencyOf(dataset.update_cycle());
  if (!frequency.eu.empty()) graph.Add(self, "dct:accrualPeriodicity", Iri(absl::StrCat(Absl(kEu), "frequency/", Absl(frequency.eu))));
  graph.Add(self, "dct:accessRights",
            Iri(absl::StrCat(Absl(kEu), "access-right/", dataset.access() == v1::DATASET_ACCESS_CONTROLLED ? "RESTRICTED" : "PUBLIC")));
  if (ParseDay(dataset.issue_date()).ok()) graph.Add(self, "dct:issued", Typed(dataset.issue_date(), "xsd:date"));
  graph.Add(self, "dct:modified", Moment(package.modified));
  graph.Add(self, "dct:language", Iri(absl::StrCat(Absl(kEu), "language/ZHO")));
  graph.Add(self, "dcat:version", Text(absl::StrCat(dataset.current().number())));
  graph.Add(self, "dcat:landingPage", self);
  const Term place = graph.Blank();
  const Term period = graph.Blank();
  const Term card = graph.Blank();
  const bool timed = !dataset.temporal_start().empty() || !dataset.temporal_end().empty();
  graph.Add(self, "dct:spatial", place);
  if (timed) graph.Add(self, "dct:temporal", period);
  graph.Add(self, "dcat:contactPoint", card);
  for (const File& file : package.files) graph.Add(self, "dcat:distribution", Iri(Site(absl::StrCat("/dataset/", package.name, "/resource/", file.id))));
  graph.Add(place, "rdf:type", Iri(Full("dct:Location")));
  graph.Add(place, "dct:identifier", Text(dataset.spatial().empty() ? "370200" : dataset.spatial()));
  if (timed) {
    graph.Add(period, "rdf:type", Iri(Full("dct:PeriodOfTime")));
    if (!dataset.temporal_start().empty()) graph.Add(period, "dcat:startDate", Typed(dataset.temporal_start(), "xsd:date"));
    if (!dataset.temporal_end().empty()) graph.Add(period, "dcat:endDate", Typed(dataset.temporal_end(), "xsd:date"));
  }
  DescribeContact(graph, card, dataset.contact());
  for (const File& file : package.files) AddDistribution(graph, package, file);
}

// The address of one page of the same question.
std::string PageAddress(const Ask& ask, std::string_view extension, int page) {
  std::string address = Site(absl::StrCat("/catalog.", Absl(extension), "?page=", page));
  for (const auto& [name, value] : ask.query) {
    if (name == "modified_since" || name == "q" || name == "fq") absl::StrAppend(&address, "&", name, "=", Encoded(value));
  }
  return address;
}

void AddPaging(Graph& graph, const Ask& ask, std::string_view extension, int page, int last, size_t total) {
  const Term self = Iri(PageAddress(ask, extension, page));
  graph.Add(self, "rdf:type", Iri(Full("hydra:PagedCollection")));
  graph.Add(self, "hydra:totalItems", Typed(absl::StrCat(total), "xsd:integer"));
  graph.Add(self, "hydra:itemsPerPage", Typed(absl::StrCat(kPageSize), "xsd:integer"));
  // Consumers of ckanext-dcat read the old names as plain text.
  graph.Add(self, "hydra:firstPage", Text(PageAddress(ask, extension, 1)));
  graph.Add(self, "hydra:lastPage", Text(PageAddress(ask, extension, last)));
  graph.Add(self, "hydra:first", Text(PageAddress(ask, extension, 1)));
  graph.Add(self, "hydra:last", Text(PageAddress(ask, extension, last)));
  if (page < last) {
    graph.Add(self, "hydra:nextPage", Text(PageAddress(ask, extension, page + 1)));
    graph.Add(self, "hydra:next", Text(PageAddress(ask, extension, page + 1)));
  }
  if (page > 1) {
    graph.Add(self, "hydra:previousPage", Text(PageAddress(ask, extension, page - 1)));
    graph.Add(self, "hydra:previous", Text(PageAddress(ask, extension, page - 1)));
  }
}

void AddCatalog(Graph& graph, const std::vector<PackagePtr>& packages, absl::Time modified) {
  const Term self = Iri(Site("/"));
  graph.Add(self, "rdf:type", Iri(Full("dcat:Catalog")));
  graph.Add(self, "dct:title", Text("青岛公共数据开放平台", "zh"));
  graph.Add(self, "dct:title", Text("Qingdao open data portal", "en"));
  graph.Add(self, "dct:description", Text("青岛市政务部门向社会开放的数据集目录。", "zh"));
  graph.Add(self, "dct:publisher", Iri(Site("/organization/370200")));
  graph.Add(self, "dct:language", Iri(absl::StrCat(Absl(kEu), "language/ZHO")));
  graph.Add(self, "dct:modified", Moment(modified));
  graph.Add(self, "dct:license", Iri(std::string(LicenseOf("qingdao-open").url)));
  graph.Add(self, "dcat:themeTaxonomy", Iri(absl::StrCat(Absl(kEu), "data-theme")));
  graph.Add(self, "foaf:homepage", self);
  for (const PackagePtr& package : packages) graph.Add(self, "dcat:dataset", DatasetIri(*package));
  const Term publisher = Iri(Site("/organization/370200"));
  graph.Add(publisher, "rdf:type", Iri(Full("foaf:Agent")));
  graph.Add(publisher, "foaf:name", Text("青岛市人民政府", "zh"));
}

void AddAgents(Graph& graph, const std::vector<PackagePtr>& packages) {
  std::vector<std::string> told = {"370200"};
  for (const PackagePtr& package : packages) {
    if (std::find(told.begin(), told.end(), package->body.name) != told.end()) continue;
    told.push_back(package->body.name);
    AddAgent(graph, package->body);
  }
}

}  // namespace

std::string_view RdfTypeOf(std::string_view extension) {
  if (extension == "ttl") return "text/turtle; charset=utf-8";
  if (extension == "xml" || extension == "rdf") return "application/rdf+xml; charset=utf-8";
  if (extension == "jsonld") return "application/ld+json; charset=utf-8";
  return {};
}

std::string_view RdfExtensionFor(std::string_view accept) {
  for (const absl::string_view part : absl::StrSplit(Absl(accept), ',')) {
    const absl::string_view type = absl::StripAsciiWhitespace(part.substr(0, part.find(';')));
    if (type == "text/turtle") return "ttl";
    if (type == "application/rdf+xml") return "xml";
    if (type == "application/ld+json") return "jsonld";
    if (type == "text/html") return {};
  }
  return {};
}

std::string Written(const Graph& graph, std::string_view extension) {
  if (extension == "ttl") return graph.Turtle();
  return extension == "jsonld" ? graph.JsonLd() : graph.RdfXml();
}

Page CatalogPage(const Ask& ask, std::string_view extension, const Shelf& shelf, absl::Time now) {
  int page = 1;
  if (!ask.Get("page").empty() && (!absl::SimpleAtoi(ask.Get("page"), &page) || page < 1)) {
    return Refused(BadField("PAGE_INVALID", "page", "Give a page from 1."));
  }
  std::vector<std::string> filters;
  if (!ask.Get("fq").empty()) filters.push_back(ask.Get("fq"));
  if (!ask.Get("modified_since").empty()) filters.push_back(absl::StrCat("metadata_modified:[", ask.Get("modified_since"), " TO *]"));
  const auto hits = Find(ask.Get("q"), filters, shelf, now);
  if (!hits.ok()) return Refused(hits.status());
  std::vector<PackagePtr> found;
  for (const Hit& hit : *hits) found.push_back(shelf.packages()[hit.position]);
  // Positions are in order of id: pages neither overlap nor leave out.
  const int last = std::max(1, static_cast<int>((found.size() + kPageSize - 1) / kPageSize));
  const size_t from = std::min(found.size(), static_cast<size_t>(page - 1) * kPageSize);
  const std::vector<PackagePtr> shown(found.begin() + static_cast<std::ptrdiff_t>(from),
                                      found.begin() + static_cast<std::ptrdiff_t>(std::min(found.size(), from + kPageSize)));
  absl::Time modified = absl::UnixEpoch();
  for (const PackagePtr& package : found) modified = std::max(modified, package->modified);
  Graph graph;
  AddPaging(graph, ask, extension, page, last, found.size());
  AddCatalog(graph, shown, modified);
  AddAgents(graph, shown);
  for (const PackagePtr& package : shown) AddDataset(graph, *package);
  Page answer;
  answer.type = std::string(RdfTypeOf(extension));
  answer.body = Written(graph, extension);
  return answer;
}

Page DatasetPage(const Package& package, std::string_view extension) {
  Graph graph;
  AddDataset(graph, package);
  AddAgent(graph, package.body);
  Page answer;
  answer.type = std::string(RdfTypeOf(extension));
  answer.body = Written(graph, extension);
  answer.use = Use::kView;
  answer.used = package.dataset.name();
  return answer;
}

}  // namespace zhanqiao::portal
