"""Pictures as files, made without a library."""

import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width=60, height=40, colour=(200, 30, 30), *chunks, claims=None):
    """A PNG of one colour: red, green, blue and, if given, opacity.

    `claims` is the size that its header names, if that is to be another one."""
    depth = {3: 2, 4: 6}[len(colour)]
    header = struct.pack(">IIBBBBB", *(claims or (width, height)), 8, depth, 0, 0, 0)
    rows = (b"\0" + bytes(colour) * width) * height
    return PNG + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def size(picture):
    """Width and height of a PNG or of a JPEG file."""
    if picture.startswith(PNG):
        return struct.unpack(">II", picture[16:24])
    position = 2
    while picture[position + 1] not in (0xc0, 0xc1, 0xc2):
        position += 2 + struct.unpack(">H", picture[position + 2:position + 4])[0]
    height, width = struct.unpack(">HH", picture[position + 5:position + 9])
    return width, height


def portrait(width, height):
    """Something like a person in front of a wall, as a PNG."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            across, down = (x - width / 2) / width, y / height
            head = across ** 2 * 2.2 + (down - 0.38) ** 2 < 0.035
            body = across ** 2 * 1.5 + (down - 1.05) ** 2 < 0.16
            rows += bytes((196, 150, 120) if head else (54, 84, 120) if body else (214, int(200 + 30 * down), 190))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
