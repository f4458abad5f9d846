"""Writes the files that the tests upload, into a folder: pictures by Pillow, films by ffmpeg."""

import pathlib
import struct
import subprocess
import sys
import zlib

from PIL import Image, ImageCms

folder = pathlib.Path(sys.argv[1])


def photo():
    """A photograph that lies on its side and tells where it was taken, in a profile of its own."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.effect_noise((800, 600), 60).convert("RGB")
    picture.save(folder / "photo.jpg", exif=exif, icc_profile=profile, quality=80)
    picture.convert("RGB").save(folder / "photo.webp", exif=exif, icc_profile=profile)


def drawings():
    Image.new("RGBA", (300, 200), (200, 30, 30, 128)).save(folder / "drawing.png")
    # As different from each other as can be, so that no encoder takes two for one.
    frames = [Image.new("RGB", (100, 50), f"hsl({36 * index},100%,50%)") for index in range(10)]
    frames[0].save(
        folder / "dance.gif", save_all=True, append_images=frames[1:], duration=80, loop=0, comment=b"SecretCamera"
    )
    frames[0].save(folder / "dance.png", save_all=True, append_images=frames[1:], duration=80, loop=3)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def endless():
    """A PNG that says that it has two thousand million frames."""
    still = (folder / "drawing.png").read_bytes()
    frames = chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    (folder / "endless.png").write_bytes(still[:33] + frames + still[33:])


def bomb(edge):
    """A PNG of a few kilobytes that unfolds to gigabytes."""
    packer = zlib.compressobj(9)
    row = b"\0" * (edge // 8 + 1)
    data = b"".join(packer.compress(row) for _ in range(edge)) + packer.flush()
    header = struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    (folder / "bomb.png").write_bytes(png)


def films():
    base = ["ffmpeg", "-v", "error", "-y"]
    picture = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=10"]
    sound = ["-f", "lavfi", "-i", "sine=frequency=440"]
    place = ["-movflags", "use_metadata_tags", "-metadata", "location=+52.5+013.4/"]
    subprocess.run(
        base + picture + sound + ["-t", "2", "-pix_fmt", "yuv420p"] + place + [folder / "film.mp4"], check=True)
    subprocess.run(base + sound + ["-t", "1", folder / "tone.wav"], check=True)
    for angle in (90, 180, 270):
        turn = ["-c", "copy", "-metadata:s:v", f"rotate={angle}"]
        subprocess.run(base + ["-i", folder / "film.mp4"] + turn + [folder / f"film-{angle}.mp4"], check=True)
    wide = ["-t", "1", "-vf", "setsar=2/1", "-pix_fmt", "yuv420p"]
    subprocess.run(base + picture + wide + [folder / "film-wide.mp4"], check=True)
    subprocess.run(base + picture + ["-t", "1", folder / "film.ogv"], check=True)


def sounds():
    """Sounds in containers that are known for films, as browsers and phones record them, and one with a cover."""
    base = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "sine=frequency=440"]
    # A browser writes while it records, and knows no length at the beginning.
    live = subprocess.run(
        base + ["-t", "2", "-c:a", "libopus", "-f", "webm", "-live", "1", "pipe:1"], check=True, capture_output=True
    )
    (folder / "voice.webm").write_bytes(live.stdout)
    for name in ("voice.ogg", "voice.mkv"):
        subprocess.run(base + ["-t", "2", "-c:a", "libopus", folder / name], check=True)
    for name in ("voice.mp4", "voice.mov", "voice.3gp", "voice.aac"):
        subprocess.run(base + ["-t", "2", "-c:a", "aac", folder / name], check=True)
    cover = ["-i", folder / "drawing.png", "-t", "2", "-map", "0", "-map", "1", "-disposition:v", "attached_pic"]
    subprocess.run(base + cover + [folder / "covered.mp3"], check=True)
    subprocess.run(base + cover + ["-c:v", "png", folder / "covered.m4a"], check=True)
    # As long as a sound of a soundboard may be, with a name in it; longer; and one whose beginning says half of its length.
    length = {"edge.ogg": "5.2", "long.ogg": "5.4", "half.mp3": "3"}
    for name, seconds in length.items():
        subprocess.run(base + ["-t", seconds, "-metadata", "title=SecretTitle", folder / name], check=True)
    (folder / "doubled.mp3").write_bytes((folder / "half.mp3").read_bytes() * 2)
    # What only looks like a film: a playlist that names a file of the server.
    (folder / "playlist.mp4").write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")


photo()
drawings()
endless()
bomb(30_000)
films()
sounds()
