"""The shared fixtures do what the other tests rely on."""

import socket
from pathlib import Path

import pytest

from stancekit import load


def test_a_test_has_no_network() -> None:
    with pytest.raises(OSError, match="no network"):
        socket.getaddrinfo("example.org", 443)
    with pytest.raises(OSError, match="no network"):
        socket.create_connection(("192.0.2.1", 443), timeout=1)
    with pytest.raises(OSError, match="no network"), socket.socket() as opened:
        opened.connect(("192.0.2.1", 443))


def test_a_test_may_talk_to_its_own_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        pass


def test_the_tiny_bundle_answers_as_its_run(tiny_run: Path, tiny_bundle: Path) -> None:
    pair = ("Farmers called the night tram a disgrace.", "The council should keep the night tram.")
    (of_run,), (of_bundle,) = load(tiny_run).predict_pairs([pair]), load(tiny_bundle).predict_pairs([pair])
    assert of_run.stance is of_bundle.stance
    assert of_run.confidence == pytest.approx(of_bundle.confidence, abs=1e-4)
