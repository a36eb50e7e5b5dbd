// A stranger at the open-data portal: no sign-in, on a laptop and on a phone, in both languages. And what machines take there.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Hub, output } from "./hub.mjs";
import { assertAccessible, assertWell, laptop, newPerson, openBrowser, wall } from "./people.mjs";

let hub, browser, name, title;
const narrow = { width: 360, height: 740 };
before(async () => {
  [hub, browser] = await Promise.all([Hub.start({ story: false }), openBrowser()]);
  const page = await newPerson(browser, hub);
  await page.goto("/");
  const found = await page.evaluate(() => fetch("/api/3/action/package_search?rows=100").then((answer) => answer.json()));
  const one = found.result.results.find((other) => other.resources.some((file) => file.datastore_active));
  [name, title] = [one.name, one.title];
  await page.context().close();
  mkdirSync(output, { recursive: true });
}, { timeout: 300_000 });
after(async () => {
  await browser?.close();
  await hub?.stop();
});

test("a stranger searches, narrows by facet, and the address keeps what was chosen", async () => {
  const page = await newPerson(browser, hub);
  await page.goto("/");
  await page.fill("main input[type=search]", title.slice(0, 2));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/dataset\?q=/);
  await page.getByRole("link", { name: title }).first().waitFor();
  await page.locator("section.facet button[aria-pressed=false]").first().click();
  await page.waitForURL(/(theme|body|format|tag)=/);
  const address = page.url();
  const shown = await page.getByRole("status").innerText();
  await page.reload();
  await page.locator("article.dataset").first().waitFor();
  assert.equal(page.url(), address);
  assert.equal(await page.getByRole("status").innerText(), shown);
  await page.goBack();
  await page.waitForURL((url) => !/(theme|body|format|tag)=/.test(url.search));
  assertWell(page);
  await page.context().close();
});

test("nothing found says what to do", async () => {
  const page = await newPerson(browser, hub);
  await page.goto("/dataset?q=没有这样的数据集呀");
  await page.getByText("没有符合条件的数据集。").waitFor();
  assert.equal(await page.getByRole("link", { name: "提出数据需求" }).count(), 1);
  await page.context().close();
});

test("a dataset shows its items and rows, sorts them, draws them, and every form downloads", async () => {
  const page = await newPerson(browser, hub);
  await page.goto(`/dataset/${name}`);
  await page.locator("#items table").first().waitFor();
  const rows = page.locator("#preview tbody tr");
  await rows.first().waitFor();
  const items = await page.locator("#items tbody tr").count();
  assert.equal(await page.locator("#preview thead th").count(), items, "each item is a column");
  await page.locator("#preview thead button").first().click();
  await page.locator("#preview th[aria-sort=ascending]").waitFor();
  await page.click("[data-test=as-chart]");
  await page.locator("#preview canvas").waitFor();
  for (const [form, begin] of [["CSV", null], ["JSON", "["], ["XLSX", "PK"]]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`[data-test=download-${form}]`)]);
    const content = readFileSync(await download.path(), "latin1");
    assert.ok(content.length > 20, `${form} has content`);
    if (begin) assert.ok(content.trimStart().startsWith(begin), `${form} is ${form}`);
    assert.match(download.suggestedFilename(), new RegExp(`\\.${form.toLowerCase()}$`));
  }
  assertWell(page);
  await page.context().close();
});

test("the API page shows a command and its live answer", async () => {
  const page = await newPerson(browser, hub);
  await page.goto(`/dataset/${name}/api`);
  await page.locator("[data-test=run]").first().click();
  const answer = JSON.parse(await page.locator("[data-test=answer]").first().innerText());
  assert.equal(answer.success, true);
  assert.ok(answer.result.records.length > 0);
  assert.match(await page.locator("pre.code").first().innerText(), /^curl -s 'https:.*datastore_search\?resource_id=/);
  assertWell(page);
  await page.context().close();
});

test("the reference opens the OpenAPI document and finds an operation", async () => {
  const page = await newPerson(browser, hub);
  await page.goto("/developers/api");
  await page.locator("input[type=search]").fill("package_show");
  await page.locator(".entry .line").first().click();
  await page.locator(".inside").first().waitFor();
  assertWell(page);
  await page.context().close();
});

test("a correction is sent without a name and its status can be looked up", async () => {
  const page = await newPerson(browser, hub);
  await page.goto(`/dataset/${name}`);
  await page.locator("#say input[name=title]").fill("第 3 行有误");
  await page.locator("#say textarea").fill("<img src=x onerror=alert(1)> 应为 12");
  await page.locator("#say [data-test=send]").click();
  const number = await page.locator("[data-test=number]").innerText();
  await page.click("[data-test=number]");
  await page.waitForURL(`**/submission/${number}`);
  await page.getByText("已收到").first().waitFor();
  assert.equal(await page.getByText("onerror").count(), 0, "its text is not shown before it was looked at");
  await page.goto("/requests");
  await page.getByText("第 3 行有误").waitFor();
  assertWell(page);
  await page.context().close();
});

test("personal data in a submission are refused in words", async () => {
  const page = await newPerson(browser, hub);
  await page.goto("/requests");
  await page.locator("input[name=title]").fill("请公开");
  await page.locator("textarea").fill("我的手机 13812345678");
  await page.locator("[data-test=send]").click();
  assert.match(await page.getByRole("alert").innerText(), /TEXT_HOLDS_PERSONAL_DATA/);
  await page.context().close();
});

test("every page is accessible, in both languages and both themes, without sideways scrolling on a phone", async () => {
  const paths = ["/", "/dataset", `/dataset/${name}`, `/dataset/${name}/api`, "/requests", "/statistics", "/developers", "/about", "/nowhere/at/all"];
  for (const [language, dark, viewport, label] of [["zh", false, laptop, "laptop"], ["en", true, laptop, "laptop-dark"], ["zh", false, narrow, "phone"], ["en", false, wall, "wall"]]) {
    const page = await newPerson(browser, hub, { language, dark, viewport });
    for (const path of paths) {
      await page.goto(path, { waitUntil: "networkidle" });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${path} scrolls sideways by ${over} px on ${label}`);
      if (viewport !== wall) await assertAccessible(page, `${path} ${label} ${language}`);
      await page.screenshot({ path: join(output, `portal${path.replaceAll("/", "_")}-${label}-${language}.png`), fullPage: true });
    }
    assertWell(page);
    await page.context().close();
  }
}, { timeout: 400_000 });

test("the first page moves nothing after it is drawn", async () => {
  const page = await newPerson(browser, hub, { viewport: narrow });
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => (window.shift += one.hadRecentInput ? 0 : one.value))).observe({ type: "layout-shift", buffered: true });
  });
  for (const path of ["/", "/dataset", `/dataset/${name}`]) {
    await page.goto(path, { waitUntil: "networkidle" });
    const shift = await page.evaluate(() => window.shift);
    assert.ok(shift < 0.1, `${path}: layout shift ${shift}`);
  }
  await page.context().close();
});
