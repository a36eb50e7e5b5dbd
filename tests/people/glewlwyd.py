"""A glewlwyd (Debian's identity provider) of the test's own: SQLite file, loopback, one OpenID Connect plugin, one client."""
import http.cookiejar
import json
import pathlib
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

SCHEMA = pathlib.Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
MODULES = pathlib.Path("/usr/lib/glewlwyd")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer to look at, not to follow."""

    def redirect_request(self, *_arguments):
        return None


class Browser:
    """Keeps cookies, follows nothing, gives status, headers and body whatever the status."""

    def __init__(self):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar, NoRedirect())

    def ask(self, method, url, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, method=method, headers={"content-type": "application/json"})
        try:
            answer = self.opener.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers, answer.read().decode()


class Glewlwyd:
    """Started by `with`; `issuer` is what a hub is configured with."""

    CLIENT, SECRET = "zhanqiao", "a-secret-of-the-test"

    def __init__(self, directory, redirect_uri):
        self.directory = pathlib.Path(directory)
        self.redirect_uri = redirect_uri
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.issuer = f"{self.url}/api/oidc"
        self.admin = Browser()
        self.process = None

    def __enter__(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.directory / "glewlwyd.db")
        database.executescript(SCHEMA.read_text(encoding="utf-8"))
        database.close()
        config = self.directory / "glewlwyd.conf"
        config.write_text(self.config(), encoding="utf-8")
        log = open(self.directory / "glewlwyd.out", "wb")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen(["glewlwyd", "--config-file", str(config)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        try:
            self.await_port()
            self.set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_unused):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def config(self):
        return f"""
port={self.port}
bind_address="127.0.0.1"
external_url="{self.url}"
login_url="login.html"
api_prefix="api"
log_mode="file"
log_level="INFO"
log_file="{self.directory}/glewlwyd.log"
cookie_secure=0
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{MODULES}/user"
client_module_path="{MODULES}/client"
user_auth_scheme_module_path="{MODULES}/scheme"
plugin_module_path="{MODULES}/plugin"
use_secure_connection=false
secure_connection_key_file="{self.directory}/none.key"
secure_connection_pem_file="{self.directory}/none.pem"
secure_connection_ca_file="{self.directory}/none.crt"
hash_algorithm="SHA512"
database = {{ type = "sqlite3"; path = "{self.directory}/glewlwyd.db"; }};
"""

    def await_port(self):
        for _ in range(400):
            if self.process.poll() is not None:
                raise AssertionError("glewlwyd has ended:\n" + (self.directory / "glewlwyd.out").read_text(errors="replace"))
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("glewlwyd does not listen")

    def must(self, method, path, body):
        status, _, text = self.admin.ask(method, self.url + path, body)
        if status != 200:
            raise AssertionError(f"glewlwyd {method} {path}: {status} {text}")
        return text

    def set_up(self):
        self.must("POST", "/api/auth/", {"username": "admin", "password": "password"})
        self.must("POST", "/api/mod/plugin/", {"module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "parameters": self.plugin()})
        self.must("POST", "/api/client/", {
            "client_id": self.CLIENT, "name": "Zhanqiao", "client_secret": self.SECRET, "confidential": True, "enabled": True,
            "redirect_uri": [self.redirect_uri], "authorization_type": ["code"], "scope": [],
            "token_endpoint_auth_method": ["client_secret_basic"]})

    def plugin(self):
        key = self.directory / "sign.pem"
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", str(key), "-pubout"], check=True, capture_output=True, text=True).stdout
        return {"iss": self.issuer, "jwt-type": "rsa", "jwt-key-size": "256", "key": key.read_text(), "cert": public,
                "default-kid": "test-key", "access-token-duration": 600, "refresh-token-duration": 3600, "code-duration": 120,
                "refresh-token-rolling": True, "allow-non-oidc": False, "auth-type-code-enabled": True, "auth-type-token-enabled": False,
                "auth-type-id-token-enabled": True, "auth-type-none-enabled": False, "auth-type-password-enabled": False,
                "auth-type-client-enabled": False, "auth-type-device-enabled": False, "auth-type-refresh-enabled": True,
                "scope": [], "pkce-allowed": True, "pkce-method-plain-allowed": False, "pkce-required": True, "subject-type": "public",
                "jwks-show": True, "request-parameter-allow": False, "session-management-allowed": False}

    def add_user(self, name, password):
        self.must("POST", "/api/user/", {"username": name, "password": password, "name": name, "email": "", "enabled": True,
                                         "scope": ["openid"]})

    def sign_in(self, authorization_url, name, password):
        """What a person does in a browser; gives the parameters the provider sends back."""
        browser = Browser()
        status, _, text = browser.ask("POST", self.url + "/api/auth/", {"username": name, "password": password})
        if status != 200:
            raise AssertionError(f"glewlwyd refuses {name}: {status} {text}")
        status, _, text = browser.ask("PUT", f"{self.url}/api/auth/grant/{self.CLIENT}", {"scope": "openid"})
        if status != 200:
            raise AssertionError(f"glewlwyd grants nothing: {status} {text}")
        status, headers, text = browser.ask("GET", authorization_url + "&g_continue")
        location = headers.get("location", "")
        if status != 302 or not location.startswith(self.redirect_uri):
            raise AssertionError(f"glewlwyd does not send back: {status} {location} {text}")
        return {name: values[0] for name, values in urllib.parse.parse_qs(urllib.parse.urlsplit(location).query).items()}

    def subject(self, name):
        """What it calls a person (`sub`), once the person has signed in somewhere."""
        database = sqlite3.connect(self.directory / "glewlwyd.db")
        try:
            return database.execute("SELECT gposi_sub FROM gpo_subject_identifier WHERE gposi_username = ?", (name,)).fetchone()[0]
        finally:
            database.close()
