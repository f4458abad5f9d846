"""Calls through the media server, in browsers: as those without one, and encrypted from device to device all the same."""

import pytest

from calls import browser, pair  # noqa: F401
from server import Server
from test_call_encryption import callers_pair, test_two_people_speak_encrypted_and_see_the_same_words  # noqa: F401
from test_voice import (  # noqa: F401
    test_two_people_join_a_voice_channel_and_hear_each_other,
    test_who_may_not_join_sees_who_is_there_and_is_told,
)
from test_voice_pictures import (  # noqa: F401
    test_a_camera_is_seen_and_ends,
    test_a_screen_is_seen_and_its_sound_heard_and_the_browser_ends_it,
)


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.close()
