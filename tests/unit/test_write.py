"""A file is written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from campus_catalog.content.write import write_whole


@pytest.mark.parametrize("content", ["第一行\r\n第二行\n", b"\x00\xff\r\n"])
def test_what_is_written_is_there_byte_for_byte_and_nothing_beside_it(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "deep" / "file.yml"
    for _ in range(2):
        write_whole(path, content)
        assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
        assert list(path.parent.iterdir()) == [path]


def test_a_link_stays_one_and_a_file_keeps_its_mode(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yml", tmp_path / "link.yml"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_whole(link, "new")
    assert link.is_symlink() and real.read_text() == "new" and real.stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_replaced_stays_and_no_draft_is_left(tmp_path: Path) -> None:
    kept = tmp_path / "file.yml" / "kept"
    kept.mkdir(parents=True)
    with pytest.raises(OSError):
        write_whole(kept.parent, "new")
    assert kept.is_dir() and list(tmp_path.iterdir()) == [kept.parent]
