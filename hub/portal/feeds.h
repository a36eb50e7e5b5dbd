// For readers and crawlers: RSS of changes, sitemap, robots.txt.
#pragma once

#include "hub/portal/shelf.h"
#include "hub/portal/web.h"

namespace zhanqiao::portal {

// /feeds/dataset.rss: the 50 newest changes, withdrawn and recalled datasets among them. RSS 2.0.
Page Rss(const Shelf& shelf);
// /sitemap.xml: the portal's page, each dataset, body and theme.
Page Sitemap(const Shelf& shelf);
Page Robots();
// /license/qingdao-open
Page LicenseText();

}  // namespace zhanqiao::portal
