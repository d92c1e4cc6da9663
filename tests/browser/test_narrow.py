"""Overview, village and register on a telephone of 390 pixels."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.server]

PATHS = ["/?rows=52", "/village?place=990101001001", "/incident?id=7", "/register", "/register?kind=mediation"]


@pytest.mark.parametrize("path", PATHS)
def test_page_fits_a_telephone(phone, path):
    phone.open(path)
    phone.wait_until_still()
    # Nothing sticks out sideways but what scrolls in a box of its own.
    sticking = phone.page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(one => {
             const box = one.getBoundingClientRect();
             return box.width > 0 && box.right > innerWidth + 1 && !one.closest('.gd-scroll')
               && !one.closest('[data-testid=stDeckGlJsonChart]');
           }).map(one => one.tagName + '.' + one.className).slice(0, 5)""")
    assert sticking == []
    assert phone.page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    assert phone.errors == []


def test_sentences_come_first_on_a_telephone(phone):
    phone.open("/")
    phone.wait_until_still()
    tops = phone.page.evaluate(
        """() => ['.gd-sentences', '.gd-cards'].map(one => document.querySelector(one).getBoundingClientRect().top)""")
    assert 0 < tops[0] < tops[1]
    assert tops[0] < 400


def test_links_are_big_enough_to_touch(phone):
    phone.open("/village?place=990101001001")
    phone.wait_until_still()
    heights = phone.page.evaluate("() => [...document.querySelectorAll('.gd-table td a')].map(a => a.parentElement.offsetHeight)")
    assert heights
    assert min(heights) >= 32
