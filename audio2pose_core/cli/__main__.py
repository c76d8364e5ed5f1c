"""``python -m audio2pose_core.cli`` is ``audio2pose``."""

import sys

from . import main

sys.exit(main())
