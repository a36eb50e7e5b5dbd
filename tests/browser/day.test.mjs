// Each person's day in a browser, against a hub of the demonstration: signing in with codes, a bad and a good sheet, an application
// that a second person decides, and an auditor who believes nothing.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Hub, totp } from "./hub.mjs";
import { assertAccessible, assertWell, newPerson, openBrowser, signIn } from "./people.mjs";

let hub, browser;
before(async () => {
  hub = await Hub.start();
  browser = await openBrowser();
}, { timeout: 300_000 });
after(async () => {
  await browser?.close();
  await hub?.stop();
});

const heading = "类,项,目,细目,信息资源代码,信息资源名称,信息资源提供方,信息资源摘要,格式分类,格式类型,信息项名称,信息项英文名,数据类型,数据长度,共享类型,共享条件,共享方式分类,共享方式类型,是否向社会开放,开放类型,更新周期";
const row = (code, name, cycle) => `3,08,001,370200,${code},${name},青岛市公安局,浏览器测试用条目,电子表格,csv,编号,serial,字符型,20,无条件共享,注明来源,共享平台方式,文件,否,不予开放,${cycle}`;

test("a wrong password is refused in words that tell nothing", async () => {
  const page = await newPerson(browser, hub);
  await page.goto("/console/sign-in");
  await page.fill("#person", "370200-GAJ/nobody");
  await page.fill("#password", "not the password");
  await page.click("button[type=submit]");
  const alert = await page.waitForSelector("[role=alert]");
  assert.match(await alert.innerText(), /登录未成功.*SIGN_IN_REFUSED/s);
  assertWell(page);
  await page.context().close();
});

test("codes are put in force, and asked for at the next sign-in; the session ends with it", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "zwfwb-clerk", { to: "/console/account" });
  const own = page.locator("[data-test=totp]");
  await own.locator("input[type=password]").fill(hub.password("zwfwb-clerk"));
  await page.click("[data-test=enrol]");
  const secret = (await page.locator("[data-test=secret]").innerText()).trim();
  await own.locator("input[placeholder='000000']").fill(totp(secret, Date.now() - 30_000)); // the step before is still taken
  await page.click("[data-test=confirm-totp]");
  await own.getByText("已启用", { exact: true }).waitFor();
  const cookies = await page.context().cookies();
  assert.deepEqual(cookies.map(({ name, httpOnly, secure, sameSite, path }) => ({ name, httpOnly, secure, sameSite, path })), [{ name: "__Host-zhanqiao", httpOnly: true, secure: true, sameSite: "Strict", path: "/" }]);
  await page.click("[data-test=me]");
  await page.click("[data-test=sign-out]");
  await page.waitForURL("**/sign-in**");
  await signIn(page, hub, "zwfwb-clerk", { code: () => totp(secret) });
  assert.equal(await page.locator(".shell").count(), 1);
  assert.notEqual((await page.context().cookies())[0].value, cookies[0].value, "a new sign-in has a new session");
  assertWell(page);
  await page.context().close();
});

test("a clerk is told every wrong cell, mends the sheet and imports it", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "gaj-clerk", { to: "/console/sheets" });
  const bad = join(hub.directory, "bad.csv");
  writeFileSync(bad, `\ufeff${heading}\n${row("308001370200/900001", "浏览器测试条目甲", "每天一次")}\n`);
  await page.setInputFiles("[data-test=file]", bad);
  await page.click("[data-test=dry-run]");
  const outcome = page.locator("[data-test=outcome]");
  await outcome.waitFor();
  assert.match(await outcome.innerText(), /有 1 处错误，没有入库/);
  assert.match(await page.locator("table.data").innerText(), /U2[\s\S]*更新周期/);
  assert.equal(await page.locator("[data-test=import]").isDisabled(), true, "nothing wrong is imported");
  const [marked] = await Promise.all([page.waitForEvent("download"), page.click("[data-test=marked]")]);
  assert.match(marked.suggestedFilename(), /\.xlsx$/);
  assert.equal(readFileSync(await marked.path()).subarray(0, 2).toString(), "PK");
  const good = join(hub.directory, "good.csv");
  writeFileSync(good, `\ufeff${heading}\n${row("308001370200/900001", "浏览器测试条目甲", "每日")}\n${row("308001370200/900002", "浏览器测试条目乙", "每月")}\n`);
  await page.setInputFiles("[data-test=file]", good);
  await page.click("[data-test=dry-run]");
  await page.getByText("检查通过，可以正式导入").waitFor();
  await page.click("[data-test=import]");
  await page.getByText("已导入，并写入存证").waitFor();
  await page.goto("/console/entries?state=RESOURCE_STATE_DRAFT");
  await page.getByText("浏览器测试条目乙").waitFor();
  assertWell(page);
  await page.context().close();
});

test("an entry goes from the clerk to the approver to the office, and is found", async () => {
  const approver = await newPerson(browser, hub);
  await signIn(approver, hub, "gaj-approver", { to: "/console/entries/308001370200~900001" });
  await approver.click("[data-test=submit]");
  await approver.click("[data-test=confirm]");
  await approver.getByText("待审核").first().waitFor();
  const office = await newPerson(browser, hub);
  await signIn(office, hub, "office", { to: "/console/reviews" });
  await office.getByRole("link", { name: "浏览器测试条目甲" }).click();
  await office.click("[data-test=approve]");
  await office.click("[data-test=confirm]");
  await office.locator(".head").getByText("已发布").waitFor();
  await office.goto("/console/catalogue?q=浏览器测试");
  await office.getByRole("link", { name: "浏览器测试条目甲" }).waitFor();
  assertWell(office);
  assertWell(approver);
  await office.context().close();
  await approver.context().close();
});

test("the entry's form checks while one writes, and keeps the draft over a reload", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "gaj-clerk", { to: "/console/entries/new" });
  await page.fill("input[name=display_name]", "户籍系统");
  await page.click("[data-test=save]");
  await page.getByText("填信息资源的名称，不要填系统的名称").waitFor();
  await page.fill("textarea[name=abstract]", "草稿应当还在");
  await page.waitForTimeout(700); // the draft is written when one pauses
  await page.reload();
  await page.getByText("已恢复上次未保存的草稿").waitFor();
  assert.equal(await page.inputValue("textarea[name=abstract]"), "草稿应当还在");
  assertWell(page);
  await page.context().close();
});

test("an application is taken up, assessed, proposed by one and decided by another", async () => {
  // The consumer's clerk has codes by now: the application comes from its system, as applications may.
  const made = JSON.parse(hub.as("zwfwb-clerk", "--json", "grant", "create", "--consumer", "organizations/370200-ZWFWB/systems/approval", "--resource", "resources/308001370200~000002",
    "--field", "id_number", "--field", "name", "--purpose", "浏览器测试：核验居住登记", "--legal-basis", "居住证暂行条例第十五条", "--end-date", "2027-12-31", "--submit"));
  const id = made.name.split("/")[1];
  const clerk = await newPerson(browser, hub);
  await signIn(clerk, hub, "gaj-clerk", { to: "/console/answers" });
  await clerk.getByText("浏览器测试：核验居住登记").first().waitFor();
  await clerk.goto(`/console/grants/${id}`);
  await clerk.locator(".head").getByText(/还有 \d+ 天/).waitFor();
  await clerk.click("[data-test=accept]");
  await clerk.click("[data-test=confirm]");
  await clerk.click("[data-test=assess]");
  await clerk.locator("[data-test=conclusion]").fill("风险可控");
  await clerk.click("[data-test=save-assessment]");
  await clerk.getByText(/风险分/).first().waitFor();
  await clerk.click("[data-test=propose]");
  await clerk.click("[data-test=confirm]");
  await clerk.getByText("四眼原则：您是提出人").waitFor();
  assert.equal(await clerk.locator("[data-test=decide]").isDisabled(), true);
  const approver = await newPerson(browser, hub);
  await signIn(approver, hub, "gaj-approver", { to: `/console/grants/${id}` });
  await approver.click("[data-test=decide]");
  await approver.click("[data-test=confirm]");
  await approver.locator(".head").getByText("生效中").waitFor();
  assertWell(clerk);
  assertWell(approver);
  await clerk.context().close();
  await approver.context().close();
});

test("an auditor asks, and proves each row in the browser against the key it keeps", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "auditor", { to: "/console/ledger?where=event%3Dexchange" });
  await page.locator("table.data tbody tr").first().waitFor();
  await page.click("[data-test=verify-all]");
  const summary = page.locator("[data-test=summary]");
  await summary.waitFor();
  assert.match(await summary.innerText(), /^\d+ 行已在本浏览器验证$/);
  const kept = await page.evaluate(() => JSON.parse(localStorage.getItem("zhanqiao.log")));
  assert.equal(kept.vkey, readFileSync(join(hub.directory, "log.vkey"), "utf8").trim());
  await page.goto("/console/checkpoint");
  await page.locator("[data-test=proof]").getByText("与您上次所见一致").waitFor();
  await assertAccessible(page, "the auditor's consistency page");
  const [bundle] = await Promise.all([page.waitForEvent("download"), page.goto("/console/ledger?where=event%3Dexchange").then(() => page.locator("[data-test=bundle]:not([disabled])").click())]);
  const zip = readFileSync(await bundle.path());
  assert.ok(zip.includes(Buffer.from("c2sp.org/tlog-proof@v1\nindex ")), "the bundle holds proofs of the public format");
  assertWell(page);
  await page.context().close();
});

test("one altered byte of an answer, and one rewritten past, are told to the auditor", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "auditor", { to: "/console/checkpoint" });
  await page.locator("[data-test=proof]").waitFor();
  await page.route("**/zhanqiao.v1.LedgerService/GetEntry", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const bytes = Buffer.from(body.entry, "base64");
    bytes[bytes.length - 1] ^= 1;
    await route.fulfill({ response: answer, json: { ...body, entry: bytes.toString("base64"), leaf_hash: createHash("sha256").update(Buffer.concat([Buffer.of(0), bytes])).digest("base64") } });
  });
  await page.goto("/console/ledger/5");
  await page.locator("[data-test=proof].bad, .note.bad").first().waitFor();
  assert.match(await page.locator(".note.bad").first().innerText(), /PROOF_INVALID|没有得到证明|unknown|form/);
  await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem("zhanqiao.log"));
    kept.root = btoa(String.fromCharCode(...new Uint8Array(32)));
    kept.size = String(Number(kept.size) - 3);
    localStorage.setItem("zhanqiao.log", JSON.stringify(kept));
  });
  await page.goto("/console/checkpoint");
  assert.match(await page.locator("[data-test=broken]").innerText(), /账本前后不一致/);
  await page.context().close();
});

test("each of the three administrators sees only theirs, and a typed address gives nothing", async () => {
  for (const [player, theirs, others] of [["operator", ["系统健康", "前置机", "证书", "规则与节假日"], ["人员与账号", "存证查询"]], ["security", ["人员与账号", "会话"], ["系统健康", "谁查过此人"]], ["auditor", ["存证查询", "谁查过此人"], ["人员与账号", "系统健康", "我的目录"]]]) {
    const page = await newPerson(browser, hub);
    await signIn(page, hub, player);
    const menu = page.locator(".side");
    for (const name of theirs) assert.equal(await menu.getByRole("link", { name, exact: true }).count(), 1, `${player} sees ${name}`);
    for (const name of others) assert.equal(await menu.getByRole("link", { name, exact: true }).count(), 0, `${player} does not see ${name}`);
    if (player === "operator") {
      await page.goto("/console/persons");
      await page.locator("[role=alert]").getByText("ROLE_REQUIRED").waitFor();
    }
    await page.context().close();
  }
});

test("a certificate that was shown is seen with the command that renews it, rules have dates, and the machine says how it is", async () => {
  const page = await newPerson(browser, hub);
  await signIn(page, hub, "operator", { to: "/console/certificates" });
  const row = page.locator("table.data tbody tr").filter({ hasText: "approval" }).first();
  await row.waitFor();
  await row.locator("[data-test=renew]").click();
  await page.getByText(/zq cert issue --authority ca --subject organizations\/370200-ZWFWB\/systems\/approval --days 365/).waitFor();
  await page.keyboard.press("Escape");
  await page.goto("/console/rules");
  await page.getByText("答复有条件共享申请（工作日）").first().waitFor();
  await page.goto("/console/rules?view=calendar");
  await page.locator("table.data tbody tr").first().waitFor();
  await page.goto("/console/health");
  await page.getByText("正常服务").waitFor();
  await page.getByText("平台自己的证书").waitFor();
  await assertAccessible(page, "the machine's health");
  assertWell(page);
  await page.context().close();
});
