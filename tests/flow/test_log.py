"""orch.log: reading from its end, rotation, following."""
from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.flow import log
from orch.host import files
from orch.host.world import World
from tests.sandbox import Sandbox


def limit(sandbox: Sandbox, size: int) -> World:
    """The world of a home whose log is rotated above so many bytes."""
    return sandbox.world(ORCH_ENGINE_LOG_BYTES=str(size))


def texts(lines: list[log.Line]) -> list[str]:
    return [line["text"] for line in lines]


def test_the_last_lines_over_a_rotation(sandbox: Sandbox) -> None:
    world = limit(sandbox, 100)
    assert log.last(world, 5) == []
    for number in range(10):
        log.note(world, "test", str(number), project=f"o/r{number % 2}")
        if number == 6:
            assert log.rotate(world) and not log.rotate(world)
    assert texts(log.last(world, 2)) == ["8", "9"]
    assert texts(log.last(world, 5)) == ["5", "6", "7", "8", "9"]
    assert texts(log.last(world, 100)) == [str(number) for number in range(10)]
    assert texts(log.last(world, 3, "o/r1")) == ["5", "7", "9"]
    assert log.last(world, 0) == []


def test_rotation_keeps_one_old_file_and_waits_for_its_limit(sandbox: Sandbox) -> None:
    world = limit(sandbox, 1000)
    log.note(world, "test", "x" * 500)
    assert not log.rotate(world) and not log.rotate(limit(sandbox, 0)) and not log.rotate(sandbox.world())
    for _ in range(3):
        log.note(world, "test", "y" * 1000)
        assert log.rotate(world)
    assert sorted(name for name in os.listdir(world.home.state()) if name.startswith("orch.log")) == ["orch.log.1"]


@given(st.lists(st.text(max_size=3000), max_size=12), st.integers(0, 14))
def test_reading_from_the_end_is_reading_all(lines: list[str], count: int) -> None:
    box = Sandbox()
    try:
        world = box.world()
        for line in lines:
            log.note(world, "test", "." + line.encode(errors="ignore").decode())
        assert texts(log.last(world, count)) == ["." + line for line in lines][max(0, len(lines) - count):]
    finally:
        box.close()


def test_torn_and_foreign_lines_are_passed_over(sandbox: Sandbox) -> None:
    world = sandbox.world()
    log.note(world, "test", "a")
    files.append(world.home.log(), '{"text": "to')
    files.append(world.home.log(), "[1]")
    log.note(world, "test", "b")
    assert texts(log.last(world, 2)) == ["a", "b"]


def test_a_follower_sees_what_comes_over_rotations(sandbox: Sandbox) -> None:
    world = limit(sandbox, 1)
    follower = log.Follower(world)
    assert list(follower.read()) == []
    log.note(world, "test", "a")
    assert texts(list(follower.read())) == ["a"]
    log.note(world, "test", "b")
    log.rotate(world)
    assert texts(list(follower.read())) == ["b"]
    log.note(world, "test", "c")
    assert texts(list(follower.read())) == ["c"]
    log.note(world, "test", "d")
    log.rotate(world)
    log.note(world, "test", "e")
    assert texts(list(follower.read())) == ["d", "e"]
    with open(world.home.log(), "a") as file:
        file.write('{"text": "half')
        file.flush()
        assert list(follower.read()) == []
        file.write(' and half"}\n')
    assert texts(list(follower.read())) == ["half and half"]
    follower.close()
    late = log.Follower(world)
    assert list(late.read()) == []
    late.close()


@pytest.mark.parametrize("level", ["a\x00b", "\udcff", "\x1b[31m"])
def test_any_text_can_be_noted(sandbox: Sandbox, level: str) -> None:
    world = sandbox.world()
    log.note(world, "test", level)
    assert len(log.last(world, 5)) == 1


def test_the_tick_rotates(sandbox: Sandbox) -> None:
    world = sandbox.world()
    log.note(world, "test", "x" * 300)
    sandbox.orch("tick")
    assert os.path.exists(world.home.log())
    sandbox.orch("config", "set", "engine.log_bytes=200")
    sandbox.orch("tick")
    assert os.path.exists(world.home.log() + ".1") and not os.path.exists(world.home.log())
