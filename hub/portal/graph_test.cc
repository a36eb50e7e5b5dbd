#include "hub/portal/graph.h"

#include <gtest/gtest.h>

#include "boost/json.hpp"

namespace zhanqiao::portal {
namespace {

Graph Small() {
  Graph graph;
  const Term dataset = Iri("https://data.example.cn/dataset/a");
  graph.Add(dataset, "rdf:type", Iri(Full("dcat:Dataset")));
  graph.Add(dataset, "dct:title", Text("\"停车\" <b>&\\\n场", "zh"));
  const Term card = graph.Blank();
  graph.Add(dataset, "dcat:contactPoint", card);
  graph.Add(card, "vcard:fn", Text("x"));
  return graph;
}

TEST(Graph, TurtleEscapesWhatEndsAText) {
  const std::string turtle = Small().Turtle();
  EXPECT_NE(turtle.find(R"("\"停车\" <b>&\\\n场"@zh)"), std::string::npos) << turtle;
  EXPECT_NE(turtle.find("dcat:contactPoint _:b1 .\n\n_:b1 vcard:fn \"x\" ."), std::string::npos) << turtle;
}

TEST(Graph, XmlEscapesMarkup) {
  const std::string xml = Small().RdfXml();
  EXPECT_NE(xml.find("<dct:title xml:lang=\"zh\">&quot;停车&quot; &lt;b&gt;&amp;\\\n场</dct:title>"), std::string::npos) << xml;
  EXPECT_NE(xml.find("rdf:nodeID=\"b1\""), std::string::npos);
}

TEST(Graph, JsonLdIsJson) {
  const auto document = boost::json::parse(Small().JsonLd());
  EXPECT_EQ(document.at("@graph").at(0).at("@type").at(0).as_string(), "http://www.w3.org/ns/dcat#Dataset");
  EXPECT_EQ(document.at("@graph").at(0).at("dct:title").at(0).at("@language").as_string(), "zh");
}

TEST(Graph, AddressesHoldNothingThatEndsThem) {
  EXPECT_EQ(Iri("http://a/<script>\" x>").value, "http://a/%3Cscript%3E%22%20x%3E");
}

}  // namespace
}  // namespace zhanqiao::portal
