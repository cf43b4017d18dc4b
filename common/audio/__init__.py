"""Sound in and out of files: what it is, reading it, changing its rate, writing it.

Strangers' files are decoded in a child process; writing is of our own samples and is done here.
Reading needs the extra `speech`, and for containers of video and AAC the extra `media`.
"""

from common.audio.reading import Probe, decode, probe
from common.audio.sounds import Sound
from common.audio.writing import encode, rate_for

__all__ = ["Probe", "Sound", "decode", "encode", "probe", "rate_for"]
