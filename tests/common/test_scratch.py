"""Temporary files."""

from common.scratch import scratch


def test_a_scratch_file_is_gone_afterwards():
    with scratch() as path:
        path.write_bytes(b"x")
    assert not path.exists()
