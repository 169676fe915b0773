"""A browser that asks for nothing, and the pages it opens from their files."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from browser.drawn import PAGES

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        missing = "chromium is not installed: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pages")
    for name, make in PAGES.items():
        (place / f"{name}.html").write_text(make(), encoding="utf-8")
    return place


@pytest.fixture
def visit(browser: Browser, folder: Path) -> Iterator[Any]:
    contexts = []

    def open_page(name: str, width: int = 1280, colours: Any = "light", watch: list[str] | None = None, scripts: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=colours, java_script_enabled=scripts)
        context.set_default_timeout(5_000)
        contexts.append(context)
        page = context.new_page()
        if watch is not None:
            page.on("console", lambda message: watch.append(f"console: {message.text}"))
            page.on("pageerror", lambda error: watch.append(f"error: {error}"))
            page.on("request", lambda request: watch.append(f"request: {request.url}"))
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def tabbed(page: Page, presses: int) -> list[str]:
    reached = []
    for _ in range(presses):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.localName + '.' + document.activeElement.className"))
    return reached


# Filters that are typed in; the others are chosen.
TYPED = ("From", "To", "Words")


def field(page: Page, name: str) -> Locator:
    panel = page.get_by_role("search", name="Filter this page")
    return panel.get_by_label(name, exact=True) if name in TYPED else panel.get_by_role("combobox", name=name, exact=True)


def articles_shown(page: Page) -> list[str]:
    return [one.inner_text() for one in page.locator("article h3").all() if one.is_visible()]


def holders_shown(page: Page) -> list[str]:
    return [one.inner_text().split("\n")[0] for one in page.locator("#board tbody th").all() if one.is_visible()]
