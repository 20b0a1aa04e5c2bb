"""PostgreSQL expressions of a search: the question, its rank, extracts, and counts that stop."""

from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db.models import IntegerField, JSONField, Q, Subquery, Value
from django.db.models.functions import Cast, Left

from kapture.core.searching import in_rows
from kapture.core.texts import CONFIG, Spaced
from library.terms import Terms

# Private-use characters stand around a hit on its way from the database; pages and programs never see them.
OPEN, CLOSE = "\ue000", "\ue001"
EXTRACT_CHARS = 20_000
# A rank becomes a whole number, so that what ties, ties exactly, and the order is total.
RANK_SCALE = 1_000_000


class UnfinishedQuery(SearchQuery):
    """A websearch question whose last word may go on.

    PostgreSQL writes the last lexeme of such a question at its end, in quotes; `:*` behind it makes it a prefix. A
    question that ends otherwise (with a bracket, or with nothing) stays as it is.
    """

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        """The question's SQL with that one change."""
        sql, params = super().as_sql(compiler, connection, *args, **kwargs)
        return f"regexp_replace(({sql})::text, '''$', ''':*')::tsquery", params


def question(terms: Terms) -> SearchQuery:
    """The tsquery of typed words; any text is one, syntax errors do not exist."""
    kind = UnfinishedQuery if terms.unfinished else SearchQuery
    return kind(Spaced(Value(in_rows(terms.text))), config=CONFIG, search_type="websearch")


def rank(vector: Any, terms: Terms) -> Cast:
    """How well a vector answers, in millionths: ts_rank, which weighs A to D and frequency, over 1 + log(length)."""
    return Cast(SearchRank(vector, question(terms), normalization=Value(1)) * RANK_SCALE, IntegerField())


def contains(fields: tuple[str, ...], terms: Terms) -> Q:
    """Each piece occurs in one of the fields, whatever its case; `%` and `_` stand for themselves."""
    return reduce(and_, (reduce(or_, (_occurs(field, piece) for field in fields)) for piece in terms.pieces))


def _occurs(field: str, piece: str) -> Q:
    # Without upper and lower case there is nothing to fold, which is the costly part.
    lookup = "contains" if piece.upper() == piece.lower() else "icontains"
    return Q(**{f"{field}__{lookup}": piece})


def extract(field: Any, terms: Terms, *, whole: bool = False) -> SearchHeadline:
    """The parts of a text around its hits, or the whole of it, with `OPEN` and `CLOSE` around each hit."""
    shape: dict[str, Any] = (
        {"highlight_all": True}
        if whole
        else {"max_fragments": 2, "max_words": 18, "min_words": 6, "fragment_delimiter": " … "}
    )
    return SearchHeadline(
        Left(field, EXTRACT_CHARS), question(terms), config=CONFIG, start_sel=OPEN, stop_sel=CLOSE, **shape
    )


class BoundedTally(Subquery):
    """How many rows a sliced query has, as JSON by the value of its one column; the slice is where counting stops."""

    template = (
        "(SELECT jsonb_object_agg(value, number) FROM (SELECT value, count(*) AS number"
        " FROM (%(subquery)s) AS bounded (value) GROUP BY value) AS tally)"
    )
    output_field = JSONField()
