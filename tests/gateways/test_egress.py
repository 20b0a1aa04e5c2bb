"""Which links and addresses are let through: the table of attacks and the odd but legal ones."""

import pytest

from kapture.core.errors import InvalidInput
from kapture.gateways.egress import check_url, is_public

REFUSED_URLS = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://127.8.8.8/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1%25lo]/",
    "http://[fe80::1%lo]/",
    "http://[[::1]]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://168.63.129.16/",
    "http://metadata.google.internal/",
    "http://10.0.0.5:6379/",
    "http://224.0.0.1/",
    "http://198.18.0.1/",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://127｡0｡0｡1/",
    "http://public.test@127.0.0.1/",
    "http://public.test:pw@127.0.0.1/",
    "http://public.test\\@127.0.0.1/",
    "http://127.0.0.1#@public.test/",
    " http://public.test/",
    "http://127.0.\t0.1/",
    "http://pub\tlic.test/",
    "http://public.test/%0d%0a\r\nHost: x",
    "//127.0.0.1/",
    "127.0.0.1:6379/x",
    "public.test/x",
    "file:///etc/passwd",
    "ftp://public.test/x",
    "gopher://public.test/",
    "dict://public.test:11211/",
    "data:text/plain,x",
    "rtmp://public.test/x",
    "rtsp://public.test/x",
    "udp://public.test:1/",
    "concat:a|b",
    "subfile,,start,0,end,0,,:/etc/passwd",
    "ytsearch:cats",
    "--exec=id",
    "-o/x",
    "http://public.test:22/",
    "http://public.test:25/",
    "http://public.test:99999/",
    "http://public.test:x/",
    "http://127.0.0.%31/",
    "http://%31%32%37.0.0.1/",
    "http://intranet/",
    "http://printer.local/",
    "http://router.lan/",
    "http://x.localhost/",
    "http:///path",
    "http://",
    "http://[::1",
    "http://[v1.a:b]/",
    "http://256.256.256.256/",
    "http://1.2.3.4.5/",
    "http://a..b/",
    "http://-/",
    "http://public.test/\x00",
    "http://public.test/\ud800",
    "http://public.test/" + "a" * 2048,
    "",
]
ACCEPTED_URLS = {
    "http://public.test/": "http://public.test/",
    "https://public.test": "https://public.test/",
    "HTTPS://Public.TEST/Path?q=1": "https://public.test/Path?q=1",
    "http://public.test:80/a": "http://public.test/a",
    "https://public.test:443/a": "https://public.test/a",
    "https://public.test:80/a": "https://public.test:80/a",
    "https://public.test/watch?v=1#__youtubedl_smuggle=%7B%22http_headers%22%3A1%7D": "https://public.test/watch?v=1",
    "http://93.184.216.34/x": "http://93.184.216.34/x",
    "http://[2606:2800:220:1::1]/x": "http://[2606:2800:220:1::1]/x",
    "http://[::ffff:93.184.216.34]/": "http://[::ffff:5db8:d822]/",
    "https://bücher.example/ä": "https://xn--bcher-kva.example/ä",
    "https://www.youtube.com/watch?v=abc&list=PL1": "https://www.youtube.com/watch?v=abc&list=PL1",
    "https://youtu.be/abc?t=10": "https://youtu.be/abc?t=10",
    "https://www.tiktok.com/@a.b/video/1": "https://www.tiktok.com/@a.b/video/1",
    "https://example.com./x": "https://example.com/x",
    "https://en.wikipedia.org/wiki/Foo_(bar)": "https://en.wikipedia.org/wiki/Foo_(bar)",
}
REFUSED_ADDRESSES = [
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1"),
    *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "3fff::1"),
    *("5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "2606:2800:220:1::1%lo", "fec0::1", "ff02::1"),
    *("localhost", "", "127.1", "2130706433", "0x7f000001", "example.com"),
]
PUBLIC_ADDRESSES = [
    *("1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1"),
    *("192.0.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.255", "168.63.129.17"),
    *("2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::1", "::ffff:8.8.8.8"),
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_a_link_that_could_lead_inside_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_url(url)
    assert refused.value.details["url"]


@pytest.mark.parametrize(("url", "plain"), ACCEPTED_URLS.items())
def test_an_ordinary_link_is_brought_to_one_spelling(url: str, plain: str) -> None:
    assert check_url(url) == plain
    assert check_url(plain) == plain


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_no_address_of_a_special_network_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_an_allowed_pair_opens_exactly_that_host_and_port() -> None:
    allow = {"127.0.0.1:8123", "[::1]:8123", "site.internal:80"}
    assert check_url("http://127.0.0.1:8123/a#b", allow=allow) == "http://127.0.0.1:8123/a"
    assert check_url("http://127.1:8123/a", allow=allow) == "http://127.0.0.1:8123/a"
    assert check_url("http://[::1]:8123/a", allow=allow) == "http://[::1]:8123/a"
    assert check_url("http://site.internal/a", allow=allow) == "http://site.internal/a"
    for other in ("http://127.0.0.1:8124/", "http://127.0.0.2:8123/", "http://127.0.0.1/", "http://site.internal:81/"):
        with pytest.raises(InvalidInput):
            check_url(other, allow=allow)
