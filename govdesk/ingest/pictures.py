"""A picture as delivered to the picture as kept: what it shows, and nothing of what a camera writes beside it.

The content decides what a file is, never its name. The picture is decoded, turned upright, converted to sRGB, made
smaller, painted onto a new one, and encoded anew: place, time, device, thumbnail, XMP, IPTC, comments, colour profile
and whatever is hidden behind its end have no way through.
"""

import io
import threading
from dataclasses import dataclass

from PIL import Image, ImageCms

from govdesk.rules.photos import LONG_SIDE, MOST_BYTES, MOST_PIXELS

#: Kinds taken in, by their first bytes.
_KINDS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF"}
#: JPEG quality as kept.
_QUALITY = 82
#: Pictures decoded at the same time: each may take 200 MB for a moment.
_TURN = threading.BoundedSemaphore(2)


class PictureRefusedError(ValueError):
    """The file is not taken in; `key` says why: empty, too_large, kind, broken or too_many_pixels."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: JPEG, sRGB, no more than `LONG_SIDE` pixels long."""

    content: bytes
    width: int
    height: int


def make_picture(data: bytes) -> Picture:
    """Return what is kept of a delivered file.

    Raises
    ------
    PictureRefusedError
        When it is empty, too large, no JPEG, PNG or WebP, broken, or of too many pixels.
    """
    if not data:
        raise PictureRefusedError("empty")
    if len(data) > MOST_BYTES:
        raise PictureRefusedError("too_large")
    kind = _find_kind(data)
    with _TURN:
        try:
            return _encode(_decode(data, kind))
        except PictureRefusedError:
            raise
        except Image.DecompressionBombError as error:
            raise PictureRefusedError("too_many_pixels") from error
        except Exception as error:  # a decoder says in many ways that a file is not what it claims to be
            raise PictureRefusedError("broken") from error


def _find_kind(data: bytes) -> str:
    kind = next((name for name, begin in _KINDS.items() if data.startswith(begin)), None)
    if kind is None or (kind == "WEBP" and data[8:12] != b"WEBP"):
        raise PictureRefusedError("kind")
    return kind


def _decode(data: bytes, kind: str) -> Image.Image:
    """Return the first picture of a file, upright, opaque, in sRGB, made smaller."""
    with Image.open(io.BytesIO(data), formats=[kind]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise PictureRefusedError("too_many_pixels")
        if kind == "JPEG":
            opened.draft("RGB" if opened.mode == "RGB" else None, (LONG_SIDE, LONG_SIDE))
        profile, turned = opened.info.get("icc_profile"), _find_turn(opened)
        opened.load()
        picture = opened.copy()
    picture = _flatten(picture)
    picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    if turned is not None:
        picture = picture.transpose(turned)
    return _to_srgb(picture, profile)


#: Value of the EXIF tag Orientation to how the picture is turned upright (EXIF 2.3, 4.6.4 A).
_TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
          5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
          8: Image.Transpose.ROTATE_90}
_ORIENTATION = 0x0112


def _find_turn(opened: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(opened.getexif().get(_ORIENTATION, 1))
    except Exception:
        return None  # whatever is wrong in a block that is thrown away


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB: by its own colour profile where that can be read."""
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
        else:
            return converted or picture.convert("RGB")
    return picture.convert("RGB")


def _flatten(picture: Image.Image) -> Image.Image:
    """Return the picture without transparency, on white, and without a palette."""
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        white = Image.new("RGB", clear.size, (255, 255, 255))
        white.paste(clear, mask=clear.getchannel("A"))
        return white
    return picture if picture.mode in ("RGB", "CMYK", "L") else picture.convert("RGB")


def _encode(picture: Image.Image) -> Picture:
    bare = Image.new("RGB", picture.size)  # a new one carries no comment, profile or thumbnail along
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Picture(out.getvalue(), bare.width, bare.height)


def make_preview(content: bytes, side: int) -> bytes:
    """Return a kept picture made smaller, as JPEG.

    Parameters
    ----------
    content : bytes
        As `make_picture` gave it.
    side : int
        Pixels of the longer side.
    """
    with _TURN, Image.open(io.BytesIO(content), formats=["JPEG"]) as opened:
        opened.draft("RGB", (side, side))
        picture = opened.convert("RGB")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _encode(picture).content
