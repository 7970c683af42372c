"""Where calls may go: private addresses are refused, and the checked address is the one connected to."""

import asyncio
import datetime
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from orchestration.tools.outbound import OutboundRefused, guarded_async_client, guarded_client, refuse_private
from tests.live.receiver import Receiver

WAIT = httpx2.Timeout(5)
Resolve = Callable[[str, list[str]], None]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Let a name resolve to these addresses, one after the other at each look-up, the last for ever."""
    real, names = socket.getaddrinfo, dict[str, list[str]]()

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in names:
            return real(host, port, *args, **kwargs)
        addresses = names[host]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, int(port))) for one in address.split()]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return names.__setitem__


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "168.63.129.16",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::]",
    ],
)
def test_an_address_that_is_not_public_is_refused(host: str) -> None:
    with pytest.raises(OutboundRefused, match=r"not a public address.*WORKROOM_TRUSTED_HOSTS"):
        refuse_private(f"http://{host}:8080/", {"127.0.0.1:1"})


def test_a_public_address_and_a_trusted_pair_are_permitted() -> None:
    assert refuse_private("https://8.8.8.8/x", ()) == ("8.8.8.8",)
    assert refuse_private("http://127.0.0.1:8080/", {"127.0.0.1:8080"}) == ("127.0.0.1",)
    assert refuse_private("http://[::1]/", {"[::1]:80"}) == ("::1",)
    with pytest.raises(OutboundRefused):
        refuse_private("http://127.0.0.1:8081/", {"127.0.0.1:8080"})


def test_one_private_address_among_public_ones_is_enough_to_refuse(resolve: Resolve) -> None:
    resolve("mixed.example", ["8.8.8.8 10.0.0.1"])
    with pytest.raises(OutboundRefused, match=r"10\.0\.0\.1"):
        refuse_private("https://mixed.example/", ())


@pytest.mark.parametrize("url", ["ftp://8.8.8.8/", "8.8.8.8", "http://", "http://a:99999/", "file:///etc/passwd", ""])
def test_what_is_not_a_web_address_is_refused(url: str) -> None:
    with pytest.raises(OutboundRefused, match="expected http://host or https://host"):
        refuse_private(url, ())


def test_a_refusal_never_shows_what_may_be_secret_in_the_address() -> None:
    with pytest.raises(OutboundRefused) as refusal:
        refuse_private("ftp://mallory:hunter2@host/?key=hunter2", ())
    assert "hunter2" not in str(refusal.value)


def test_a_name_that_changes_after_the_check_reaches_nothing(resolve: Resolve) -> None:
    with Receiver() as receiver:
        port = receiver.place.split(":")[1]
        resolve("rebound.example", ["8.8.8.8", "127.0.0.1"])
        refuse_private(f"http://rebound.example:{port}/", ())
        with guarded_client((), WAIT) as client, pytest.raises(OutboundRefused):
            client.post(f"http://rebound.example:{port}/", json={})
        assert not receiver.received


def test_the_checked_address_is_connected_to_and_the_next_one_tried(resolve: Resolve) -> None:
    with Receiver() as receiver:
        port = receiver.place.split(":")[1]
        place = f"hooks.example:{port}"
        resolve("hooks.example", ["127.0.0.2 127.0.0.1", "192.0.2.1"])
        with guarded_client({place}, WAIT) as client:
            assert client.post(f"http://{place}/hook", json={}).request.headers["host"] == place
        resolve("hooks.example", ["127.0.0.2 127.0.0.1", "192.0.2.1"])
        asyncio.run(_post(place))
        assert len(receiver.received) == 2


async def _post(place: str) -> None:
    async with guarded_async_client({place}, WAIT) as client:
        assert (await client.post(f"http://{place}/hook", json={})).status_code == 200


def test_a_redirect_is_not_followed() -> None:
    with Receiver(302) as receiver, guarded_client({receiver.place}, WAIT) as client:
        assert client.post(receiver.url, json={}).status_code == 302


def test_the_certificate_is_that_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resolve: Resolve) -> None:
    certificate = _certificate(tmp_path, "hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), _Fine)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    trusted = {f"{name}:{server.server_port}" for name in ("hooks.example", "other.example")}
    for name in ("hooks.example", "other.example"):
        resolve(name, ["127.0.0.1"])
    with guarded_client(trusted, WAIT) as client:
        assert client.get(f"https://hooks.example:{server.server_port}/").status_code == 204
        with pytest.raises(httpx2.ConnectError, match=r"other\.example"):
            client.get(f"https://other.example:{server.server_port}/")
    server.shutdown()
    server.server_close()
    assert asked == ["hooks.example", "other.example"]


class _Fine(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


def _certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return file
