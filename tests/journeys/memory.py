"""How much memory a process takes, as Linux counts it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MEGABYTE: Final = 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Of the process `pid`, in megabytes of 1,048,576 bytes; the figures are of resident memory."""

    pid: int

    @property
    def now(self) -> float:
        return self._read("VmRSS")

    @property
    def peak(self) -> float:
        """The most there was at once since it began, or since `forget_peak`."""
        return self._read("VmHWM")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _read(self, name: str) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / _MEGABYTE
