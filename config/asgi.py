"""The web process: the live door in front of Django, and the embedded job engine beside them."""

import os
import warnings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# WhiteNoise reads static files by plain iterators; they are few, and small enough to be held whole.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

from django.conf import settings  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

django_application = get_asgi_application()

from config.lifespan import Lifespan  # noqa: E402
from surfaces.door import Door, Mount  # noqa: E402


def _mounts() -> list[Mount]:
    return [
        Mount.of(prefix, import_string(f"{path}.SURFACE"), import_string(f"{path}.LIVE"))
        for prefix, path in settings.SURFACES.items()
    ]


application = Lifespan(Door(_mounts(), django_application))
