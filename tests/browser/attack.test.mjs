// What somebody ill-disposed would try with a browser, a form or another site.
import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { accounts, Hub } from "./hub.mjs";
import { assertWell, newPerson, openBrowser, signIn } from "./people.mjs";

let hub, browser;
before(async () => {
  hub = await Hub.start({ story: false });
  browser = await openBrowser();
}, { timeout: 300_000 });
after(async () => {
  await browser?.close();
  await hub?.stop();
});

const corpus = [
  "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:alert(1)", "{{constructor.constructor('alert(1)')()}}",
  "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>", "</textarea><script>alert(1)</script>", "<a href=javascript:alert(1)>x</a>", "${alert(1)}", "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
];

/** A call as a program makes it: no browser in between. */
function post(path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(`${hub.url}${path}`, { method: "POST", rejectUnauthorized: false, headers: { "content-type": "application/json", ...headers } }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}
async function cookieOf(player) {
  const answer = await post("/zhanqiao.v1.AccountService/SignIn", { person: accounts[player], password: hub.password(player), cookie: true });
  assert.equal(answer.status, 200, answer.text);
  return answer.headers["set-cookie"][0].split(";")[0];
}

test("scripts typed into text fields are shown as text, wherever they are shown", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "zwfwb-clerk");
  const said = await page.evaluate(async (texts) => {
    const call = async (method, body) => (await fetch(`/zhanqiao.v1.${method}`, { method: "POST", headers: { "content-type": "application/json", "zhanqiao-csrf": "1" }, body: JSON.stringify(body) })).json();
    return Promise.all(texts.map((text, at) => call("DemandService/CreateDemand", { title: text.slice(0, 100), description: text, purpose: text, wanted_fields: [text.slice(0, 60)], request_id: `xss-${at}` })));
  }, corpus);
  assert.ok(said.filter((one) => one.name).length >= corpus.length - 1, JSON.stringify(said).slice(0, 500));
  await page.goto("/console/demands");
  await page.locator("table.data tbody tr").first().waitFor();
  for (const one of said.filter((answer) => answer.name)) {
    await page.goto(`/console/demands/${one.name.split("/")[1]}`);
    await page.getByText(one.description, { exact: true }).first().waitFor();
  }
  await page.goto(`/console/catalogue?q=${encodeURIComponent(corpus[1])}&state=${encodeURIComponent(corpus[0])}`);
  await page.waitForLoadState("networkidle");
  await page.goto(`/console/ledger?where=${encodeURIComponent(`reason=${encodeURIComponent(corpus[2])}`)}`);
  await page.waitForLoadState("networkidle");
  assert.equal(await page.locator("script:not([src])").count(), 0);
  assertWell(page);
  await page.context().close();
});

test("after sign-in a person goes to an address of the console, never to another site", async () => {
  const page = await newPerson(browser, hub);
  await page.goto(`/console/sign-in?to=${encodeURIComponent("//evil.example/")}`);
  await page.fill("#person", accounts.operator);
  await page.fill("#password", hub.password("operator"));
  await page.click("button[type=submit]");
  await page.waitForSelector(".shell");
  assert.equal(new URL(page.url()).origin, hub.url);
  assertWell(page);
  await page.context().close();
});

test("pages cannot be framed, and every answer carries its guards", async () => {
  for (const path of ["/", "/console/", "/pier.svg", "/assets/none.js"]) {
    const answer = await new Promise((resolve, reject) => request(`${hub.url}${path}`, { rejectUnauthorized: false }, (got) => (got.resume(), resolve(got))).on("error", reject).end());
    assert.match(answer.headers["content-security-policy"] ?? "", /frame-ancestors 'none'/, path);
    assert.doesNotMatch(answer.headers["content-security-policy"], /unsafe|https?:/, path);
    assert.equal(answer.headers["x-content-type-options"], "nosniff", path);
    assert.equal(answer.headers["x-frame-options"], "DENY", path);
  }
  const page = await newPerson(browser, hub);
  await page.goto("/developers");
  const framed = await page.evaluate(() => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = "/console/";
    frame.onload = () => { try { resolve(frame.contentDocument?.querySelector("#app") !== null && frame.contentDocument !== null); } catch { resolve(false); } };
    document.body.append(frame);
    setTimeout(() => resolve(false), 3000);
  }));
  assert.equal(framed, false);
  await page.context().close();
});

test("a session's cookie does not count when another site has it sent", async () => {
  const cookie = await cookieOf("office");
  const ask = (headers) => post("/zhanqiao.v1.AccessService/GetCaller", {}, { cookie, ...headers });
  assert.equal((await ask({ "zhanqiao-csrf": "1" })).status, 200);
  for (const [headers, reason] of [[{}, "CSRF_HEADER_MISSING"], [{ "zhanqiao-csrf": "1", origin: "https://evil.example" }, "ORIGIN_FOREIGN"], [{ "zhanqiao-csrf": "1", "sec-fetch-site": "cross-site" }, "ORIGIN_FOREIGN"]]) {
    const answer = await ask(headers);
    assert.equal(answer.status, 403);
    assert.match(answer.text, new RegExp(reason));
  }
});

test("a session somebody else laid out does not become the person's", async () => {
  const page = await newPerson(browser, hub);
  const laid = "0".repeat(64);
  await page.context().addCookies([{ name: "__Host-zhanqiao", value: laid, url: hub.url, secure: true, httpOnly: true, sameSite: "Strict" }]);
  await signIn(page, hub, "security");
  const [cookie] = await page.context().cookies();
  assert.notEqual(cookie.value, laid);
  assert.equal(await page.evaluate(() => document.cookie), "", "no script sees the session");
  await page.context().close();
});

test("what belongs to another body stays with it, whoever types its address", async () => {
  const made = JSON.parse(hub.as("zwfwb-clerk", "--json", "grant", "create", "--consumer", "organizations/370200-ZWFWB/systems/approval", "--resource", "resources/308001370200~000001", "--field", "item_code", "--purpose", "只有当事方可见"));
  const cookie = await cookieOf("gaj-clerk");
  const ask = async (method, body) => (await post(`/zhanqiao.v1.${method}`, body, { cookie, "zhanqiao-csrf": "1" })).status;
  assert.equal(await ask("AccessService/GetGrant", { name: made.name }), 403);
  assert.equal(await ask("AccessService/SubmitGrant", { name: made.name }), 403);
  assert.equal(await ask("AccessService/DeleteGrant", { name: made.name }), 403);
  assert.equal(await ask("NoticeService/ListNotices", { parent: "organizations/370200-ZWFWB" }), 403);
  assert.equal(await ask("AccessService/ListPersons", { parent: "organizations/370200-ZWFWB" }), 403);
  assert.equal(await ask("AuditService/QuerySubject", { id_number: "11010519491231002X", purpose: "x" }), 403);
  assert.equal(await ask("CatalogService/UpdateResource", { resource: { name: "resources/308001370200~000001", etag: "r1" } }), 403);
});

test("five wrong passwords lock the account, and the answer says no more than before", async () => {
  const answers = [];
  for (let tries = 0; tries < 6; ++tries) answers.push(await post("/zhanqiao.v1.AccountService/SignIn", { person: accounts["gaj-approver"], password: "wrong wrong wrong", cookie: true }));
  const locked = await post("/zhanqiao.v1.AccountService/SignIn", { person: accounts["gaj-approver"], password: hub.password("gaj-approver"), cookie: true });
  assert.equal(locked.status, 401);
  const without = (text) => text.replace(/"ledgerIndex[^,}]*|ledger_index":"\d+"|"value":"[^"]*"/g, "");
  for (const answer of answers) assert.equal(without(answer.text), without(locked.text));
});
