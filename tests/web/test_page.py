"""The page in a real browser; where Gradio, Selenium or Chromium is missing, it is passed over."""

import pickle
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

gradio = pytest.importorskip('gradio')
webdriver = pytest.importorskip('selenium.webdriver')
By = pytest.importorskip('selenium.webdriver.common.by').By
Service = pytest.importorskip('selenium.webdriver.chrome.service').Service

from partkd.web import contenders_of_folder, served  # noqa: E402

PORT = 7899
OPTIONS = (
    '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync '
    '--disable-background-networking --disable-component-update --window-size=1300,1300'
)


@pytest.fixture(scope='module')
def browser():
    driver = shutil.which('chromedriver')
    if driver is None:
        pytest.skip('no chromedriver: install the package chromium-driver')
    options = webdriver.ChromeOptions()
    for option in OPTIONS.split():
        options.add_argument(option)
    with webdriver.Chrome(options=options, service=Service(driver)) as browser:
        yield browser


@pytest.fixture(scope='module')
def page(reference):
    with served(contenders_of_folder(reference.work_dir, 'cpu'), port=PORT) as page:
        yield page


def said(browser, until, seconds: float = 40) -> str:
    """What the page says, once it says that."""
    end = time.monotonic() + seconds
    text = ''
    while time.monotonic() < end:
        found = browser.find_elements(By.CSS_SELECTOR, '#said')
        text = found[0].text if found else ''
        if 'processing' not in text and until(text):
            return text
        time.sleep(0.2)
    raise AssertionError(f'it says {text!r}')


def shown(browser) -> list[str]:
    """The pictures that are there and could be loaded."""
    images = browser.find_elements(By.CSS_SELECTOR, '#film img, #answers img')
    return [
        image.get_attribute('src')
        for image in images
        if int(image.get_attribute('naturalWidth')) > 0
    ]


def test_hidden_parts_change_what_students_say(page, browser):
    browser.get(page.local_url)
    before = said(browser, lambda text: 'cross entropy says' in text)
    assert before.startswith('It is ') and 'teacher says' in before
    time.sleep(1)
    first = shown(browser)
    assert len(first) == 2
    for box in browser.find_elements(By.CSS_SELECTOR, '#parts input'):
        box.click()
    after = said(browser, lambda text: text != before)
    assert (
        after.split('teacher says')[1].split('.')[0]
        == before.split('teacher says')[1].split('.')[0]
    )
    time.sleep(1)
    assert set(shown(browser)).isdisjoint(first)


def upload(browser, file: Path) -> None:
    browser.get(browser.current_url)
    said(browser, lambda text: 'says' in text)
    browser.find_element(By.CSS_SELECTOR, 'input[type=file]').send_keys(str(file))


def test_an_upload_is_shown_and_deleted(page, browser, tmp_path):
    rng = np.random.default_rng(0)
    keypoint = rng.uniform(10, 200, (1, 20, 17, 2)).astype(np.float32)
    clip = dict(frame_dir='mine', keypoint=keypoint, total_frames=20, img_shape=(480, 640))
    (tmp_path / 'mine.pkl').write_bytes(pickle.dumps(dict(annotations=[clip], split={})))
    upload(browser, tmp_path / 'mine.pkl')
    text = said(browser, lambda text: not text.startswith('It is') and 'says' in text)
    assert 'teacher' not in text  # whose joints are others
    assert not list(Path(page.GRADIO_CACHE).rglob('mine.pkl'))


def test_what_cannot_be_read_is_said(page, browser, tmp_path):
    (tmp_path / 'broken.pkl').write_bytes(b'no pickle')
    upload(browser, tmp_path / 'broken.pkl')
    end = time.monotonic() + 20
    while 'broken.pkl' not in (text := browser.find_element(By.TAG_NAME, 'body').text):
        assert time.monotonic() < end, text
        time.sleep(0.2)
    assert not list(Path(page.GRADIO_CACHE).rglob('broken.pkl'))


def test_only_this_machine_is_served(page):
    assert page.local_url.startswith('http://127.0.0.1')
    assert page.share is False and page.server_name == '127.0.0.1'
