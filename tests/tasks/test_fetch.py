"""Fetching from a server that misbehaves: each fault has a name, and none costs another page."""

from __future__ import annotations

import asyncio
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx
import pytest

from schemas.sources import FetchLimits
from tasks.fetch import AGENT, fetch_all
from tasks.fetch_answer import Answer, Target, retry_after
from tasks.fetch_guard import is_public
from tasks.fetch_hosts import Host
from tests.tasks import misbehaving as bad
from tests.tasks.misbehaving import PUBLIC, Server, page, serving

NOW = datetime(2025, 10, 20, 12, tzinfo=UTC)
LIMITS: dict[str, Any] = {
    "delay_seconds": 0,
    "per_host": 8,
    "retries": 1,
    "backoff_seconds": 0.01,
    "timeout_seconds": 30,
    "max_bytes": 1024 * 1024,
    "allow_private": True,
}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def fetch(server: Server, *paths: str, **limits: Any) -> dict[str, Answer]:
    targets = [Target(server.url + path) for path in paths]
    answers = fetch_all(targets, FetchLimits(**{**LIMITS, **limits}), clock=lambda: NOW)
    return {answer.target.url.removeprefix(server.url): answer for answer in answers}


def test_a_page_comes_as_it_is_with_its_charset_and_time(server: Server) -> None:
    server.replies["/a"] = bad.stamped
    answer = fetch(server, "/a")["/a"]
    assert (answer.outcome, answer.status, answer.payload) == ("fetched", 200, page())
    assert (answer.media_type, answer.charset, answer.fetched_at) == ("text/html", "utf-8", NOW)
    assert (answer.etag, answer.last_modified) == ('"v1"', "Mon, 20 Oct 2025 10:00:00 GMT")
    assert server.agents == {AGENT}, "every request says who asks, that for robots.txt too"


@pytest.mark.parametrize(
    ("reply", "outcome", "rule", "asked"),
    [
        (bad.missing, "refused", "http-404", 1),
        (bad.cut_off, "failed", "cut-off", 2),
        (bad.cut_off_packed, "failed", "cut-off", 2),
        (bad.bomb, "refused", "decompression-limit", 1),
        (bad.bomb_in_bomb, "refused", "unknown-encoding", 1),
        (bad.large, "refused", "too-large", 1),
        (bad.picture, "refused", "not-a-page", 1),
        (bad.redirect("/x"), "refused", "redirect-loop", 1),
        (bad.redirect("ftp://example.org/"), "refused", "bad-redirect", 1),
        (bad.redirect("http://a:b/"), "refused", "bad-redirect", 1),
        (bad.busy(9, status=503), "failed", "http-503", 2),
        (bad.busy(9, after="7200"), "failed", "http-429", 1),
    ],
)
def test_each_fault_has_a_name(server: Server, reply: bad.Reply, outcome: str, rule: str, asked: int) -> None:
    server.replies |= {"/x": reply, "/good": bad.good}
    answers = fetch(server, "/x", "/good")
    assert (answers["/x"].outcome, answers["/x"].rule) == (outcome, rule)
    assert "/x" in str(answers["/x"].error)
    assert answers["/good"].payload == page(), "its neighbour comes all the same"
    assert server.asked["/x"] == asked


def test_a_slow_answer_ends_at_the_time_limit_though_bytes_keep_coming(server: Server) -> None:
    server.replies["/slow"] = bad.slow
    answer = fetch(server, "/slow", timeout_seconds=0.4, retries=0)["/slow"]
    assert (answer.outcome, answer.rule) == ("failed", "timeout")


def test_no_answer_at_all() -> None:
    with serving() as gone:
        url = gone.url
    answers = list(fetch_all([Target(url + "/a")], FetchLimits(**LIMITS)))
    assert [(a.outcome, a.rule) for a in answers] == [("failed", "no-connection")]


def test_an_address_that_is_none_is_told() -> None:
    answers = list(fetch_all([Target("http://\u2488.example\u0000/")], FetchLimits(**LIMITS)))
    assert [a.outcome for a in answers] == ["refused"]


def test_a_bomb_is_never_unfolded(server: Server) -> None:
    server.replies["/bomb"] = bad.bomb
    tracemalloc.start()
    fetch(server, "/bomb")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 70 * 2**20, "the 64 MB are held by the server of this test, once"


@pytest.mark.parametrize("reply", [bad.bare_deflate, bad.busy(1), bad.busy(1, after="Mon, 20 Oct 2025 12:00:00 GMT")])
def test_what_passes_is_waited_for_and_what_is_odd_is_understood(server: Server, reply: bad.Reply) -> None:
    server.replies["/a"] = reply
    assert fetch(server, "/a")["/a"].payload == page()


def test_bytes_of_another_charset_stay_bytes(server: Server) -> None:
    server.replies["/a"] = bad.wrong_charset
    answer = fetch(server, "/a")["/a"]
    assert (answer.payload, answer.charset) == (bad.ARABIC.encode("windows-1256"), "utf-8")


class Time:
    """A clock that moves when someone sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def asks(robots: str, count: int, leave_alone: float = 0.0) -> list[float]:
    """When a host with a delay of one second is asked, in seconds from the start."""
    time = Time()
    host = Host("http://news.example", FetchLimits(delay_seconds=1), "Rasad/1", time.clock, time.sleep)

    async def robots_txt(url: httpx.URL) -> tuple[int, bytes]:
        return 200, robots.encode()

    asked = []
    for number in range(count):
        await host.allow(httpx.URL("http://news.example/a"), robots_txt)
        await host.turn()
        asked.append(time.now - 100)
        if number == 0 and leave_alone:
            host.leave_alone(leave_alone)
    return asked


def test_between_two_requests_to_a_host_there_is_a_pause() -> None:
    assert asyncio.run(asks("", 3)) == [0, 1, 2]


def test_robots_txt_may_ask_for_a_longer_pause_but_not_a_shorter_one() -> None:
    assert asyncio.run(asks("User-agent: *\nCrawl-delay: 5", 3)) == [0, 5, 10]
    assert asyncio.run(asks("User-agent: *\nCrawl-delay: 0.1", 3)) == [0, 1, 2]


def test_a_server_that_asks_to_be_left_alone_is() -> None:
    assert asyncio.run(asks("", 3, leave_alone=60)) == [0, 60, 61]


def test_robots_txt_is_asked_once_and_obeyed(server: Server) -> None:
    rules = "User-agent: *\nDisallow: /private\nAllow: /private/open\nDisallow: /*.pdf$\n"
    server.replies |= {"/robots.txt": bad.text(rules)}
    paths = ["/a", "/private/x", "/private/open", "/b.pdf"]
    server.replies |= dict.fromkeys(paths, bad.good)
    answers = fetch(server, *paths)
    refused = {path for path, answer in answers.items() if answer.rule == "robots-disallowed"}
    assert refused == {"/private/x", "/b.pdf"}
    assert server.asked["/robots.txt"] == 1 and not server.asked.keys() & refused


def test_robots_txt_speaks_to_us_by_name(server: Server) -> None:
    server.replies |= {"/robots.txt": bad.text("User-agent: Rasad\nDisallow: /\n"), "/a": bad.good}
    assert fetch(server, "/a")["/a"].rule == "robots-disallowed"
    assert fetch(server, "/a", user_agent="Archive of the press")["/a"].outcome == "fetched"


def test_while_robots_txt_cannot_be_had_nothing_is_fetched(server: Server) -> None:
    server.replies |= {"/robots.txt": bad.busy(99, status=503), "/a": bad.good}
    answer = fetch(server, "/a")["/a"]
    assert (answer.outcome, answer.rule, server.asked["/a"]) == ("failed", "robots-unavailable", 0)


def test_redirects_are_followed_and_told(server: Server) -> None:
    server.replies |= {
        "/old": bad.redirect("/mid", 301),
        "/mid": bad.redirect("new?a=%D8%A8", 307),
        "/new?a=%D8%A8": bad.good,
    }
    answer = fetch(server, "/old")["/old"]
    assert (answer.outcome, answer.final_url) == ("fetched", f"{server.url}/new?a=%D8%A8")
    assert fetch(server, "/old", max_redirects=1)["/old"].rule == "too-many-redirects"


def test_an_unchanged_page_is_not_sent_again(server: Server) -> None:
    server.replies["/a"] = bad.stamped
    target = Target(server.url + "/a", etag='"v1"', last_modified="Mon, 20 Oct 2025 10:00:00 GMT")
    [answer] = fetch_all([target], FetchLimits(**LIMITS))
    assert (answer.outcome, answer.payload, answer.etag) == ("unchanged", b"", '"v1"')
    assert answer.last_modified == target.last_modified


class Internet(httpcore.AnyIOBackend):
    """The open internet as the tests have it: one public address, which leads to the server on loopback."""

    def __init__(self) -> None:
        self.connected: list[str] = []

    async def connect_tcp(self, host: str, port: int, *rest: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        assert host == PUBLIC
        return await super().connect_tcp("127.0.0.1", port, *rest, **options)


async def names(host: str, port: int) -> list[str]:
    return {
        "news.example": [PUBLIC],
        "inside.example": ["10.0.0.7"],
        "both.example": [PUBLIC, "127.0.0.1"],
    }.get(host, [host])


@pytest.mark.parametrize(
    "location", ["http://inside.example/", "http://127.0.0.1:{port}/secret", "http://[::1]/", "http://169.254.169.254/"]
)
def test_a_redirect_into_a_private_network_is_not_followed(server: Server, location: str) -> None:
    server.replies |= {"/go": bad.redirect(location.format(port=server.server_port)), "/secret": bad.good}
    internet = Internet()
    target = Target(f"http://news.example:{server.server_port}/go")
    limits = FetchLimits(**{**LIMITS, "allow_private": False})
    [answer] = fetch_all([target], limits, resolve=names, backend=internet)
    assert (answer.outcome, answer.rule) == ("refused", "private-address")
    assert "allow_private" in str(answer.error)
    assert server.asked["/go"] == 1 and server.asked["/secret"] == 0
    assert set(internet.connected) == {PUBLIC}


@pytest.mark.parametrize("host", ["inside.example", "both.example", "127.0.0.1", "localhost"])
def test_private_addresses_are_refused_after_the_name_is_resolved(host: str) -> None:
    limits = FetchLimits(**{**LIMITS, "allow_private": False})
    kwargs: dict[str, Any] = {} if host == "localhost" else {"resolve": names}
    [answer] = fetch_all([Target(f"http://{host}/")], limits, backend=Internet(), **kwargs)
    assert (answer.outcome, answer.rule) == ("refused", "private-address")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("no address", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_closing_early_ends_the_requests(server: Server) -> None:
    server.replies |= {f"/{n}": bad.good for n in range(50)}
    answers = fetch_all(
        [Target(server.url + path) for path in server.replies], FetchLimits(**{**LIMITS, "delay_seconds": 0.2})
    )
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert sum(server.asked.values()) < 20
    assert not [thread for thread in threading.enumerate() if thread.name == "rasad-fetch"]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("Mon, 20 Oct 2025 12:01:00 GMT", 60.0),
        ("Mon, 20 Oct 2025 11:00:00 GMT", 0.0),
        ("x", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds
