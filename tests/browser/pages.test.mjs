// Every page for everybody who has it, in both languages: accessible, without trouble, photographed.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Hub, output } from "./hub.mjs";
import { assertAccessible, assertWell, laptop, newPerson, openBrowser, phone, signIn, wall } from "./people.mjs";

let hub, browser;
before(async () => {
  hub = await Hub.start();
  browser = await openBrowser();
  mkdirSync(output, { recursive: true });
}, { timeout: 300_000 });
after(async () => {
  await browser?.close();
  await hub?.stop();
});

// What has a place in a menu is found there; these lie behind it.
const inner = {
  "gaj-clerk": ["/console/entries/new", "/console/entries/308001370200~000002", "/console/account", "/console/nowhere"],
  "zwfwb-clerk": ["/console/grants/new?resource=resources/308001370200~000002"],
  auditor: ["/console/ledger/0", "/console/ledger/300"],
};

async function look(page, path, name) {
  await page.goto(path);
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(output, `${name}.png`), fullPage: true });
}

// A page that several have is looked at with the first; each has a home of their own.
const seen = new Set();

for (const language of ["zh", "en"]) {
  for (const player of ["gaj-clerk", "zwfwb-clerk", "gaj-approver", "office", "auditor", "operator", "security"]) {
    test(`${player}'s pages, ${language}`, async () => {
      const page = await newPerson(browser, hub, { language, viewport: laptop });
      await signIn(page, hub, player);
      const menu = await page.locator(".side a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
      assert.ok(menu.length >= 5);
      const trouble = [];
      for (const path of [...menu, ...(inner[player] ?? [])]) {
        if (path !== "/console/" && seen.has(language + path)) continue;
        seen.add(language + path);
        const name = `${player}${path.replace(/^\/console/, "").split("?")[0].replace(/[^a-z0-9]+/gi, "-").replace(/-$/, "") || "-home"}-${language}`;
        await look(page, path, name);
        await assertAccessible(page, name).catch((error) => trouble.push(error.message));
      }
      assert.deepEqual(trouble, []);
      assertWell(page);
      await page.context().close();
    });
  }
}

test("the dark theme has contrast too, and the wall's cockpit fits", async () => {
  const page = await newPerson(browser, hub, { dark: true, viewport: wall });
  await signIn(page, hub, "office");
  const trouble = [];
  for (const path of ["/console/", "/console/catalogue", "/console/progress", "/console/ledger", "/console/tasks", "/console/rules", "/console/cockpit"]) {
    await look(page, path, `dark${path.replace(/[^a-z0-9]+/gi, "-").replace(/-$/, "")}`);
    await assertAccessible(page, `dark ${path}`).catch((error) => trouble.push(error.message));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${path} does not scroll sideways`);
  }
  assert.deepEqual(trouble, []);
  assertWell(page);
  await page.context().close();
});

test("the portal is there for strangers, on a phone too", async () => {
  for (const [viewport, name] of [[laptop, "laptop"], [phone, "phone"]]) {
    const page = await newPerson(browser, hub, { viewport });
    const trouble = [];
    for (const path of ["/", "/developers"]) {
      await look(page, path, `portal${path.replace(/\W+/g, "-").replace(/-$/, "")}-${name}`);
      await assertAccessible(page, `portal ${path} on a ${name}`).catch((error) => trouble.push(error.message));
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${path} does not scroll sideways on a ${name}`);
    }
    assert.deepEqual(trouble, []);
    assertWell(page);
    await page.context().close();
  }
});

test("the first load stays under 1.5 MB compressed", async (context) => {
  for (const [path, ready] of [["/console/sign-in", "#person"], ["/", "main input[type=search]"]]) {
    const page = await newPerson(browser, hub);
    let bytes = 0;
    let files = 0;
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    session.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; ++files; });
    await page.goto(path, { waitUntil: "commit" });
    await page.locator(ready).fill("a"); // it takes what is typed
    const interactive = await page.evaluate(() => performance.now());
    await page.waitForLoadState("networkidle");
    // Told, not judged: how busy the machine is decides.
    context.diagnostic(`${path}: ${files} files, ${(bytes / 1024).toFixed(0)} KiB transferred, interactive after ${interactive.toFixed(0)} ms`);
    assert.ok(bytes > 50_000 && bytes < 1_500_000, `first load of ${path}: ${bytes} bytes`);
    if (path === "/console/sign-in") {
      await page.screenshot({ path: join(output, "sign-in-zh.png") });
      await assertAccessible(page, "sign-in");
    }
    assertWell(page);
    await page.context().close();
  }
});

test("on paper there is the page alone, without menus and within its width", async () => {
  const paper = { width: 690, height: 980 }; // A4 less its margins
  for (const [player, paths] of [["office", ["/console/progress", "/console/tasks", "/console/rules"]], ["auditor", ["/console/ledger/300", "/console/ledger"]], ["operator", ["/console/health", "/console/certificates"]]]) {
    const page = await newPerson(browser, hub, { viewport: laptop, dark: player === "auditor" });
    await signIn(page, hub, player);
    for (const path of paths) await onPaper(page, path, player, [".side", ".top"]);
    await page.context().close();
  }
  const stranger = await newPerson(browser, hub);
  await stranger.goto("/dataset");
  const first = await stranger.locator("article.dataset a").first().getAttribute("href");
  for (const path of ["/", first, "/statistics"]) await onPaper(stranger, path, "portal", [".bar", ".foot"]);
  await stranger.context().close();

  async function onPaper(page, path, name, hidden) {
    await page.goto(path, { waitUntil: "networkidle" });
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize(paper);
    for (const one of hidden) assert.equal(await page.locator(one).first().isVisible(), false, `${path} prints ${one}`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await page.screenshot({ path: join(output, `paper-${name}${path.replace(/^\/console/, "").replace(/[^a-z0-9]+/gi, "-").slice(0, 40)}.png`), fullPage: true });
    assert.ok(over <= 0, `${path} is wider than the sheet by ${over} px`);
    await page.emulateMedia({ media: null });
    await page.setViewportSize(laptop);
  }
});

test("a photograph of every page lies in the output", () => {
  const pictures = readdirSync(output).filter((name) => name.endsWith(".png"));
  assert.ok(pictures.length > 100, `${pictures.length} pictures`);
  for (const name of pictures) assert.ok(statSync(join(output, name)).size > 4_000, name);
});
