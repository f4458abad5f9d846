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
    frames[0].save(folder / "dance.gif", save_all=True, append_images=frames[1:], duration=80, loop=0)


def bomb(edge):
    """A PNG of a few kilobytes that unfolds to gigabytes."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

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
    # What only looks like a film: a playlist that names a file of the server.
    (folder / "playlist.mp4").write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")


photo()
drawings()
bomb(30_000)
films()
