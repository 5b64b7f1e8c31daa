"""A real HTTP server on loopback that misbehaves on purpose, and remembers what it was asked."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ARABIC = "التقى وزير الخارجية نظيره في مسقط يوم الاثنين، وبحثا العلاقات بين البلدين."
#: The one host of the open internet that the tests know; its server is the one on loopback.
PUBLIC = "93.184.215.14"


def page(text: str = ARABIC, title: str = "لقاء في مسقط") -> bytes:
    """A small article page."""
    paragraphs = "".join(f"<p>{text}</p>" for _ in range(4))
    return (
        f'<!DOCTYPE html><html lang="ar"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    ).encode()


Reply = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """Answers each path by a function; `asked` counts paths, `agents` keeps who asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: dict[str, Reply] = {}
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        with server.lock:
            server.asked[self.path] += 1
            server.agents.add(self.headers.get("User-Agent", ""))
        server.replies.get(self.path, missing)(self)

    def send(self, body: bytes, status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", headers.get("declared", str(len(body))))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


def missing(request: Handler) -> None:
    request.send(b"", 404)


def good(request: Handler) -> None:
    request.send(page())


def stamped(request: Handler) -> None:
    """A page that knows when it has not changed."""
    if request.headers.get("If-None-Match") == '"v1"':
        request.send_response(304)
        request.end_headers()
    else:
        request.send(page(), ETag='"v1"', Last_Modified="Mon, 20 Oct 2025 10:00:00 GMT")


def slow(request: Handler) -> None:
    """A byte now and then, so that no single read times out."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Content-Length", "1000")
    request.end_headers()
    for _ in range(100):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.05)


def cut_off(request: Handler) -> None:
    body = page()
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body[: len(body) // 2])
    request.close_connection = True


def cut_off_packed(request: Handler) -> None:
    request.send(gzip.compress(page())[:-20], Content_Encoding="gzip")


def bomb(request: Handler) -> None:
    """64 MB in 64 kB."""
    request.send(gzip.compress(b"\0" * (64 * 2**20)), Content_Encoding="gzip")


def bomb_in_bomb(request: Handler) -> None:
    inner = gzip.compress(b"\0" * (32 * 2**20))
    request.send(gzip.compress(inner), Content_Encoding="gzip, gzip")


def bare_deflate(request: Handler) -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    request.send(packer.compress(page()) + packer.flush(), Content_Encoding="deflate")


def large(request: Handler) -> None:
    """10 MB in pieces, without a length."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Connection", "close")
    request.end_headers()
    for _ in range(160):
        request.wfile.write(b"x" * 65_536)
    request.close_connection = True


def wrong_charset(request: Handler) -> None:
    """Bytes of one encoding, declared as another."""
    request.send(ARABIC.encode("windows-1256"), kind="text/html; charset=utf-8")


def picture(request: Handler) -> None:
    request.send(b"\x89PNG", kind="image/png")


def redirect(location: str, status: int = 302) -> Reply:
    def reply(request: Handler) -> None:
        request.send(b"", status, Location=location)

    return reply


def busy(times: int, after: str = "0", status: int = 429, then: Reply = good) -> Reply:
    """Refuse so many times, then answer."""
    left = [times]

    def reply(request: Handler) -> None:
        left[0] -= 1
        if left[0] >= 0:
            request.send(b"", status, Retry_After=after)
        else:
            then(request)

    return reply


def text(body: str, kind: str = "text/plain") -> Reply:
    def reply(request: Handler) -> None:
        request.send(body.encode(), kind=kind)

    return reply


@contextmanager
def serving() -> Iterator[Server]:
    """A server that runs while the block does."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
