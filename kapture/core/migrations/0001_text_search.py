"""The text search configuration `kapture` and the function `kapture_spaced`; see `kapture.core.texts`."""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations

# As `kapture.core.texts.UNSPACED` was; what is indexed does not change with the code.
LETTERS = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3100-\u312f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Text of one byte a letter holds none of these; most text is that, and this is the quickest way to know.
SPACED = f"""
    CREATE FUNCTION kapture_spaced(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT CASE WHEN octet_length(given) = char_length(given) THEN given
                    ELSE regexp_replace(given, '([{LETTERS}])', ' \\1 ', 'g') END
    $$
"""
CONFIG = """
    CREATE TEXT SEARCH CONFIGURATION kapture (COPY = simple);
    ALTER TEXT SEARCH CONFIGURATION kapture
        ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
"""


class Migration(migrations.Migration):
    dependencies = []

    operations = [
        UnaccentExtension(),
        migrations.RunSQL(CONFIG, "DROP TEXT SEARCH CONFIGURATION kapture"),
        migrations.RunSQL(SPACED, "DROP FUNCTION kapture_spaced(text)"),
    ]
