"""Where recorded vendor data lies; it does not travel with the product."""

import os
from pathlib import Path

RECORDED = Path(os.environ.get("KAPTURE_RECORDED", Path(__file__).resolve().parents[2] / "shared" / "data"))
MISSING = "recorded data is not here; set KAPTURE_RECORDED to the folder that holds it"
