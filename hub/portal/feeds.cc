#include "hub/portal/feeds.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/markup.h"

namespace zhanqiao::portal {
namespace {

constexpr size_t kItemsMax = 50;

std::string Site(std::string_view path) { return absl::StrCat(std::string(1, kSite), std::string(path)); }

struct Item {
  absl::Time time;
  std::string title;
  std::string link;
  std::string guid;
  std::string description;
  std::vector<std::string> categories;
};

std::string ItemXml(const Item& item) {
  std::string xml = absl::StrCat("<item><title>", Escaped(item.title), "</title><link>", Escaped(item.link), "</link><guid isPermaLink=\"false\">",
                                 Escaped(item.guid), "</guid><pubDate>", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", item.time, absl::UTCTimeZone()),
                                 "</pubDate><description>", Escaped(item.description), "</description>");
  for (const std::string& category : item.categories) absl::StrAppend(&xml, "<category>", Escaped(category), "</category>");
  return xml + "</item>\n";
}

std::string Day(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }

}  // namespace

Page Rss(const Shelf& shelf) {
  std::vector<Item> items;
  for (const PackagePtr& package : shelf.packages()) {
    const std::string stamp = absl::StrCat(absl::ToUnixMicros(package->modified));
    Item item{package->modified, package->dataset.title(), Site("/dataset/" + package->name), absl::StrCat(package->id, ":", stamp),
              package->dataset.description(), {}};
    if (package->dataset.sample()) item.title += "（样例）";
    for (const Party& theme : package->themes) item.categories.push_back(theme.title);
    items.push_back(std::move(item));
  }
  for (const auto& [name, gone] : shelf.gone()) {
    items.push_back({gone.time, absl::StrCat(gone.recalled ? "【召回】" : "【撤回】", gone.title), Site("/dataset/" + name),
                     absl::StrCat(name, ":", absl::ToUnixMicros(gone.time)), gone.reason, {}});
  }
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.time > b.time; });
  if (items.size() > kItemsMax) items.resize(kItemsMax);
  Page page;
  page.type = "application/rss+xml; charset=utf-8";
  page.body = absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel>\n",
                           "<title>青岛公共数据开放平台：更新</title><link>", Site("/"), "</link><description>数据集的发布、更新、撤回与召回",
                           "</description><language>zh-cn</language><atom:link href=\"", Site("/feeds/dataset.rss"),
                           "\" rel=\"self\" type=\"application/rss+xml\"/>\n");
  for (const Item& item : items) page.body += ItemXml(item);
  page.body += "</channel></rss>\n";
  return page;
}

Page Sitemap(const Shelf& shelf) {
  Page page;
  page.type = "application/xml; charset=utf-8";
  page.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
  const auto add = [&](const std::string& path, const std::string& day) {
    absl::StrAppend(&page.body, "<url><loc>", Escaped(Site(path)), "</loc>", day.empty() ? "" : absl::StrCat("<lastmod>", day, "</lastmod>"), "</url>\n");
  };
  add("/", "");
  for (const auto& body : shelf.bodies()) add("/organization/" + body.party.name, "");
  for (const auto& theme : shelf.themes()) add("/group/" + theme.party.name, "");
  for (const PackagePtr& package : shelf.packages()) add("/dataset/" + package->name, Day(package->modified));
  page.body += "</urlset>\n";
  return page;
}

Page Robots() {
  Page page;
  page.type = "text/plain; charset=utf-8";
  page.body = absl::StrCat("User-agent: *\nAllow: /\nDisallow: /api/\nDisallow: /console/\nCrawl-delay: 1\nSitemap: ", Site("/sitemap.xml"), "\n");
  page.max_age_s = 3600;
  return page;
}

Page LicenseText() {
  Page page;
  page.type = "text/plain; charset=utf-8";
  page.body =
      "公共数据开放利用许可（示例文本，由城市替换为正式协议）\n\n"
      "任何人可以免费复制、传播、加工和商用平台上标明本许可的数据，条件是：注明数据提供部门和数据截至日期；不歪曲数据；\n"
      "不用于识别个人；数据被召回时删除已获取的副本。数据按现状提供。\n\n"
      "Open public data licence (sample text, to be replaced by the city's own)\n\n"
      "Anyone may copy, share, adapt and sell data under this licence, free of charge, who names the provider and the date of the\n"
      "data, does not distort them, does not use them to identify persons, and deletes copies of data that are recalled. As is.\n";
  page.max_age_s = 3600;
  return page;
}

}  // namespace zhanqiao::portal
