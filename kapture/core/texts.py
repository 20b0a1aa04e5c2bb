"""How text of any language is indexed and looked for; the database's part is in this app's first migration.

The configuration `kapture` folds case and accents ("Café" is "cafe") and knows no endings of any language, so that it
treats all alike. Scripts that set no spaces between words (Chinese, Japanese, Thai, …) are indexed letter by letter and
looked for as phrases, by putting spaces around each of their letters.
"""

from typing import Any, Final

from django.db.models import Func, TextField

CONFIG: Final = "kapture"
# The letters of such scripts, as ranges inside the brackets of a regular expression.
UNSPACED: Final = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3100-\u312f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)


class Spaced(Func):
    """A text with spaces around each letter of a script that sets none."""

    function = "kapture_spaced"
    output_field: Any = TextField()
