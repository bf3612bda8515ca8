from pathlib import Path

import pytest

from config import EVERY_NETWORK, Config, SettingWrong, local_host


def read(folder: Path, **given: str) -> Config:
    return Config.from_environment({"TRACKER_DATA_DIR": str(folder), **given})


def test_a_fresh_installation_is_seen_by_this_machine_alone(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.bind == "127.0.0.1"
    assert config.public_url == "http://127.0.0.1:8000"


def test_another_port_is_also_the_one_in_the_links(tmp_path: Path) -> None:
    assert read(tmp_path, TRACKER_PORT="8123").public_url == "http://127.0.0.1:8123"


def test_a_demo_can_be_opened_by_a_phone_in_the_same_network(tmp_path: Path) -> None:
    config = read(tmp_path, TRACKER_DEMO="1", TRACKER_PORT="8123")
    assert config.bind == EVERY_NETWORK
    assert config.public_url == f"http://{local_host()}:8123"


def test_a_demo_kept_to_this_machine_links_to_this_machine(tmp_path: Path) -> None:
    config = read(tmp_path, TRACKER_DEMO="1", TRACKER_BIND="127.0.0.1")
    assert config.public_url == "http://127.0.0.1:8000"


def test_only_a_demo_hashes_its_printed_passwords_cheaply(tmp_path: Path) -> None:
    assert not read(tmp_path).cheap_passwords
    assert read(tmp_path, TRACKER_DEMO="1").cheap_passwords
    assert not read(tmp_path, TRACKER_DEMO="1", TRACKER_CHEAP_PASSWORDS="0").cheap_passwords


def test_what_the_administrator_sets_wins_over_the_demo(tmp_path: Path) -> None:
    config = read(tmp_path, TRACKER_DEMO="1", TRACKER_PUBLIC_URL="https://pengpu.example.cn")
    assert config.public_url == "https://pengpu.example.cn"


@pytest.mark.parametrize(
    ("name", "value"), [("TRACKER_PORT", "http"), ("TRACKER_DEMO", "yes"), ("TRACKER_SECRET_KEY", "short")]
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingWrong, match=name):
        read(tmp_path, **{name: value})


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    first = read(tmp_path)
    assert read(tmp_path).secret_keys == first.secret_keys
    assert (tmp_path / "keys" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_an_installation_that_lost_its_keys_does_not_start_with_new_ones(tmp_path: Path) -> None:
    (tmp_path / "tracker.db").touch()
    with pytest.raises(SettingWrong, match="Bring back the keys"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEVICE_AN_HOUR", "0"), ("NETWORK_LABEL_MOST", "0"), ("PUZZLE_BITS", "0"), ("PUZZLE_BITS", "29")],
)
def test_a_limit_never_shuts_anybody_out(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingWrong, match=name):
        Config.from_environment({"TRACKER_DATA_DIR": str(tmp_path), f"TRACKER_{name}": value})
