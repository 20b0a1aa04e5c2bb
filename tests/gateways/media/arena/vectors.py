"""The ways in that are tried: by the link itself at the proxy, and by what a public page leads the engine to."""

from collections.abc import Mapping

HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"
VOD = HLS + "{}#EXT-X-ENDLIST\n"
METADATA = "http://169.254.169.254/latest/meta-data/"

# Asked of the proxy itself, as host and port: whatever the engine is brought to, this is where it ends.
TARGETS: Mapping[str, tuple[str, int]] = {
    "S01": ("127.0.0.1", 80),
    "S02": ("localhost", 80),
    "S03": ("LOCALHOST", 80),
    "S04": ("localhost.", 80),
    "S05": ("127.1", 80),
    "S06": ("2130706433", 80),
    "S07": ("0x7f000001", 80),
    "S08": ("0177.0.0.1", 80),
    "S09": ("0", 80),
    "S10": ("0.0.0.0", 80),
    "S11": ("127.8.8.8", 80),
    "S12": ("[::1]", 80),
    "S13": ("[::]", 80),
    "S14": ("[::ffff:127.0.0.1]", 80),
    "S15": ("[::ffff:7f00:1]", 80),
    "S16": ("[::127.0.0.1]", 80),
    "S17": ("[64:ff9b::a9fe:a9fe]", 80),
    "S18": ("[2002:a9fe:a9fe::]", 80),
    "S19": ("[fd00:ec2::254]", 80),
    "S20": ("[fe80::1%25lo]", 80),
    "S21": ("[[::1]]", 80),
    "S22": ("169.254.169.254", 80),
    "S23": ("100.100.100.200", 80),
    "S24": ("192.0.0.192", 80),
    "S25": ("168.63.129.16", 80),
    "S26": ("metadata.google.internal", 80),
    "S27": ("10.0.0.5", 6379),
    "S28": ("224.0.0.1", 80),
    "S29": ("198.18.0.1", 80),
    "S30": ("\uff11\uff12\uff17.\uff10.\uff10.\uff11", 80),
    "S31": ("\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", 80),
    "S32": ("127\u30020\u30020\u30021", 80),
    "S33": ("public.test@127.0.0.1", 80),
    "S34": ("public.test\\@127.0.0.1", 80),
    "S35": ("127.0.0.1#@public.test", 80),
    "S37": ("127.0.\t0.1", 80),
    "S38": ("127.0.0.1%0d%0aHost:", 80),
    "S47": ("private.test", 80),
    "S48": ("two.test", 443),
    "S48b": ("two-kinds.test", 443),
    "S50": ("cname.test", 80),
    "S51": ("mapped.test", 80),
    "S51b": ("nat64.test", 443),
    "S52": ("127.0.0.1.nip.test", 80),
    "S64": ("10.0.0.5", 443),
    "S65": ("public.test", 22),
    "S65b": ("public.test", 25),
    "any": ("any.test", 80),
    "loopback": ("loopback.test", 443),
    "port": ("public.test", 8000),
}


def page(markup: str) -> str:
    """A page of the public host."""
    return f"<!doctype html><html><head><title>A page</title></head><body>{markup}</body></html>"


def dash(base: str) -> str:
    """A DASH manifest whose media lies at `base`."""
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" profiles="urn:x" '
        'mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" '
        f'bandwidth="9" codecs="avc1.42c00d" width="320" height="240"><BaseURL>{base}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    )


# Redirects of the public host: path -> status and target.
REDIRECTS: Mapping[str, tuple[int, str]] = {
    "/S40.mp4": (302, METADATA),
    "/S41.mp4": (307, "http://127.0.0.1:8000/x"),
    "/S41b.mp4": (308, "http://10.0.0.5/x"),
    "/S42.mp4": (302, "/S42-1.mp4"),
    "/S42-1.mp4": (302, "http://public.test/S42-2.mp4"),
    "/S42-2.mp4": (301, "http://localhost/x"),
    "/S43.mp4": (302, "https://private.test/x"),
    "/S45.mp4": (302, "file:///etc/passwd"),
    "/S46.mp4": (302, "ftp://127.0.0.1/x"),
    "/S46b.mp4": (302, "gopher://127.0.0.1:6379/x"),
    "/S46c.mp4": (302, "dict://127.0.0.1:6379/x"),
    "/thumbnail.png": (302, "http://192.168.1.1/x.png"),
}
# What the public host serves: path -> type and body.
PAGES: Mapping[str, tuple[str, str]] = {
    "/S44": ("text/html", page(f'<meta http-equiv="refresh" content="0; url={METADATA}">')),
    "/S54": ("text/html", page('<video src="http://127.0.0.1:8000/clip.mp4"></video>')),
    "/S54b": ("text/html", page('<meta property="og:video" content="http://[::1]/clip.mp4">')),
    "/S54c": ("text/html", page('<video src="/thumb.mp4" poster="/thumbnail.png"></video>')),
    "/S54d": (
        "text/html",
        page(
            '<script type="application/ld+json">{"@context":"https://schema.org","@type":"VideoObject","name":"x",'
            '"contentUrl":"http://100.100.100.200/clip.mp4"}</script>'
        ),
    ),
    "/S54e": ("text/html", page('<video src="http://private.test/clip.mp4"></video>')),
    "/S55.m3u8": ("application/vnd.apple.mpegurl", VOD.format("#EXTINF:1,\nhttp://10.0.0.5/a.ts\n")),
    "/S55b.m3u8": ("application/vnd.apple.mpegurl", VOD.format("#EXTINF:1,\nhttps://[fd00:ec2::254]/a.ts\n")),
    "/S56.m3u8": (
        "application/vnd.apple.mpegurl",
        VOD.format(f'#EXT-X-KEY:METHOD=AES-128,URI="{METADATA}"\n#EXTINF:1,\na.ts\n'),
    ),
    "/S56b.m3u8": (
        "application/vnd.apple.mpegurl",
        VOD.format('#EXT-X-MAP:URI="http://192.168.1.1/init.mp4"\n#EXTINF:1,\na.ts\n'),
    ),
    "/S57.m3u8": ("application/vnd.apple.mpegurl", HLS + "#EXTINF:1,\nhttp://127.0.0.1:8000/a.ts\n"),
    "/S57b.m3u8": (
        "application/vnd.apple.mpegurl",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:8000/b.m3u8\n",
    ),
    "/S58.m3u8": ("application/vnd.apple.mpegurl", VOD.format("#EXTINF:1,\nfile:///etc/passwd\n")),
    "/S59.mpd": ("application/dash+xml", dash("http://127.0.0.1:6379/a.mp4")),
    "/S59b.mpd": ("application/dash+xml", dash("https://two.test/a.mp4")),
    "/S60.m3u8": ("application/vnd.apple.mpegurl", VOD.format("#EXTINF:1,\nrtmp://127.0.0.1/a\n")),
    "/S60b.m3u8": ("application/vnd.apple.mpegurl", VOD.format("#EXTINF:1,\nsubfile,,start,0,end,9,,:/etc/passwd\n")),
}
# Links that the engine is given, by vector.
LINKS: Mapping[str, str] = {
    **{
        path[1:].partition(".")[0]: f"http://public.test{path}"
        for path in (*REDIRECTS, *PAGES)
        if path.startswith("/S") and "-" not in path
    },
    "S35": "http://127.0.0.1#@public.test/",
    "S36": " http://127.0.0.1/",
    "S39": "//127.0.0.1/",
    "S39b": "127.0.0.1:6379/x",
    "S49": "http://rebind.test/clip.mp4",
    "S53": "http://silent.test/clip.mp4",
    "S61": 'http://public.test/S55.m3u8#__youtubedl_smuggle={"http_headers":{"Host":"127.0.0.1"}}',
    "S62": "ytsearch:cats",
    "S62b": "--exec=id",
    # With NO_PROXY set to everything in the environment of the engine.
    "S63": "http://two.test/clip.mp4",
}
# What the weaker walls are tried with, what the suite tries, and everything.
SETS: Mapping[str, tuple[str, ...]] = {
    "few": ("S40", "S54", "S55", "S49"),
    "core": ("S40", "S41", "S42", "S43", "S54c", "S55b", "S56", "S57b", "S59b", "S49", "S63"),
    "all": tuple(LINKS),
}
