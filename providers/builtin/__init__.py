"""The provider that needs no key, no network and no server: it embeds, finds, quotes and echoes."""

import os

# numpy reads this when it is first imported. Matrices this small gain nothing from more threads,
# and on busy cores threads that wait for each other cost ten times the work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
