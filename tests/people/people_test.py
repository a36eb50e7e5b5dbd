#!/usr/bin/env python3
"""Persons sign in to a real hub: passwords, codes, cookies, break-glass, and two identity providers."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import ssl
import stat
import struct
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import fake_issuer  # noqa: E402  pylint: disable=wrong-import-position
import glewlwyd  # noqa: E402  pylint: disable=wrong-import-position

BIN = pathlib.Path(sys.argv.pop(2)) if len(sys.argv) > 2 else None
ROOT = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
BIN = BIN or ROOT / "build/release/bin"
DEADLINE_S = 60
CLERK = "370200-GAJ/clerk"
REDIRECT = "https://hub.example/sign-in"


class City:
    """A demonstration's directory and its hub."""

    def __init__(self, directory, more=""):
        self.directory = pathlib.Path(directory)
        self.environment = {name: text for name, text in os.environ.items() if not name.startswith("ZQ_")}
        self.environment["HOME"] = str(directory)
        self.hub = None
        self.demo("prepare", "--hub-port", 0, "--metrics-port", 0)
        with open(self.directory / "hub.toml", "a", encoding="utf-8") as config:
            config.write(more)
        self.start()
        self.demo("load")

    def demo(self, part, *words):
        self.run("demo", part, "--dir", self.directory, "--data", ROOT / "deploy/demo/data", "--programs", BIN, *words)

    def start(self):
        ports = self.directory / "ports.json"
        ports.unlink(missing_ok=True)
        with open(self.directory / "log/hub.log", "ab") as log:
            self.hub = subprocess.Popen([BIN / "zhanqiao-hub", "--config", self.directory / "hub.toml"], stdout=log, stderr=log,
                                        stdin=subprocess.DEVNULL)
        end = time.monotonic() + DEADLINE_S
        while not ports.exists():
            if self.hub.poll() is not None or time.monotonic() > end:
                raise AssertionError((self.directory / "log/hub.log").read_text()[-4000:])
            time.sleep(0.02)
        self.address = json.loads(ports.read_text())["hub"]

    def end(self):
        if self.hub and self.hub.poll() is None:
            self.hub.send_signal(signal.SIGTERM)
            self.hub.wait(DEADLINE_S)

    def run(self, *words, ok=True, text_in=None):
        run = subprocess.run([str(BIN / "zq"), *map(str, words)], capture_output=True, text=True, check=False, env=self.environment,
                             timeout=DEADLINE_S, input=text_in if text_in is not None else "")
        if ok is not None and (run.returncode == 0) != ok:
            raise AssertionError(f"zq {words} ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
        return run

    def zq(self, *words, ok=True, text_in=None):
        """With the session in the usual file, or none."""
        return self.run("--hub", self.address, "--ca", self.directory / "ca.crt", *words, ok=ok, text_in=text_in)

    def as_(self, player, *words, ok=True):
        """With a certificate."""
        ids = self.directory / "ids"
        return self.zq("--cert", ids / f"{player}.crt", "--key", ids / f"{player}.key", *words, ok=ok)

    def password_file(self, player):
        return self.directory / "ids" / f"{player}.password"

    def sign_in(self, person, player, *more, ok=True):
        return self.zq("session", "sign-in", person, "--password-file", self.password_file(player), "--json", *more, ok=ok)

    def json(self, method, body, **headers):
        """A call over HTTPS without a certificate: (status, headers, object)."""
        context = ssl.create_default_context(cafile=self.directory / "ca.crt")
        host, port = self.address.split(":")
        connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=DEADLINE_S)
        try:
            connection.request("POST", f"/zhanqiao.v1.{method}", json.dumps(body),
                               {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}})
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def entries(self, kind):
        return self.as_("auditor", "ledger", "query", "--where", f"event={kind}", "--all", "--json").stdout


def reason(answer):
    for detail in answer.get("details", []):
        if "debug" in detail and "reason" in detail["debug"]:
            return detail["debug"]["reason"]
    return ""


def code(secret, steps=0):
    """RFC 6238, written once more."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    mac = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


class People(unittest.TestCase):
    """Without an identity provider."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.city = City(cls.directory.name)

    @classmethod
    def tearDownClass(cls):
        cls.city.end()
        cls.directory.cleanup()

    def test_a_session_acts_as_its_person_and_outlives_a_restart(self):
        city = self.city
        session = json.loads(city.sign_in(CLERK, "gaj-clerk").stdout)
        self.assertEqual(session["person"], "organizations/370200-GAJ/persons/clerk")
        self.assertEqual(stat.S_IMODE((city.directory / ".zq-session").stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(city.password_file("gaj-clerk").stat().st_mode), 0o600)
        city.zq("grant", "list")
        city.end()
        city.start()
        self.assertEqual(json.loads(city.zq("session", "show", "--json").stdout)["id"], session["id"])
        city.zq("session", "sign-out")
        refused = city.zq("grant", "list", "--json", ok=False)
        self.assertIn("IDENTITY_MISSING", refused.stderr)

    def test_a_certificate_stays_what_it_was(self):
        self.city.as_("office", "org", "list")
        refused = self.city.as_("office", "session", "show", "--json", ok=False)
        self.assertIn("SESSION_ABSENT", refused.stderr)

    def test_json_with_a_bearer_token_or_a_cookie(self):
        city = self.city
        password = city.password_file("gaj-approver").read_text().strip()
        status, headers, answer = city.json("AccountService/SignIn", {"person": "370200-GAJ/approver", "password": password})
        self.assertEqual(status, 200, answer)
        self.assertNotIn("set-cookie", headers)
        bearer = {"authorization": "Bearer " + answer["token"]}
        self.assertEqual(city.json("AccessService/GetCaller", {}, **bearer)[2]["roles"], ["ROLE_ORG_APPROVER"])
        self.assertEqual(reason(city.json("AccessService/GetCaller", {})[2]), "CALLER_UNIDENTIFIED")

        status, headers, answer = city.json("AccountService/SignIn", {"person": "370200-GAJ/approver", "password": password, "cookie": True})
        self.assertEqual(status, 200, answer)
        self.assertNotIn("token", answer)
        cookie = headers["set-cookie"]
        for word in ("__Host-zhanqiao=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"):
            self.assertIn(word, cookie)
        borne = {"cookie": cookie.split(";")[0]}
        self.assertEqual(reason(city.json("AccessService/GetCaller", {}, **borne)[2]), "CSRF_HEADER_MISSING")
        borne["zhanqiao_csrf"] = "1"
        self.assertEqual(city.json("AccessService/GetCaller", {}, **borne)[0], 200)
        self.assertEqual(city.json("AccessService/GetCaller", {}, origin=f"https://{city.address}", **borne)[0], 200)
        self.assertEqual(reason(city.json("AccessService/GetCaller", {}, origin="https://evil.example", **borne)[2]), "ORIGIN_FOREIGN")
        status, headers, _ = city.json("AccountService/SignOut", {}, **borne)
        self.assertEqual(status, 200)
        self.assertIn("__Host-zhanqiao=; Max-Age=0", headers["set-cookie"])
        self.assertEqual(reason(city.json("AccessService/GetCaller", {}, **borne)[2]), "SESSION_UNKNOWN")

    def test_five_failures_lock_until_the_security_administrator_helps(self):
        city = self.city
        wrong = city.directory / "wrong"
        wrong.write_text("not the password\n")
        for _ in range(5):
            refused = city.zq("session", "sign-in", "370200-ZWFWB/clerk", "--password-file", wrong, "--json", ok=False)
            self.assertIn("SIGN_IN_REFUSED", refused.stderr)
        self.assertIn("SIGN_IN_REFUSED", city.sign_in("370200-ZWFWB/clerk", "zwfwb-clerk", ok=False).stderr)
        city.end()
        city.start()
        self.assertIn("SIGN_IN_REFUSED", city.sign_in("370200-ZWFWB/clerk", "zwfwb-clerk", ok=False).stderr)
        account = json.loads(city.as_("security", "account", "get", "370200-ZWFWB/clerk", "--json").stdout)
        self.assertIn("lockedUntil", account)
        city.as_("security", "account", "unlock", "370200-ZWFWB/clerk", "--reason", "recognised on the telephone")
        city.sign_in("370200-ZWFWB/clerk", "zwfwb-clerk")
        city.zq("session", "sign-out")
        said = city.entries("sign-in")
        self.assertEqual(said.count("PASSWORD_WRONG"), 5)
        self.assertEqual(said.count("ACCOUNT_LOCKED"), 2)

    def test_one_time_codes(self):
        city = self.city
        city.as_("security", "person", "create", "organizations/370200-GAJ/persons/totp", "--display-name", "动态口令", "--role", "org_clerk")
        issued = json.loads(city.as_("security", "account", "create", "370200-GAJ/totp", "--json").stdout)
        initial, chosen = city.directory / "initial", city.directory / "ids/totp.password"
        initial.write_text(issued["initialPassword"])
        chosen.write_text("correct horse battery")
        sign_in = ("session", "sign-in", "370200-GAJ/totp", "--json")
        self.assertIn("PASSWORD_CHANGE_REQUIRED", city.zq(*sign_in, "--password-file", initial, ok=False).stderr)
        city.zq(*sign_in, "--password-file", initial, "--new-password-file", chosen)
        secret = json.loads(city.zq("account", "totp", "enrol", "--password-file", chosen, "--json").stdout)["secret"]
        city.zq("account", "totp", "confirm", code(secret))
        city.zq("session", "sign-out")
        self.assertIn("TOTP_REQUIRED", city.zq(*sign_in, "--password-file", chosen, ok=False).stderr)
        following = code(secret, 1)  # the one of now is used up, the next one holds already
        method = json.loads(city.zq(*sign_in, "--password-file", chosen, "--totp", following).stdout)["method"]
        self.assertEqual(method, "password+totp")
        self.assertIn("SIGN_IN_REFUSED", city.zq(*sign_in, "--password-file", chosen, "--totp", following, ok=False).stderr)
        city.zq("session", "sign-out")

    def test_break_glass_by_two_people(self):
        city = self.city
        city.as_("gaj-approver", "break-glass", "request", "auditor", "--minutes", "30", "--reason", "审计员无法到岗")
        self.assertIn("ROLE_REQUIRED", city.as_("gaj-clerk", "break-glass", "approve", "370200-GAJ/approver", "--json", ok=False).stderr)
        self.assertIn("ROLE_REQUIRED", city.as_("gaj-approver", "account", "list", "--json", ok=False).stderr)
        city.as_("security", "break-glass", "approve", "370200-GAJ/approver")
        city.as_("gaj-approver", "account", "list", "--json")
        active = json.loads(city.as_("office", "break-glass", "list", "--active", "--json").stdout)
        self.assertEqual(active["breakGlasses"][0]["state"], "BREAK_GLASS_STATE_ACTIVE")
        city.as_("gaj-approver", "break-glass", "end", "370200-GAJ/approver", "--reason", "办理完毕")
        self.assertIn("ROLE_REQUIRED", city.as_("gaj-approver", "account", "list", "--json", ok=False).stderr)
        said = city.entries("break-glass")
        for verb in ("requested", "approved", "ended"):
            self.assertIn(f'"{verb}"', said)


def oidc(issuer, client, secret_file="", ca=""):
    lines = ["\n[oidc]", f'issuer = "{issuer}"', f'client_id = "{client}"', f'redirect_uri = "{REDIRECT}"']
    if secret_file:
        lines.append(f'client_secret_file = "{secret_file}"')
    if ca:
        lines.append(f'ca = "{ca}"')
    return "\n".join(lines) + "\n"


class FakeProvider(unittest.TestCase):
    """A provider that lies, over TLS."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = pathlib.Path(self.directory.name)
        self.zq("cert", "ca", "--out", self.path / "idp-ca", "--name", "Provider CA")
        self.zq("cert", "issue", "--authority", self.path / "idp-ca", "--out", self.path / "idp", "--server",
                "--dns", "localhost")
        self.issuer = fake_issuer.FakeIssuer(self.path, self.path / "idp.crt", self.path / "idp.key")
        self.addCleanup(self.issuer.end)

    def zq(self, *words):
        subprocess.run([str(BIN / "zq"), *map(str, words)], check=True, capture_output=True)

    def city(self, ca):
        city = City(self.path / "city", oidc(self.issuer.url, self.issuer.CLIENT, ca=ca))
        self.addCleanup(city.end)
        city.as_("security", "account", "link-oidc", CLERK, "zhang-san")
        return city

    def finish(self, city, lie):
        self.issuer.lie = lie
        status, _, begun = city.json("AccountService/GetOidcSignIn", {})
        self.assertEqual(status, 200, begun)
        state = self.issuer.began(begun["authorization_url"])
        return city.json("AccountService/FinishOidcSignIn", {"attempt": begun["attempt"], "state": state, "code": "c"})

    def test_only_a_token_that_holds_opens_a_session(self):
        city = self.city(self.path / "idp-ca.crt")
        for lie in ("altered", "none", "expired", "nonce"):
            status, _, answer = self.finish(city, lie)
            self.assertEqual((status, reason(answer)), (401, "SIGN_IN_REFUSED"), lie)
        status, _, answer = self.finish(city, "flood")
        self.assertEqual((status, reason(answer)), (503, "OIDC_UNREACHABLE"))
        status, _, answer = self.finish(city, "")
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["session"]["person"], "organizations/370200-GAJ/persons/clerk")
        self.assertEqual(city.entries("sign-in").count("OIDC_TOKEN_REFUSED"), 4)

    def test_a_provider_nobody_vouches_for_is_not_asked(self):
        city = self.city(self.path / "city/ca.crt")
        status, _, answer = city.json("AccountService/GetOidcSignIn", {})
        self.assertEqual((status, reason(answer)), (503, "OIDC_UNREACHABLE"))


class RealProvider(unittest.TestCase):
    """Debian's glewlwyd."""

    def test_a_person_signs_in_through_it(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory)
            with glewlwyd.Glewlwyd(path / "glewlwyd", REDIRECT) as provider:
                provider.add_user("zhang-san", "the person's own password")
                (path / "secret").write_text(provider.SECRET + "\n")
                city = City(path / "city", oidc(provider.issuer, provider.CLIENT, path / "secret"))
                try:
                    self.sign_in(city, provider)
                finally:
                    city.end()

    def sign_in(self, city, provider):
        def began():
            status, _, begun = city.json("AccountService/GetOidcSignIn", {})
            self.assertEqual(status, 200, begun)
            back = provider.sign_in(begun["authorization_url"], "zhang-san", "the person's own password")
            return {"attempt": begun["attempt"], "state": back["state"], "code": back["code"]}

        # What the provider calls a person is its own; the refused try names nobody, so the account is linked by hand.
        status, _, answer = city.json("AccountService/FinishOidcSignIn", began())
        self.assertEqual((status, reason(answer)), (401, "SIGN_IN_REFUSED"))
        self.assertIn("OIDC_SUBJECT_UNKNOWN", city.entries("sign-in"))
        city.as_("security", "account", "link-oidc", CLERK, provider.subject("zhang-san"))

        request = began()
        status, _, answer = city.json("AccountService/FinishOidcSignIn", request)
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["session"]["person"], "organizations/370200-GAJ/persons/clerk")
        caller = city.json("AccessService/GetCaller", {}, authorization="Bearer " + answer["token"])[2]
        self.assertEqual(caller["roles"], ["ROLE_ORG_CLERK"])
        # The code is used up, and belongs to its own attempt.
        self.assertEqual(city.json("AccountService/FinishOidcSignIn", request)[0], 401)
        first, second = began(), began()
        self.assertEqual(city.json("AccountService/FinishOidcSignIn", dict(first, code=second["code"]))[0], 401)


if __name__ == "__main__":
    unittest.main()
