"""Who works for us; a missing key switches the vendor off."""

from django.core.exceptions import ImproperlyConfigured

from kapture.settings.env import env, price_list, secret
from kapture.settings.providers import address, providers
from kapture.settings.service import service_address
from kapture.settings.ways_out import one_of, upstreams

# Loaded before a worker divides, so that its processes share them; others load them with their first call.
CELERY_IMPORTS = ["kapture.gateways.scraping.apify", "kapture.gateways.writing.gateway"]
SANDBOX = frozenset(env.list("KAPTURE_SANDBOX", default=[]))
APIFY_API_TOKEN = env.str("APIFY_API_TOKEN", default="")
APIFY_API_URL = env.str("APIFY_API_URL", default="https://api.apify.com")
APIFY_ACTORS = {
    "youtube": env.str("APIFY_ACTOR_YOUTUBE", default="streamers/youtube-scraper"),
    "tiktok": env.str("APIFY_ACTOR_TIKTOK", default="clockworks/tiktok-scraper"),
    "reddit": env.str("APIFY_ACTOR_REDDIT", default="trudax/reddit-scraper-lite"),
    "x": env.str("APIFY_ACTOR_X", default="apidojo/tweet-scraper"),
}
APIFY_MAX_CHARGE_USD = env.str("APIFY_MAX_CHARGE_USD", default="1.00")
APIFY_RUN_SECONDS = env.int("APIFY_RUN_SECONDS", default=300)
APIFY_TIMEOUT_SECONDS = env.float("APIFY_TIMEOUT_SECONDS", default=6.0)
# Who searches which platform, such as "youtube=ytdlp,reddit=reddit,x=off"; others are asked as keys allow.
SCRAPING_PROVIDERS = providers(env.str("SCRAPING_PROVIDERS", default=""), has_token=bool(APIFY_API_TOKEN))
SCRAPING_SEARCH_SECONDS = env.float("SCRAPING_SEARCH_SECONDS", default=60.0)
YOUTUBE_PROXY = address("YOUTUBE_PROXY", default="")
REDDIT_API_URL = address("REDDIT_API_URL", default="https://www.reddit.com")
REDDIT_READ_SECONDS = env.float("REDDIT_READ_SECONDS", default=15.0)
REDDIT_USER_AGENT = env.str("REDDIT_USER_AGENT", default="web:kapture:0.1 (self-hosted trend search)")
OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="https://api.openai.com/v1")
OPENAI_MODEL = env.str("OPENAI_MODEL", default="gpt-5.4-mini")
# What the model costs, as "input/output" in US dollars a million tokens; without it costs are shown as unknown.
OPENAI_PRICE = env.str("OPENAI_PRICE", default="")
OPENAI_PRICES = price_list(OPENAI_MODEL, OPENAI_PRICE)
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
# Where the hosted pages are: Chromium lets a form be redirected only to origins that the policy names.
_HOSTED = ["https://checkout.stripe.com", "https://billing.stripe.com"]
STRIPE_PAGES = env.list(
    "STRIPE_PAGES", default=_HOSTED if STRIPE_API_BASE == "https://api.stripe.com" else [STRIPE_API_BASE]
)
# host:port pairs the downloader may reach although their address is not public (the sandbox's video site).
EGRESS_ALLOW = frozenset(env.list("EGRESS_ALLOW", default=[]))
# Proxies behind which the downloader reaches the world, used in turn; their credentials are written nowhere.
YTDLP_PROXIES = upstreams("YTDLP_PROXIES")
# auto: every wall this machine can raise; require: none without a network of its own; off: proxy and guard alone.
DOWNLOAD_SANDBOX = one_of("DOWNLOAD_SANDBOX", ("auto", "require", "off"))
DOWNLOAD_MAX_BYTES = env.int("DOWNLOAD_MAX_BYTES", default=2 << 30)
# How far fetches step back for everything else on the machine, from 0 to 19 (nice(2)).
DOWNLOAD_NICENESS = env.int("DOWNLOAD_NICENESS", default=10)
DOWNLOAD_MAX_SECONDS = env.int("DOWNLOAD_MAX_SECONDS", default=1800)
# The same engine on another machine, and the token that both sides share; without an address this machine fetches.
YTDLP_SERVICE_URL = service_address("YTDLP_SERVICE_URL")
YTDLP_SERVICE_TOKEN = secret("YTDLP_SERVICE_TOKEN", shortest=32)
if YTDLP_SERVICE_URL and not YTDLP_SERVICE_TOKEN:
    raise ImproperlyConfigured("YTDLP_SERVICE_URL needs YTDLP_SERVICE_TOKEN, the token that the service was given.")
