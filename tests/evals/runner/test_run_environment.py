"""Keys, addresses, proxies and certificates that cannot work are told before any work, without secrets."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from aiohttp import web

from tests.evals.command import ROOT, Outcome
from tests.server import Server, serving
from tests.waiting import SAFETY

pytestmark = [
    pytest.mark.usefixtures("few_tables"),
    pytest.mark.filterwarnings(  # between aiohttp and its caller, of proxies with a password
        "ignore:BasicAuth is deprecated", "ignore:The 'proxy_auth' parameter is deprecated"
    ),
]
Run = Callable[..., Outcome]
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
ELSEWHERE = ("--model", "openai:m", "--base-url", "http://models.example/v1")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def proxy(request: pytest.FixtureRequest) -> Iterator[str]:
    """A proxy that answers every request itself, with the status that the test names; its address has a password."""

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(request.param)
            self.send_header("Content-Length", "34")
            self.end_headers()
            self.wfile.write(b"<html>this place is closed</html>\n")

        do_POST = do_CONNECT = do_GET

        def log_message(self, *told: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://me:pass-word@127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(SAFETY)


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("sk-test-key\r", "OPENAI_API_KEY ends in a line break"),
        ("sk-test-key\n", "OPENAI_API_KEY ends in a line break"),
        ("sk-test\r\nkey", "OPENAI_API_KEY holds a line break"),
        (" sk-test-key", "OPENAI_API_KEY starts with a space"),
        ("sk-test-key\t", "OPENAI_API_KEY ends in a tab"),
        ("sk-test key", "OPENAI_API_KEY holds a space"),
        ("   ", "OPENAI_API_KEY starts with a space"),
        ("“sk-test-key”", "OPENAI_API_KEY starts with a quotation mark (“)"),
        ('"sk-test-key"', 'OPENAI_API_KEY starts with a quotation mark (")'),
        ("'sk-test-key'", "OPENAI_API_KEY starts with a quotation mark (')"),
        ("sk-tést-key", "OPENAI_API_KEY holds a letter that no key has (é)"),
        ("\ufeffsk-test-key", "OPENAI_API_KEY starts with a character that cannot be seen (U+FEFF)"),
        ("sk-test-key\u00a0", "OPENAI_API_KEY ends in a space"),
        ("sk-test\u200bkey", "OPENAI_API_KEY holds a character that cannot be seen (U+200B)"),
    ],
)
def test_a_key_that_no_header_takes_is_told(
    asking: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, named: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)

    told = asking().refused()
    assert named in told and "sk-" not in told
    assert server.requests == [] and not (tmp_path / "run").exists()


@pytest.mark.parametrize("variable", ["OPENAI_EMBEDDINGS_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"])
def test_so_is_whatever_else_travels_in_a_header(
    asking: Run, server: Server, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "of-us\r")

    assert f"{variable} ends in a line break" in asking(graph="rag").refused()
    assert server.requests == []


@pytest.mark.parametrize("address", ["http://ada:pass-word@{}", "http://:pass-word@{}", "http://pass-word@{}"])
@pytest.mark.parametrize("flag", ["--base-url", "--embeddings-base-url", "OPENAI_BASE_URL"])
def test_an_address_with_a_password_is_refused_and_never_written(
    small: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, flag: str
) -> None:
    url = address.format(server.url.removeprefix("http://"))
    if flag == "OPENAI_BASE_URL":
        monkeypatch.setenv(flag, url)
        told = small("--model", "openai:m", graph="rag").refused()
    else:
        told = small("--model", "openai:m", "--base-url", server.url, flag, url, graph="rag").refused()

    assert flag in told and "API_KEY" in told and "pass-word" not in told
    assert server.requests == [] and not list(tmp_path.rglob("config.json"))


@pytest.mark.parametrize("end", ["?api-key=pass-word", "#pass-word", "?pass-word@x"])
def test_so_is_one_with_a_key_behind_it(asking: Run, server: Server, tmp_path: Path, end: str) -> None:
    told = asking("--base-url", server.url + end).refused()

    assert "OPENAI_API_KEY" in told and "pass-word" not in told
    assert not list(tmp_path.rglob("config.json"))


@pytest.mark.parametrize("proxy", [403, 407, 503], indirect=True)
def test_no_proxy_stands_before_this_machine(asking: Run, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)

    assert asking().code == 0


@pytest.mark.parametrize(("proxy", "status"), [(403, 403), (407, 407), (502, 502), (503, 503)], indirect=["proxy"])
@pytest.mark.parametrize("address", ["http://models.example/v1", "https://models.example/v1"])
def test_what_a_proxy_answers_is_said_to_be_the_proxy_s(
    small: Run, tmp_path: Path, proxy: str, status: int, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)

    told = small("--model", "openai:m", "--base-url", address).refused()
    assert "the proxy http://127.0.0.1:" in told and "(ALL_PROXY)" in told and str(status) in told
    assert "pass-word" not in told and "refused the key" not in told
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "ALL_PROXY: socks5 proxies cannot be used"),
        ("HTTP_PROXY", "socks5h://me:pass-word@127.0.0.1:9", "HTTP_PROXY: socks5h proxies cannot be used"),
        ("http_proxy", "http://127.0.0.1:port", "http_proxy holds no address of a proxy"),
        ("HTTP_PROXY", "http://me:pass-word@127.0.0.1:9", "the proxy http://127.0.0.1:9 (HTTP_PROXY) does not lead"),
        ("OPENAI_PROXY", "http://127.0.0.1:9", "OPENAI_PROXY is not read"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "SSL_CERT_FILE names /nowhere/ca.pem: No such file"),
        ("SSL_CERT_FILE", "/", "SSL_CERT_FILE names /: "),
        ("SSL_CERT_FILE", __file__, f"SSL_CERT_FILE names {__file__}, which holds no certificates"),
        ("SSL_CERT_DIR", "/nowhere", "SSL_CERT_DIR names /nowhere, which is no directory"),
    ],
)
def test_proxies_and_certificates_that_cannot_work_are_told_by_name(
    small: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, named: str
) -> None:
    monkeypatch.setenv(variable, value)

    told = small(*ELSEWHERE).refused()
    assert named in told and "pass-word" not in told
    assert not (tmp_path / "run").exists()


def test_a_server_that_leads_elsewhere_is_told_before_work_starts(small: Run, tmp_path: Path) -> None:
    with serving(Server()) as other, serving(Leading(other.url)) as server:
        told = small("--model", "openai:m", "--base-url", server.url).refused()

    assert f"redirects (308) to {other.url}/models" in told and "--base-url" in told
    assert other.requests == [] and not (tmp_path / "run").exists()


class Leading(Server):
    """A server that leads whoever asks for its models to another one."""

    def __init__(self, there: str) -> None:
        super().__init__()
        self._there = there

    async def _list(self, request: web.Request) -> web.Response:
        return web.Response(status=308, headers={"Location": f"{self._there}/models"})


@pytest.mark.parametrize(("flags", "sent"), [((), False), (("--trace",), True)])
@pytest.mark.parametrize("variable", ["LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"])
def test_tracing_is_off_unless_it_is_asked_for(
    server: Server, wave: Path, tmp_path: Path, variable: str, flags: tuple[str, ...], sent: bool
) -> None:
    traces: list[str] = []

    class Tracing(Server):
        def routes(self) -> list[web.RouteDef]:
            return [web.route("*", "/{path:.*}", self._trace)]

        async def _trace(self, request: web.Request) -> web.Response:
            traces.append(request.path)
            return web.json_response({})

    with serving(Tracing()) as tracer:
        where = tracer.url.removesuffix("/v1")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "evals.run", "--graph", "full_info", "--data", str(wave)),
                *("--respondents", "1", "--model", "openai:m", "--base-url", server.url),
                *("--out", str(tmp_path / "run"), *flags),
            ],
            env={
                **os.environ,
                **{"PYTHONPATH": str(ROOT), "LANGSMITH_API_KEY": "none", "LANGSMITH_ENDPOINT": where, variable: "true"},
            },
            capture_output=True,
            text=True,
            timeout=SAFETY,
        )

    assert done.returncode == 0, done.stderr
    assert any(path != "/info" for path in traces) == sent
    assert (f"Tracing ({variable}) is off" in done.stderr) != sent
