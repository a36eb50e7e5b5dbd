"""An identity provider over TLS that says what the test has it say. Tokens are signed by the openssl program."""
import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import threading
import time
import urllib.parse


def encoded(data):
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class FakeIssuer:
    """`lie` changes what a token says; see `token`."""

    CLIENT = "zhanqiao"

    def __init__(self, directory, certificate, key):
        self.key = pathlib.Path(directory) / "issuer.pem"
        subprocess.run(["openssl", "genrsa", "-out", str(self.key), "2048"], check=True, capture_output=True)
        modulus = subprocess.run(["openssl", "rsa", "-in", str(self.key), "-noout", "-modulus"], check=True, capture_output=True,
                                 text=True).stdout.strip().removeprefix("Modulus=")
        self.jwk = {"kty": "RSA", "n": encoded(bytes.fromhex(modulus)), "e": "AQAB", "kid": "one", "use": "sig", "alg": "RS256"}
        self.lie = ""
        self.nonce = ""
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, body, status=200):
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                try:
                    self.wfile.write(data)
                except OSError:
                    pass  # the hub has had enough

            def do_GET(self):  # pylint: disable=invalid-name
                if self.path == "/.well-known/openid-configuration":
                    self.answer({"issuer": issuer.url, "authorization_endpoint": issuer.url + "/auth",
                                 "token_endpoint": issuer.url + "/token", "jwks_uri": issuer.url + "/jwks"})
                elif self.path == "/jwks":
                    self.answer({"keys": [issuer.jwk]})
                else:
                    self.answer({}, 404)

            def do_POST(self):  # pylint: disable=invalid-name
                self.rfile.read(int(self.headers["content-length"]))
                if issuer.lie == "flood":
                    self.answer(b'{"id_token":"' + b"x" * (8 << 20) + b'"}')
                else:
                    self.answer({"access_token": "a", "token_type": "bearer", "id_token": issuer.token()})

            def log_message(self, *_unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def began(self, authorization_url):
        """Takes the nonce from where the hub sends the person; gives the state."""
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(authorization_url).query)
        self.nonce = query["nonce"][0]
        return query["state"][0]

    def token(self):
        now = int(time.time())
        header = {"alg": "RS256", "kid": "one"}
        claims = {"iss": self.url, "sub": "zhang-san", "aud": self.CLIENT, "exp": now + 300, "iat": now, "nonce": self.nonce}
        if self.lie == "expired":
            claims.update(exp=now - 120, iat=now - 600)
        if self.lie == "nonce":
            claims.update(nonce="of another sign-in")
        if self.lie == "none":
            return encoded({"alg": "none"}) + "." + encoded(claims) + "."
        signed = encoded(header) + "." + encoded(claims)
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(self.key)], input=signed.encode(), check=True,
                                   capture_output=True).stdout
        if self.lie == "altered":
            signed = encoded(header) + "." + encoded(dict(claims, sub="li-si"))
        return signed + "." + encoded(signature)
