"""The hosted pages: choose somebody, or become somebody."""

from collections.abc import Iterable
from html import escape

from kapture.sandbox.clerk.store import Obj

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:12vh auto 4rem;padding:0 1rem}"
    "body{color:#222;background:#f6f6f8}main{background:#fff;border:1px solid #ddd;border-radius:12px;padding:1.5rem}"
    "h1{font-size:1.25rem;margin:0 0 .25rem}p{margin:.25rem 0 1rem;color:#666}p.bad{color:#b42318}"
    "form{margin:0 0 .5rem}label{display:block;font-size:.875rem;margin:.75rem 0 .25rem}"
    "input,button{box-sizing:border-box;width:100%;font:inherit;padding:.6rem .75rem;border-radius:8px}"
    "input{border:1px solid #888;background:transparent;color:inherit}"
    "button{border:1px solid #ccc;background:transparent;color:inherit;text-align:left;cursor:pointer}"
    "button.go{background:#4b46c8;border-color:#4b46c8;color:#fff;text-align:center;margin-top:1rem}"
    "small{display:block;color:#777}a{color:#4b46c8}"
    "@media(prefers-color-scheme:dark){body{background:#141416;color:#eee}main{background:#1c1c1f;border-color:#333}"
    "p,small{color:#aaa}p.bad{color:#ff8a80}button{border-color:#444}a{color:#a5a1ff}}"
)
_NOTE = "<p><small>A stand-in of Clerk on this machine. Nobody checks passwords here.</small></p>"


def sign_in(users: Iterable[Obj], query: str, back: str) -> str:
    """Everybody there is, as buttons."""
    people = "".join(
        f'<form method="post" action="/sign-in">{_hidden(back)}'
        f'<button name="user_id" value="{escape(user["id"])}">{escape(_name(user))}'
        f"<small>{escape(_email(user))}</small></button></form>"
        for user in users
    )
    more = f'<p>No account? <a href="/sign-up{escape(query)}">Sign up</a></p>'
    return _page("Sign in", f"<h1>Sign in</h1><p>to continue to Kapture</p>{people}{more}")


def sign_up(query: str, back: str, error: str = "") -> str:
    """A name and an address."""
    told = f'<p class="bad" role="alert">{escape(error)}</p>' if error else ""
    fields = "".join(
        f'<label for="{name}">{label}</label><input id="{name}" name="{name}" type="{kind}"{rest}>'
        for name, label, kind, rest in (
            ("first_name", "First name", "text", ""),
            ("last_name", "Last name", "text", ""),
            ("email_address", "Email address", "email", " required"),
        )
    )
    form = f'<form method="post" action="/sign-up">{_hidden(back)}{fields}<button class="go">Continue</button></form>'
    more = f'<p>Have an account? <a href="/sign-in{escape(query)}">Sign in</a></p>'
    return _page("Sign up", f"<h1>Create your account</h1><p>to continue to Kapture</p>{told}{form}{more}")


def words(title: str, text: str) -> str:
    """A page with nothing to do."""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>")


def _hidden(back: str) -> str:
    return f'<input type="hidden" name="redirect_url" value="{escape(back)}">'


def _name(user: Obj) -> str:
    names = [user.get("first_name"), user.get("last_name")]
    return " ".join(name for name in names if name) or _email(user) or str(user["id"])


def _email(user: Obj) -> str:
    return str(user["email_addresses"][0]["email_address"]) if user["email_addresses"] else ""


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head>'
        f"<body><main>{body}{_NOTE}</main></body></html>"
    )
