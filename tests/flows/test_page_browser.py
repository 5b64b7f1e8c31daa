"""The report page in a real browser: no error, no request, filters and keyboard work, texts run their own way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.page import render
from flows.report import RunReport
from tests.flows.test_page import HOSTILE, hostile
from warehouse.location import Location
from warehouse.page import Page, page
from warehouse.writer import open_writer

if not (shutil.which("chromium") and shutil.which("chromedriver")):
    pytest.skip("needs a browser: apt-get install -y chromium chromium-driver", allow_module_level=True)

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = Options()
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(switch)
    options.binary_location = str(shutil.which("chromium"))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def pages(sampled: tuple[Path, RunReport], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of the sample articles, and what becomes of it: attacked by its articles, without dates, empty."""
    folder = tmp_path_factory.mktemp("pages")
    whole = page(Location.at(sampled[0]))
    nothing = Location.at(tmp_path_factory.mktemp("nothing"))
    open_writer(nothing, "run").close()
    values = {"sampled": whole, "hostile": hostile(whole), "empty": page(nothing), "undated": without_days(whole)}
    refused = {"rejections": whole.totals.rejections}
    values["refused"] = values["empty"].model_copy(
        update={"totals": values["empty"].totals.model_copy(update=refused), "rejections": whole.rejections}
    )
    for name, value in values.items():
        (folder / f"{name}.html").write_text(render(value), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in values}


def without_days(shown_page: Page) -> Page:
    """The same page, of articles and events of which no day is known."""
    cubes = {}
    for name, cube in shown_page.cubes.items():
        at = cube.columns.index("day") if "day" in cube.columns else None
        rows = tuple((*row[:at], -1, *row[at + 1 :]) for row in cube.rows) if at is not None else cube.rows
        cubes[name] = cube.model_copy(update={"rows": rows})
    return shown_page.model_copy(
        update={"cubes": cubes, "dimensions": shown_page.dimensions.model_copy(update={"days": ()})}
    )


def visit(browser: webdriver.Chrome, file: Path, width: int = 1280) -> None:
    """Open a page at a width; check that it drew itself, without an error and without asking anyone for anything."""
    browser.get("about:blank")
    logged(browser, "browser"), logged(browser, "performance")
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(file.as_uri())
    assert browser.execute_script("return document.documentElement.dataset.ready") == "true"
    clean(browser, file)


def logged(browser: webdriver.Chrome, kind: str) -> list[dict[str, str]]:
    """What the browser has noted since it was last asked."""
    entries: list[dict[str, str]] = browser.execute("getLog", {"type": kind})["value"]
    return entries


def clean(browser: webdriver.Chrome, file: Path) -> None:
    assert logged(browser, "browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in logged(browser, "performance")]
    asked = {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}
    assert {url for url in asked if not url.startswith(("data:", "chrome:", "about:"))} <= {file.as_uri()}


def matching(browser: webdriver.Chrome) -> tuple[int, ...]:
    """How many articles, stories and events the page says that its filters let through."""
    text = browser.find_element(By.ID, "matching").text.replace(",", "")
    return tuple(int(part.split()[0]) for part in text.split(" · "))


def choose(browser: webdriver.Chrome, field: str, text: str) -> None:
    select = Select(browser.find_element(By.NAME, field))
    select.select_by_visible_text(next(o.text for o in select.options if o.text.startswith(text)))


def test_the_page_draws_every_part(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    visit(browser, pages["sampled"])
    for section in ("stories", "events", "places"):
        assert browser.find_elements(By.CSS_SELECTOR, f"#{section} .body svg"), section
    for section in ("events", "parties", "places", "sources", "trust"):
        assert browser.find_elements(By.CSS_SELECTOR, f"#{section} .body table caption"), section
    unnamed = "return [...document.querySelectorAll('svg:not([aria-hidden])')].filter((s) => !s.ariaLabel).length"
    assert browser.execute_script(unnamed) == 0


def test_the_open_story_stands_in_both_languages_side_by_side(
    browser: webdriver.Chrome, pages: dict[str, Path]
) -> None:
    visit(browser, pages["sampled"])
    arabic, persian = (
        browser.find_element(By.CSS_SELECTOR, f".open .side article[lang={code}]") for code in ("ar", "fa")
    )
    assert arabic.value_of_css_property("direction") == persian.value_of_css_property("direction") == "rtl"
    assert abs(arabic.rect["y"] - persian.rect["y"]) < 5 and arabic.rect["x"] + arabic.rect["width"] < persian.rect["x"]
    visit(browser, pages["sampled"], width=390)
    arabic, persian = (
        browser.find_element(By.CSS_SELECTOR, f".open .side article[lang={code}]") for code in ("ar", "fa")
    )
    assert arabic.rect["x"] == persian.rect["x"]


def test_filters_narrow_everything_and_give_it_back(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    visit(browser, pages["sampled"])
    whole = matching(browser)
    seen = {}
    for field, text in (("language", "Persian"), ("source", "خبرگزاری نوا"), ("name", "Vladimir Putin")):
        choose(browser, field, text)
        seen[field] = matching(browser)
        assert all(0 < some < every for some, every in zip(seen[field], whole, strict=True)), field
        browser.find_element(By.CSS_SELECTOR, "#filters [type=reset]").click()
        browser.execute_async_script("setTimeout(arguments[0], 20)")
        assert matching(browser) == whole
    browser.execute_script(
        "const to = document.querySelector('[name=to]'); to.value = '2025-06-30';"
        "to.dispatchEvent(new Event('change', { bubbles: true }))"
    )
    assert 0 < matching(browser)[0] < whole[0]
    choose(browser, "language", "English")
    choose(browser, "name", "Vladimir Putin")
    assert matching(browser)[0] == 0
    assert "matches these filters" in browser.find_element(By.CSS_SELECTOR, "#events .body").text
    clean(browser, pages["sampled"])


def test_a_story_opens_from_the_keyboard(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    visit(browser, pages["sampled"])
    second = browser.find_elements(By.CSS_SELECTOR, "button.story")[1]
    assert second.get_attribute("aria-expanded") == "false"
    second.send_keys(Keys.ENTER)
    focused = browser.switch_to.active_element
    assert focused.get_attribute("aria-expanded") == "true"
    assert browser.find_element(By.ID, str(focused.get_attribute("aria-controls"))).is_displayed()
    focused.send_keys(Keys.TAB)
    assert browser.execute_script("return document.activeElement.closest('li.open') !== null")


def test_no_width_makes_the_page_scroll_sideways(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    for width in (360, 768, 1280):
        visit(browser, pages["sampled"], width)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_light_and_dark_have_enough_contrast(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    visit(browser, pages["sampled"])
    shades = []
    for _ in range(2):  # from the system's to light, then dark
        browser.find_element(By.ID, "theme").click()
        for selector in ("body", ".standfirst", ".story .meta", ".side h3"):
            colours = browser.execute_script(
                "const of = (e, p) => getComputedStyle(e)[p].match(/[\\d.]+/g).slice(0, 3).map(Number);"
                "return [of(document.querySelector(arguments[0]), 'color'), of(document.body, 'backgroundColor')]",
                selector,
            )
            assert contrast(*colours) >= 4.5, (selector, colours)
        shades.append(tuple(colours[1]))
    assert shades[0] > shades[1]


def contrast(one: list[float], other: list[float]) -> float:
    """The ratio of WCAG 2: relative luminances plus 0.05; 4.5 is enough for text."""

    def luminance(colour: list[float]) -> float:
        linear = [c / 3294.6 if c <= 10.31 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_hostile_articles_are_shown_and_do_nothing(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    visit(browser, pages["hostile"])
    story = next(b for b in browser.find_elements(By.CSS_SELECTOR, "button.story") if "window.broken" in b.text)
    if story.get_attribute("aria-expanded") == "false":
        story.click()
    assert "<img src=x" in browser.find_element(By.CSS_SELECTOR, ".open .side").text
    assert browser.execute_script("return [window.broken, document.images.length]") == [None, 0]
    assert not browser.find_elements(By.CSS_SELECTOR, "a[href^='javascript' i]")
    choose(browser, "source", HOSTILE.split("\u2028")[0].strip())
    clean(browser, pages["hostile"])


def test_an_empty_warehouse_is_told(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    visit(browser, pages["empty"])
    assert browser.find_element(By.ID, "headline").text == "This warehouse is empty"
    assert "rasad run PATH" in browser.find_element(By.ID, "standfirst").text
    assert not [one for one in browser.find_elements(By.CSS_SELECTOR, "main > section") if one.is_displayed()]


def test_a_warehouse_of_rejections_alone_shows_why(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    visit(browser, pages["refused"])
    assert browser.find_element(By.ID, "headline").text == "Nothing but rejections"
    shown = [one for one in browser.find_elements(By.CSS_SELECTOR, "main > section") if one.is_displayed()]
    assert [one.get_attribute("id") for one in shown] == ["trust"] and "corrupt-gzip" in shown[0].text


def test_events_without_a_day_are_shown_by_type(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    visit(browser, pages["undated"], width=390)
    events = browser.find_element(By.ID, "events")
    assert "No day is known" in events.text and "meetings and talks" in events.text
    assert len(events.find_elements(By.CSS_SELECTOR, ".type-row svg rect")) > 10
    assert not browser.find_element(By.NAME, "from").is_displayed()


def test_the_printed_page_is_whole_and_light(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    visit(browser, pages["sampled"])
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not browser.find_element(By.ID, "theme").is_displayed()
    assert browser.find_element(By.CSS_SELECTOR, "#stories .side").is_displayed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
