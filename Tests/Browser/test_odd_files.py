"""Files that are not quite what they seem: turned films, sounds among films, pictures that move or are cut."""

import io
import subprocess
import sys

import pytest
from PIL import Image
from playwright.sync_api import expect

from server import ROOT


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([sys.executable, ROOT / "Tests/Python/make_samples.py", folder], check=True)
    return folder


@pytest.fixture
def alice(person):
    alice = person("alice")
    server, channel = alice.make_server()
    alice.enter(f"/channels/{server}/{channel}")
    expect(alice.page.locator("#composer-text")).to_be_visible()
    return alice


def show(person, text, *files):
    """Sends a message with files and gives its attachments, each of them once it stands there."""
    person.page.locator("input[type=file]").set_input_files(files)
    expect(person.page.locator(".tray-file")).to_have_count(len(files))
    expect(person.page.locator(".tray-file progress")).to_have_count(0)
    person.say(text)
    attachments = person.message(text).locator(".attachment")
    expect(attachments).to_have_count(len(files))
    return [attachments.nth(index) for index in range(len(files))]


def shape(element):
    box = element.bounding_box()
    return box["width"] / box["height"]


@pytest.mark.long
def test_films_stand_as_they_were_taken_and_sounds_tell_how_long_they_are(alice, samples, picture):
    names = ("film-90.mp4", "film-wide.mp4", "voice.webm", "covered.mp3", "film.ogv")
    turned, wide, voice, covered, unplayable = show(alice, "All of them", *(samples / name for name in names))
    assert shape(turned.locator("video")) == pytest.approx(3 / 4, abs=0.02)
    assert shape(wide.locator("video")) == pytest.approx(640 / 240, abs=0.05)
    for sound in (voice, covered):
        expect(sound.locator("audio")).to_be_visible()
        expect(sound.locator("video")).to_have_count(0)
        expect(sound).to_contain_text("0:02")
    picture(alice.page, "odd-files")
    # The box stays as it is when the film is there.
    turned.locator("video").evaluate("film => { film.muted = true; return film.play(); }")
    assert shape(turned.locator("video")) == pytest.approx(3 / 4, abs=0.02)
    # What this browser can't play can still be taken away.
    unplayable.locator("video").evaluate("film => film.play().catch(() => {})")
    expect(unplayable.get_by_role("link", name="film.ogv").first).to_be_visible()
    expect(unplayable.locator("video")).to_have_count(0)


@pytest.mark.long
def test_a_png_that_moves_does_so_in_the_list_and_a_cut_picture_is_shown(alice, samples):
    photo = samples / "photo.jpg"
    cut = samples / "cut.jpg"
    cut.write_bytes(photo.read_bytes()[: photo.stat().st_size * 6 // 10])
    moving, shown = show(alice, "Two pictures", samples / "dance.png", cut)
    image = moving.locator("img")
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", True)
    address = image.evaluate("image => image.currentSrc")
    with Image.open(io.BytesIO(alice.page.request.get(address).body())) as drawn:
        assert drawn.n_frames == 10
    image = shown.locator("img")
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth > 0")
    assert shape(image) == pytest.approx(600 / 800, abs=0.02)
