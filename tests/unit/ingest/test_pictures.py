"""A photo as kept shows what it showed and says nothing else; what is no photo is refused."""

import io
import random
import struct
import zlib

import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from govdesk.ingest.pictures import PictureRefusedError, make_picture
from govdesk.rules.photos import LONG_SIDE, MOST_BYTES

SECRETS = (b"Exif", b"GPS", b"http://ns.adobe", b"Photoshop", b"SECRET", b"ICC_PROFILE", b"iPhone", b"JFXX")


def _picture(width=800, height=600):
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    picture.paste((20, 160, 40), (0, 0, width // 2, height // 2))
    return picture


def _bytes(picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _exif(orientation=1):
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "SECRET maker", "iPhone"
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.DateTime] = "2026:11:20 08:00:00"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (27.0, 3.0, 36.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (110.0, 34.0, 12.0)
    return exif


def _open(content):
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("profile", [None, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()])
def test_place_time_device_thumbnail_and_comments_are_gone(profile):
    iptc = b"\xff\xed" + struct.pack(">H", 2 + 24) + b"Photoshop 3.0\x00SECRET 8BIM"[:24].ljust(24, b"\x00")
    given = _bytes(_picture(), "JPEG", exif=_exif(), icc_profile=profile, comment=b"SECRET comment",
                   xmp=b"<x:xmpmeta>SECRET http://ns.adobe.com/</x:xmpmeta>")
    given = given[:2] + iptc + given[2:]
    assert _open(given).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert b"SECRET" in given
    found = make_picture(given).content
    kept = _open(found)
    assert dict(kept.getexif()) == {}
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert [one for one in SECRETS if one in found] == []
    # Markers: APP0 and what decodes the picture, no other application block and no comment.
    assert not any(found[at] == 0xFF and (0xE1 <= found[at + 1] <= 0xEF or found[at + 1] == 0xFE)
                   for at in range(found.index(b"\xff\xda")))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_upright_before_the_mark_that_says_so_goes(orientation):
    upright = Image.new("RGB", (60, 40), (255, 255, 255))
    upright.paste((255, 0, 0), (0, 0, 30, 20))  # the red corner is above to the left
    undone = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
              4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
              7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270}[orientation]
    stored = upright if undone is None else upright.transpose(undone)
    found = make_picture(_bytes(stored, "JPEG", exif=_exif(orientation), quality=95))
    assert (found.width, found.height) == (60, 40)
    kept = _open(found.content)
    red, white = kept.getpixel((8, 8)), kept.getpixel((50, 30))
    assert red[0] > 200 > red[1] + 100
    assert min(white) > 200


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "1"),
                                            ("WEBP", "RGB"), ("WEBP", "RGBA"), ("JPEG", "L"), ("JPEG", "CMYK")])
def test_every_kind_becomes_a_plain_jpeg(kind, mode):
    found = make_picture(_bytes(_picture().convert(mode), kind))
    kept = _open(found.content)
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (800, 600))


def test_what_was_see_through_is_white():
    assert min(_open(make_picture(_bytes(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")).content).getpixel((9, 9))) > 250


def test_texts_of_png_and_exif_of_webp_are_gone():
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", "SECRET")
    texts.add_text("Comment", "SECRET", zip=True)
    for given in (_bytes(_picture(), "PNG", pnginfo=texts, exif=_exif()), _bytes(_picture(), "WEBP", exif=_exif(), xmp=b"SECRET")):
        found = make_picture(given).content
        assert [one for one in SECRETS if one in found] == []


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (3000, 4000), (5000, 10)])
def test_picture_is_made_smaller(width, height):
    found = make_picture(_bytes(_picture(width, height), "JPEG"))
    assert max(found.width, found.height) == LONG_SIDE
    assert abs(found.width / found.height - width / height) < 0.35 * width / height


def test_colour_profile_that_cannot_be_used_is_left_aside():
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))  # cannot describe RGB: left aside
    found = make_picture(_bytes(_picture(), "JPEG", icc_profile=wide.tobytes()))
    assert _open(found.content).mode == "RGB"
    assert make_picture(_bytes(_picture(), "JPEG", icc_profile=b"no profile at all")).width == 800


def test_what_is_hidden_behind_a_picture_is_gone():
    page = b"<html><script>alert('SECRET')</script></html>"
    archive = b"PK\x03\x04SECRET"
    for given in (_bytes(_picture(), "JPEG") + page + archive, _bytes(_picture(), "PNG") + page):
        found = make_picture(given).content
        assert b"SECRET" not in found
        assert b"<script" not in found
        assert found.endswith(b"\xff\xd9")


def _key(data):
    with pytest.raises(PictureRefusedError) as caught:
        make_picture(data)
    return caught.value.key


def test_file_cut_short_is_refused():
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = _bytes(Image.effect_noise((300, 300), 80).convert("RGB"), kind)
        assert _key(whole[:len(whole) // 2]) == "broken"
        assert _key(whole[:20]) == "broken"


@pytest.mark.parametrize("data", [
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"GIF89a" + b"\0" * 50, b"BM" + b"\0" * 50,
    b"%PDF-1.4", b"II*\0" + b"\0" * 50, b"\0\0\0 ftypheic" + b"\0" * 50, b"RIFF\0\0\0\0WAVEfmt ", b"hello", b"PK\x03\x04"])
def test_only_jpeg_png_and_webp_are_taken_by_their_content(data):
    assert _key(data) == "kind"


@pytest.mark.parametrize("data", [b"\xff\xd8\xff" + b"x" * 500, b"\x89PNG\r\n\x1a\n" + b"x" * 500, b"RIFF\0\0\0\0WEBP" + b"x" * 500,
                                  b"\xff\xd8\xff<svg/>"])
def test_what_only_begins_like_a_picture_is_refused(data):
    assert _key(data) == "broken"


def test_empty_and_too_large_files_are_refused():
    assert _key(b"") == "empty"
    assert _key(_bytes(_picture(), "JPEG").ljust(MOST_BYTES + 1, b"\0")) == "too_large"


def _png_of(width, height):
    """Make a PNG that says it is huge in a few bytes."""
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(8000, 8000), (12_000, 12_000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_bomb_is_refused_before_it_is_unpacked(width, height):
    assert _key(_png_of(width, height)) in ("too_many_pixels", "broken")
    assert _key(_png_of(8000, 8000)) == "too_many_pixels"


def test_text_that_unpacks_to_gigabytes_is_refused():
    body = b"Comment\0\0" + zlib.compress(b"\0" * 20_000_000)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    given = _bytes(_picture(20, 20), "PNG")
    assert _key(given[:33] + chunk + given[33:]) == "broken"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_files_are_taken_whole_or_refused(kind):
    chance = random.Random(kind)
    options = {} if kind == "PNG" else {"quality": 60}
    whole = _bytes(Image.effect_noise((64, 48), 80).convert("RGB"), kind, exif=_exif(6), **options)
    outcomes = set()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(data))
            data[at:at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        try:
            found = make_picture(bytes(data))
        except PictureRefusedError as error:
            outcomes.add(error.key)
        else:
            outcomes.add("taken")
            assert [one for one in SECRETS if one in found.content] == []
            assert max(_open(found.content).size) <= LONG_SIDE
    assert outcomes <= {"taken", "broken", "kind", "too_many_pixels"}
    assert "broken" in outcomes
