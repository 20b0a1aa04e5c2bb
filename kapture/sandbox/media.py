"""Makes the sample media with ffmpeg: one short loop for each look, and from it any length and format without coding.

Everything lands in a cache folder, whole or not at all; a second caller for an unfinished file waits for the first.
"""

import os
import struct
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import imageio_ffmpeg

from kapture.sandbox.clips import LOOKS, Clip
from kapture.sandbox.pictures import avatar, draw

LOOP_SECONDS = 6
RATE = 15
HEIGHTS = (360, 180)
SEGMENT_SECONDS = 4
# Lengths are cut from the loops on demand; of these files, only as many bytes are kept.
KEPT_BYTES = 400 << 20
LEFT_OVER_SECONDS = 600
# Chords whose frequencies are multiples of 1/6 Hz, so that six seconds of them end as they began.
_CHORDS = ((110, 165, 220), (98, 147, 196), (131, 196, 262), (87, 131, 175), (123, 185, 247))
FORMATS = ("mp4", "webm", "mp3", "m4a", "gif", "jpg")


Maker = Callable[[Path], None]


class CannotMakeError(Exception):
    """ffmpeg did not make a file; the text is its last words."""


class Workshop:
    """Files by clip and format, made when they are first wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()
        self._children: set[subprocess.Popen[str]] = set()
        self._closed = False

    def close(self) -> None:
        """Stop what ffmpeg is doing; nothing more is made."""
        with self._guard:
            self._closed = True
            children = list(self._children)
        for child in children:
            child.kill()
            child.wait()

    def warm(self) -> threading.Thread:
        """Begin to make the loops of all looks in the background."""
        thread = threading.Thread(target=self._warm, name="workshop", daemon=True)
        thread.start()
        return thread

    def file(self, clip: Clip, ending: str, height: int = HEIGHTS[0]) -> Path:
        """The clip as mp4 (in one of `HEIGHTS`), webm, mp3, m4a, gif (its first seconds) or jpg."""
        match ending:
            case "jpg":
                return self.picture(clip, "jpg")
            case "gif":
                return self._made(f"loops/{clip.look}.gif", lambda path: self._gif(clip.look, path))
            case "mp4":
                name = f"clips/{clip.look}-{height}-{clip.seconds}.mp4"
                return self._made(name, lambda path: self._cut(self.loop(clip.look, height), clip, path, ()))
            case "m4a":
                loop = self.loop(clip.look, HEIGHTS[-1])
                return self._made(
                    f"clips/{clip.look}-{clip.seconds}.m4a", lambda path: self._cut(loop, clip, path, ("-vn",))
                )
            case _:
                loop = self._made(f"loops/{clip.look}.{ending}", lambda path: self._recoded(clip.look, ending, path))
                name = f"clips/{clip.look}-{clip.seconds}.{ending}"
                return self._made(name, lambda path: self._cut(loop, clip, path, ()))

    def playlist(self, clip: Clip, height: int) -> Path:
        """The HLS playlist of a clip; its segments lie beside it."""
        name = f"clips/{clip.look}-{height}-{clip.seconds}-hls"
        return self._made(name, lambda path: self._segmented(clip, height, path)) / "index.m3u8"

    def padded(self, clip: Clip, size: int) -> Path:
        """The clip's mp4 with the head of a box behind it that fills up to `size` bytes; the zeros are the sender's."""

        def pad(path: Path) -> None:
            body = self.file(clip, "mp4", HEIGHTS[-1]).read_bytes()
            path.write_bytes(body + struct.pack(">I4s", size - len(body), b"free"))

        return self._made(f"loops/padded-{size}.mp4", pad)

    def picture(self, clip: Clip, ending: str = "webp") -> Path:
        """A thumbnail of its own for every slug, 480x270 as webp and 640x360 as jpg."""
        size = (480, 270) if ending == "webp" else (640, 360)

        def paint(path: Path) -> None:
            kind = {"webp": "WEBP", "jpg": "JPEG"}[ending]
            draw(clip.look, clip.seed, *size).save(path, kind, quality=84)

        return self._made(f"pictures/{clip.look}-{clip.seed:012x}.{ending}", paint)

    def avatar(self, key: str) -> Path:
        """A small round-about picture for an author's key of letters and digits."""
        return self._made(f"pictures/avatar-{key}.webp", lambda path: avatar(key).save(path, "WEBP", quality=80))

    def loop(self, look: str, height: int) -> Path:
        """Six seconds of a look that end as they begin, with sound."""
        return self._made(f"loops/{look}", lambda path: self._looped(look, path)) / f"{height}.mp4"

    def _warm(self) -> None:
        for left_over in self.folder.glob("part-*"):
            if time.time() - left_over.stat().st_mtime > LEFT_OVER_SECONDS:
                rmtree(left_over, ignore_errors=True)
        with suppress(CannotMakeError):
            for look in LOOKS:
                self.loop(look, HEIGHTS[0])

    def _made(self, name: str, make: Maker) -> Path:
        """The path of a cached file or folder, made in a folder aside and moved to its place in one step."""
        target = self.folder / name
        with self._guard:
            lock = self._locks[name]
        with lock:
            if target.exists():
                os.utime(target, (time.time(), target.stat().st_mtime))
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                with TemporaryDirectory(dir=self.folder, prefix="part-") as aside:
                    part = Path(aside) / target.name
                    make(part)
                    _moved(part, target)
                self._prune()
        return target

    def _prune(self) -> None:
        """Delete the cut files not used for longest, beyond the limit; open ones stay readable until closed."""
        paths = list((self.folder / "clips").glob("*"))
        total = 0
        for path in sorted(paths, key=lambda path: path.stat().st_atime, reverse=True):
            total += path.stat().st_size + sum(part.stat().st_size for part in path.glob("*"))
            if total > KEPT_BYTES:
                rmtree(path) if path.is_dir() else path.unlink()

    def _looped(self, look: str, path: Path) -> None:
        """One wide picture along which the camera glides there and back, and a soft chord."""
        path.mkdir()
        still = path / "still.png"
        draw(look, 0, 800, 450).save(still)
        glide = f"2*PI*t/{LOOP_SECONDS}"
        crop = f"crop=640:360:x='(iw-ow)*(0.5-0.5*cos({glide}))':y='(ih-oh)*(0.5+0.45*sin({glide}))'"
        chord = _CHORDS[LOOKS.index(look) % len(_CHORDS)]
        tones = "+".join(f"0.1*sin(2*PI*{note}*t)" for note in chord)
        sound = f"aevalsrc=({tones})*(0.7+0.3*sin({glide})):s=44100:d={LOOP_SECONDS}"
        coder = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "27", "-pix_fmt", "yuv420p", "-g", str(RATE * 2))
        video = (*coder, "-bf", "0", "-video_track_timescale", "15360")
        audio = ("-c:a", "aac", "-b:a", "64k", "-shortest", "-movflags", "+faststart")
        outputs = [
            text
            for height in HEIGHTS
            for text in ("-map", f"[v{height}]", "-map", "1:a", *video, *audio, str(path / f"{height}.mp4"))
        ]
        small = f"[b]scale=-2:{HEIGHTS[1]}[v{HEIGHTS[1]}]"
        graph = f"[0:v]{crop},format=yuv420p,split=2[v{HEIGHTS[0]}][b];{small}"
        source = ("-loop", "1", "-framerate", str(RATE), "-t", str(LOOP_SECONDS), "-i", str(still))
        self._run([*source, "-f", "lavfi", "-i", sound, "-filter_complex", graph, *outputs])
        still.unlink()

    def _recoded(self, look: str, ending: str, path: Path) -> None:
        codec = {
            "webm": ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-c:a", "libopus"),
            "mp3": ("-vn", "-c:a", "libmp3lame", "-b:a", "96k"),
        }[ending]
        self._run(["-i", str(self.loop(look, HEIGHTS[-1])), *codec, str(path)])

    def _gif(self, look: str, path: Path) -> None:
        graph = "fps=8,scale=240:-2,split[a][b];[a]palettegen=max_colors=64[p];[b][p]paletteuse=dither=none"
        self._run(["-t", "3", "-i", str(self.loop(look, HEIGHTS[-1])), "-filter_complex", graph, str(path)])

    def _cut(self, loop: Path, clip: Clip, path: Path, options: Sequence[str]) -> None:
        """The loop as often as it takes, cut to the clip's length; nothing is coded again."""
        front = ("-movflags", "+faststart") if path.suffix in (".mp4", ".m4a") else ()
        again = ("-stream_loop", "-1", "-i", str(loop), "-t", str(max(clip.seconds, 1)))
        self._run([*again, "-c", "copy", *options, *front, str(path)])

    def _segmented(self, clip: Clip, height: int, path: Path) -> None:
        path.mkdir()
        again = ("-stream_loop", "-1", "-i", str(self.loop(clip.look, height)), "-t", str(max(clip.seconds, 1)))
        form = ("-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod", "-hls_list_size", "0")
        names = ("-hls_segment_filename", str(path / "%05d.ts"), str(path / "index.m3u8"))
        self._run([*again, "-c", "copy", *form, *names])

    def _run(self, arguments: Sequence[str]) -> None:
        command = [self._ffmpeg, "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments]
        with self._guard:
            if self._closed:
                raise CannotMakeError("the workshop is closed")
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            self._children.add(child)
        try:
            told = child.communicate()[1]
        finally:
            with self._guard:
                self._children.discard(child)
        if child.returncode:
            raise CannotMakeError(told[-500:])


def _moved(part: Path, target: Path) -> None:
    """Put a finished file or folder in its place; another process with the same cache may have been faster."""
    try:
        part.rename(target)
    except OSError:
        if not target.exists():
            raise
