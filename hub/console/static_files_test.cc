#include "hub/console/static_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "catalog/base/error.h"

namespace zhanqiao::console {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    directory_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(directory_);
    Write("index.html", "portal");
    Write("console/index.html", "console");
    Write("assets/app.1a2b.js", "plain");
    Write("assets/app.1a2b.js.gz", "gzipped");
    Write("assets/app.1a2b.js.br", "brotli");
    Write("assets/gone.js.gz", "whose file is gone");
    Write("favicon.svg", "<svg/>");
    files_ = StaticFiles::Load(directory_).value();
  }

  void Write(const std::string& name, const std::string& text) const {
    fs::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
  }
  edge::HttpResponse Get(std::string target, edge::Metadata headers = {}, std::string method = "GET") const {
    return files_->Answer({.method = std::move(method), .target = std::move(target), .headers = std::move(headers), .body = "", .peer = nullptr});
  }
  static std::string Header(const edge::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  fs::path directory_;
  std::unique_ptr<StaticFiles> files_;
};

TEST_F(StaticFilesTest, APathGivesItsFileWithItsType) {
  const auto script = Get("/assets/app.1a2b.js?x=1");
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(script.body, "plain");
  EXPECT_EQ(Header(script, "content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(Header(Get("/favicon.svg"), "content-type"), "image/svg+xml");
  EXPECT_EQ(Get("/").body, "portal");
  EXPECT_EQ(Get("/console/").body, "console");
}

TEST_F(StaticFilesTest, ADeepLinkIsAPlaceInsideAPageForWhoTakesHtml) {
  const edge::Metadata browser = {{"accept", "text/html,*/*;q=0.8"}};
  EXPECT_EQ(Get("/console/clerk/entries", browser).body, "console");
  EXPECT_EQ(Get("/console", browser).body, "console");
  EXPECT_EQ(Get("/datasets/308001~000001", browser).body, "portal");
  EXPECT_EQ(Get("/console/clerk/entries").status, 404) << "a program is told";
  EXPECT_EQ(Get("/consolette", browser).body, "portal");
  EXPECT_EQ(Get("/assets/missing.js", browser).status, 404) << "a page is no script";
}

TEST_F(StaticFilesTest, NothingOutsideTheDirectoryIsFound) {
  Write("../outside.txt", "secret");
  for (const char* path : {"/../outside.txt", "/assets/../../outside.txt", "/%2e%2e/outside.txt", "//outside.txt", "", "outside.txt"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
}

TEST_F(StaticFilesTest, TheBestFormTheBrowserTakesIsGiven) {
  const auto with = [&](const char* accepted) { return Get("/assets/app.1a2b.js", {{"accept-encoding", accepted}}); };
  EXPECT_EQ(with("gzip, deflate, br").body, "brotli");
  EXPECT_EQ(Header(with("gzip, deflate, br"), "content-encoding"), "br");
  EXPECT_EQ(with("gzip;q=0.5").body, "gzipped");
  EXPECT_EQ(with("br;q=0, gzip;q=0.000").body, "plain");
  EXPECT_EQ(Header(with("identity"), "content-encoding"), "");
  EXPECT_EQ(Header(with("br"), "vary"), "accept-encoding");
  EXPECT_NE(Header(with("br"), "etag"), Header(with("gzip"), "etag"));
  EXPECT_EQ(Get("/assets/gone.js", {{"accept-encoding", "gzip"}}).status, 404);
}

TEST_F(StaticFilesTest, AFileThatDidNotChangeIsNotSentAgain) {
  const std::string etag = Header(Get("/"), "etag");
  ASSERT_FALSE(etag.empty());
  for (const std::string& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
    const auto again = Get("/", {{"if-none-match", known}});
    EXPECT_EQ(again.status, 304) << known;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(Header(again, "etag"), etag);
  }
  EXPECT_EQ(Get("/", {{"if-none-match", "\"other\""}}).status, 200);
  EXPECT_EQ(Header(Get("/"), "cache-control"), "no-cache");
  EXPECT_EQ(Header(Get("/assets/app.1a2b.js"), "cache-control"), "public, max-age=31536000, immutable");
}

TEST_F(StaticFilesTest, EveryAnswerKeepsThePageToItself) {
  for (const auto& response : {Get("/"), Get("/missing.js"), Get("/", {}, "POST"), Get("/assets/app.1a2b.js")}) {
    const std::string policy = Header(response, "content-security-policy");
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(Header(response, "x-content-type-options"), "nosniff");
    EXPECT_EQ(Header(response, "x-frame-options"), "DENY");
    EXPECT_EQ(Header(response, "referrer-policy"), "same-origin");
  }
  EXPECT_EQ(Header(Get("/", {{"host", "127.0.0.1:7443"}}), "strict-transport-security"), "");
  EXPECT_NE(Header(Get("/", {{"host", "hub.qingdao.example"}}), "strict-transport-security"), "");
}

TEST_F(StaticFilesTest, OtherVerbsAreRefused) {
  EXPECT_EQ(Get("/", {}, "HEAD").status, 200);
  EXPECT_EQ(Get("/", {}, "DELETE").status, 405);
  EXPECT_EQ(Header(Get("/", {}, "PUT"), "allow"), "GET, HEAD");
}

TEST_F(StaticFilesTest, ADirectoryWithoutTheFrontEndIsTold) {
  EXPECT_EQ(ReasonOf(StaticFiles::Load(directory_ / "assets").status()), "CONSOLE_NOT_BUILT");
  EXPECT_EQ(ReasonOf(StaticFiles::Load(directory_ / "absent").status()), "CONSOLE_NOT_BUILT");
}

}  // namespace
}  // namespace zhanqiao::console
