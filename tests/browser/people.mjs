// Persons in front of a browser.
import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { accounts } from "./hub.mjs";

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"] });
}

export const laptop = { width: 1366, height: 768 };
export const wall = { width: 1920, height: 1080 };
export const phone = { width: 390, height: 844 };

/** A browser of one's own: what went wrong in it is kept, and a request to any other host is a failure. */
export async function newPerson(browser, hub, { viewport = laptop, language = "zh", dark = false } = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport, baseURL: hub.url, locale: language === "zh" ? "zh-CN" : "en-GB", timezoneId: "Asia/Shanghai", colorScheme: dark ? "dark" : "light", reducedMotion: "reduce", acceptDownloads: true });
  await context.addInitScript((wanted) => localStorage.getItem("zhanqiao.language") ?? localStorage.setItem("zhanqiao.language", wanted), language);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000); // a bound for busy machines, nothing waits for it
  page.trouble = [];
  page.on("pageerror", (error) => page.trouble.push(`page error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && !/status of (400|401|403|404|409|429)/.test(message.text()) && page.trouble.push(`console: ${message.text()}`));
  page.on("request", (request) => !request.url().startsWith(hub.url) && !/^(data|blob):/.test(request.url()) && page.trouble.push(`request to ${request.url()}`));
  page.on("dialog", (dialog) => {
    page.trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return page;
}

export function assertWell(page) {
  assert.deepEqual(page.trouble, [], "nothing went wrong in the page");
}

export async function signIn(page, hub, player, { to = "/console/", code } = {}) {
  await page.goto(`/console/sign-in?to=${encodeURIComponent(to.replace(/^\/console/, "") || "/")}`);
  await page.fill("#person", accounts[player]);
  await page.fill("#password", hub.password(player));
  await page.click("button[type=submit]");
  if (code) {
    await page.waitForSelector("#totp");
    await page.fill("#totp", code());
    await page.click("button[type=submit]");
  }
  await page.waitForSelector(".shell");
}

/** axe finds nothing wrong. */
export async function assertAccessible(page, where) {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]).analyze();
  assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.failureSummary?.split("\n")[1] ?? ""}`).join(" | ")}`), [], `${where} is accessible`);
}
