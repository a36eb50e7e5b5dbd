// The office's day on the sample year 2018, and an open dataset from a clerk's file to a stranger's download.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Hub, output } from "./hub.mjs";
import { assertAccessible, assertWell, newPerson, openBrowser, signIn, wall } from "./people.mjs";

let hub, browser;
before(async () => {
  [hub, browser] = await Promise.all([Hub.start({ sample: true }), openBrowser()]);
  mkdirSync(output, { recursive: true });
}, { timeout: 300_000 });
after(async () => {
  await browser?.close();
  await hub?.stop();
});
const progress = (...words) => JSON.parse(hub.as("office", "progress", ...words, "--json"));
const percent = (share) => `${(share * 100).toFixed(1)} %`;

test("a figure of any day is the hub's own, opens to its list and on to the ledger", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "office", { to: "/console/progress?as_of=2018-06-30" });
  const wanted = progress("--as-of", "2018-06-30").cloud_migration_ratio;
  const card = page.locator("[data-test=cloud]");
  await card.getByText(`${wanted.on_cloud} / ${wanted.eligible}`).waitFor();
  await card.getByText(percent(wanted.ratio)).waitFor();
  await page.getByText("差异来自之后才登记的变更").waitFor();
  await page.getByText("看当日所知").click();
  const then = progress("--as-of", "2018-06-30", "--known-on", "2018-06-30").cloud_migration_ratio;
  assert.ok(then.on_cloud < wanted.on_cloud, "the sample holds late records");
  await card.getByText(`${then.on_cloud} / ${then.eligible}`).waitFor();
  await card.click();
  await page.waitForURL(/\/progress\/items\?/);
  assert.match(page.url(), /as_of=2018-06-30/);
  await page.locator("tbody tr").first().waitFor();
  await page.locator("tbody a[href*='/ledger/']").first().click();
  await page.waitForURL(/\/ledger\/\d+$/);
  await page.locator("h1").waitFor();
  assertWell(page);
  await page.context().close();
});

test("the slider moves to any day, and the back of a link brings the same day", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "office", { to: "/console/progress" });
  await page.locator("[data-test=as-of]").fill("2018-09-30");
  await page.locator("[data-test=as-of]").dispatchEvent("change");
  await page.waitForURL(/as_of=2018-09-30/);
  const wanted = progress("--as-of", "2018-09-30").cloud_migration_ratio;
  await page.locator("[data-test=cloud]").getByText(`${wanted.on_cloud} / ${wanted.eligible}`).waitFor();
  assertWell(page);
  await page.context().close();
});

test("the wall screen shows the city without a scroll bar at 1920x1080", async () => {
  const page = await newPerson(browser, hub, { viewport: wall });
  await signIn(page, hub, "office", { to: "/console/cockpit?as_of=2018-11-24" }).catch(() => {}); // the wall has no frame to wait for
  await page.goto("/console/cockpit?as_of=2018-11-24", { waitUntil: "networkidle" });
  await page.locator(".wall .huge").first().waitFor();
  const over = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
  assert.ok(over[0] <= 0 && over[1] <= 0, `scrolls by ${over}`);
  await page.screenshot({ path: join(output, "cockpit-wall-zh.png") });
  await page.context().close();
});

test("the office's own approved map is drawn, with the number of its review, and a district opens its list", async () => {
  const page = await newPerson(browser, hub, { viewport: wall });
  await page.route("**/console/map.geojson", (route) => route.fulfill({ contentType: "application/geo+json", json: sampleMap() }));
  await signIn(page, hub, "office", { to: "/console/progress?as_of=2018-11-24" });
  await page.locator(".atlas .district").first().waitFor();
  assert.equal(await page.locator(".atlas .district").count(), 10);
  await page.getByText("样例图，非真实界线").waitFor();
  await assertAccessible(page, "the progress page with a map");
  await page.screenshot({ path: join(output, "progress-map-zh.png"), fullPage: true });
  await page.goto("/console/cockpit?as_of=2018-11-24", { waitUntil: "networkidle" });
  await page.locator(".atlas .district").first().waitFor();
  const over = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  assert.ok(over <= 0, `the wall scrolls by ${over} px`);
  await page.screenshot({ path: join(output, "cockpit-map-zh.png") });
  await page.locator(".atlas .district").first().press("Enter");
  await page.waitForURL(/\/progress\/items\?.*division=370/);
  assertWell(page);
  await page.context().close();
});

// Six-sided cells, not borders.
function sampleMap() {
  const codes = ["370283", "370285", "370281", "370214", "370215", "370203", "370213", "370212", "370211", "370202"];
  const cells = [[0, 3], [1, 3], [0, 2], [1, 2], [2, 2], [1, 1], [2, 1], [3, 1], [0, 0], [1, 0]];
  const features = codes.map((code, at) => {
    const [x, y] = [120 + cells[at][0] * 0.3 + (cells[at][1] % 2) * 0.15, 36 + cells[at][1] * 0.22];
    const ring = [0, 1, 2, 3, 4, 5, 0].map((corner) => [x + 0.16 * Math.sin((corner * Math.PI) / 3), y + 0.14 * Math.cos((corner * Math.PI) / 3)]);
    return { type: "Feature", properties: { code, name: code }, geometry: { type: "Polygon", coordinates: [ring] } };
  });
  return { type: "FeatureCollection", approval: "样例图，非真实界线", features };
}

test("the ledger of duties has all ninety-one, and a light for each", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "office", { to: "/console/tasks?as_of=2018-11-24" });
  const wanted = progress("--as-of", "2018-11-24").tasks;
  await page.getByText(`共 91 项，完成 ${wanted.done}，逾期 ${wanted.overdue}`).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 91);
  assert.equal(await page.locator("tbody .light").count(), 91);
  assertWell(page);
  await page.context().close();
});

test("a body fills in its report, the office returns it, the body mends it, the office accepts it", async () => {
  const clerk = await newPerson(browser, hub);
  await signIn(clerk, hub, "gaj-clerk", { to: "/console/reports" });
  const month = await clerk.locator("[data-test=month]").innerText();
  await clerk.click("[data-test=fill]");
  await clerk.waitForURL(`**/reports/${month}/370200-GAJ`);
  const stated = clerk.locator("[data-test^=stated-] input").first();
  await stated.fill("987");
  await clerk.getByText("这些另述的数字还没有说明").waitFor();
  await clerk.locator("input[placeholder='必填：为什么不同']").first().fill("三条在纸面上办理");
  await clerk.locator("textarea").first().fill("<b>本月</b>新编目录若干条。");
  await clerk.click("[data-test=save]");
  await clerk.getByText("已保存").waitFor();
  await assertAccessible(clerk, "the report's form");

  const approver = await newPerson(browser, hub);
  await signIn(approver, hub, "gaj-approver", { to: `/console/reports/${month}/370200-GAJ` });
  await approver.click("[data-test=submit]");
  await approver.locator(".el-message-box .el-button--primary").click();
  await approver.getByText("待审核").first().waitFor();

  const office = await newPerson(browser, hub);
  await signIn(office, hub, "office", { to: `/console/reports/${month}/370200-GAJ` });
  await office.getByText("三条在纸面上办理").waitFor();
  await office.click("[data-test=return]");
  await office.locator(".el-dialog textarea").fill("请核对另述的数字");
  await office.click("[data-test=confirm]");
  await office.getByText("已退回").first().waitFor();

  await approver.reload();
  await approver.getByText("请核对另述的数字").waitFor();
  await approver.click("[data-test=submit]");
  await approver.locator(".el-message-box .el-button--primary").click();
  await approver.getByText("待审核").first().waitFor();
  await office.reload();
  await office.click("[data-test=accept]");
  await office.getByText("已接收").first().waitFor();
  for (const page of [clerk, approver, office]) {
    assertWell(page);
    await page.context().close();
  }
});

const people = ["姓名,手机,年龄", ...Array.from({ length: 30 }, (_, at) => `某${at},1380000${String(1000 + at)},${20 + at}`)].join("\n");
const places = ["站点,所属区,数量", ...Array.from({ length: 30 }, (_, at) => `站点${at},市南区,${100 + at}`)].join("\n");

test("a dataset goes from a clerk's file through the risk gate and a second person to a stranger", async () => {
  const clerk = await newPerson(browser, hub);
  await signIn(clerk, hub, "fgw-clerk", { to: "/console/open-datasets/new" });
  await clerk.locator("[data-test=resource]").click();
  await clerk.locator(".el-select-dropdown__item").first().click();
  await clerk.locator("[data-test=title]").fill("浏览器验收站点表");
  await clerk.locator("[data-test=id]").fill("browser-places");
  await clerk.locator("[data-test=description]").fill("用于验收的站点与数量。");
  await clerk.locator("[data-test=unit]").fill("信息中心");
  await clerk.click("[data-test=save]");
  await clerk.waitForURL("**/open-datasets/370200-FGW/browser-places");

  const bad = join(hub.directory, "people.csv");
  writeFileSync(bad, people);
  await clerk.setInputFiles("[data-test=file]", bad);
  await clerk.click("[data-test=upload]");
  await clerk.getByText("已上传到下一版").waitFor();
  await clerk.click("[data-test=assess]");
  await clerk.locator("[data-test=risk]").getByText("未通过").first().waitFor();
  assert.equal(await clerk.locator("[data-test=propose]").isDisabled(), true);

  const good = join(hub.directory, "places.csv");
  writeFileSync(good, places);
  await clerk.setInputFiles("[data-test=file]", good);
  await clerk.click("[data-test=upload]");
  await clerk.locator("[data-test=risk]").waitFor({ state: "detached" });
  await clerk.click("[data-test=assess]");
  await clerk.getByText("通过", { exact: true }).first().waitFor();
  await clerk.click("[data-test=propose]");
  await clerk.getByText("须由另一位审批人决定").waitFor();
  assert.equal(await clerk.locator("[data-test=publish]").count(), 0);
  await assertAccessible(clerk, "the dataset's page");

  const approver = await newPerson(browser, hub);
  await signIn(approver, hub, "fgw-approver", { to: "/console/open-datasets/370200-FGW/browser-places" });
  await approver.click("[data-test=publish]");
  await approver.getByText("已发布").first().waitFor();

  const stranger = await newPerson(browser, hub);
  await stranger.goto("/dataset?q=验收站点");
  await stranger.getByRole("link", { name: "浏览器验收站点表" }).click();
  const [download] = await Promise.all([stranger.waitForEvent("download"), stranger.click("[data-test=download-CSV]")]);
  assert.match(readFileSync(await download.path(), "utf8"), /站点29,市南区,129/);
  await stranger.locator("#say input[name=title]").fill("站点 7 的数量不对");
  await stranger.locator("#say textarea").fill("应为 110");
  await stranger.locator("#say [data-test=send]").click();
  const number = await stranger.locator("[data-test=number]").innerText();

  const office = await newPerson(browser, hub);
  await signIn(office, hub, "office", { to: "/console/submissions" });
  await office.getByText("站点 7 的数量不对").click();
  await office.getByText("内容适合公开").click();
  await office.click("[data-test=moderate]");
  await office.getByText("处理中").first().waitFor();
  await clerk.goto("/console/submissions");
  await clerk.getByText("站点 7 的数量不对").click();
  await clerk.locator(".el-drawer textarea").fill("已核对，下一版更正。");
  await clerk.click("[data-test=answer]");
  await clerk.getByText("已答复").first().waitFor();
  await stranger.goto(`/submission/${number}`);
  await stranger.getByText("已核对，下一版更正。").waitFor();
  for (const page of [clerk, approver, office, stranger]) {
    assertWell(page);
    await page.context().close();
  }
}, { timeout: 180_000 });

test("every page of the office is accessible and nothing fails in it, in both languages", async () => {
  const paths = ["/progress?as_of=2018-11-24", "/progress/items?as_of=2018-11-24&state=FIGURE_ITEM_STATE_DUE", "/progress/datasets?as_of=2018-11-24&reason=NOT_WORKING", "/progress/sharing?to=2018-11-24", "/tasks?as_of=2018-11-24", "/criticisms", "/reports?month=2018-11", "/evaluation?year=2018", "/inventory", "/inventory?view=trees", "/inventory?view=facilities", "/inventory?view=completeness", "/inventory?view=cloud", "/open-datasets", "/submissions", "/alarms", "/projects"];
  for (const [language, dark] of [["zh", false], ["en", true]]) {
    const page = await newPerson(browser, hub, { language, dark });
    await signIn(page, hub, "office");
    for (const path of paths) {
      await page.goto(`/console${path}`, { waitUntil: "networkidle" });
      await assertAccessible(page, `${path} ${language}`);
      assert.equal(await page.locator("main [role=alert]").count(), 0, `${path}: ${(await page.locator("main [role=alert]").allInnerTexts()).join()}`);
      await page.screenshot({ path: join(output, `office${path.replace(/[^a-z]+/gi, "_")}${language}.png`), fullPage: true });
    }
    assertWell(page);
    await page.context().close();
  }
}, { timeout: 600_000 });
